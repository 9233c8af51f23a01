#include "tls.h"

#include "log.h"
#include "loop.h"

#include <assert.h>
#include <signal.h>
#include <sys/stat.h>

#include "mem.h"

#define LOOK_MS 2000
#define FILES 8

const struct config_row tls_config[] = {
    {"tls.certificate", CONFIG_TEXT, "",     0, 4000, "file of this CSE's certificate and the chain to its authority, PEM" },
    {"tls.key",         CONFIG_TEXT, "",     0, 4000, "file of its private key, PEM"                                       },
    {"tls.ca",          CONFIG_TEXT, "",     0, 4000, "file of the authorities whose client certificates are accepted, PEM"},
    {"tls.clients",     CONFIG_TEXT, "none", 1, 10,   "certificates of clients: none (not asked for), optional or required"},
    {"tls.minimum",     CONFIG_TEXT, "1.2",  1, 3,    "oldest version of TLS that is spoken: 1.2 or 1.3"                   },
    {NULL,              CONFIG_TEXT, NULL,   0, 0,    NULL                                                                 },
};

/* A file as it was when it was looked at last. */
struct version {
    struct timespec changed;
    off_t size;
    ino_t inode;
};

static struct {
    const char *paths[FILES];
    struct version seen[FILES];
    int count;
    void (*changed)(void);
    struct loop_timer *timer;
    uv_signal_t hangup;
} watch;

static enum tls_clients clients(void)
{
    static const char *const names[] = {"none", "optional", "required"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(config_text("tls.clients"), names[i]) == 0)
            return (enum tls_clients)i;
    config_refuse("tls.clients", "must be none, optional or required");
}

void tls_check(struct tls_settings *s)
{
    *s = (struct tls_settings){.certificate = config_text("tls.certificate"),
                               .key = config_text("tls.key"),
                               .ca = config_text("tls.ca"),
                               .clients = clients(),
                               .only_13 = strcmp(config_text("tls.minimum"), "1.3") == 0};
    if (!*s->certificate)
        config_refuse("tls.certificate", "is needed for TLS; services/supervisor/certificate makes one for trying");
    if (!*s->key)
        config_refuse("tls.key", "is needed for TLS, together with tls.certificate");
    if (s->clients != TLS_CLIENTS_NONE && !*s->ca)
        config_refuse("tls.ca", "is needed: who would vouch for the clients that tls.clients asks for a certificate?");
    if (!s->only_13 && strcmp(config_text("tls.minimum"), "1.2") != 0)
        config_refuse("tls.minimum", "must be 1.2 or 1.3: older versions are broken");
}

const char *tls_setting_of(const struct tls_settings *s, const char *file)
{
    return file == s->key ? "tls.key" : file == s->ca ? "tls.ca" : "tls.certificate";
}

/* ---- changes ---- */

/* Replaced files count when both the certificate and its key are there again; a missing one is not looked at yet. */
static bool look(void)
{
    bool changed = false;
    struct stat st;

    for (int i = 0; i < watch.count; i++) {
        struct version now;

        if (stat(watch.paths[i], &st) < 0)
            continue;
        now = (struct version){st.st_mtim, st.st_size, st.st_ino};
        changed = changed || now.changed.tv_sec != watch.seen[i].changed.tv_sec ||
                  now.changed.tv_nsec != watch.seen[i].changed.tv_nsec || now.size != watch.seen[i].size ||
                  now.inode != watch.seen[i].inode;
        watch.seen[i] = now;
    }
    return changed;
}

static void on_look(void *context)
{
    (void)context;
    if (look())
        watch.changed();
}

static void on_hangup(uv_signal_t *handle, int number)
{
    (void)handle, (void)number;
    look();
    watch.changed();
}

void tls_watch_files(const char *const *paths, int count, void (*changed)(void))
{
    assert(count <= FILES && !watch.timer);
    for (int i = 0; i < count; i++)
        if (*paths[i])
            watch.paths[watch.count++] = paths[i];
    watch.changed = changed;
    look();
    watch.timer = loop_timer_new(on_look, NULL);
    loop_timer_start(watch.timer, LOOK_MS, LOOK_MS);
    uv_signal_init(loop_get(), &watch.hangup);
    uv_signal_start(&watch.hangup, on_hangup, SIGHUP);
    uv_unref((uv_handle_t *)&watch.hangup);
}

void tls_watch(const struct tls_settings *s, void (*changed)(void))
{
    const char *const paths[] = {s->certificate, s->key, s->ca};

    tls_watch_files(paths, ARRAY_LEN(paths), changed);
}
