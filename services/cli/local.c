#include "local.h"

#include "config.h"
#include "json.h"
#include "mem.h"
#include "place.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMEOUT_MS 3000L

static size_t gather(char *data, size_t one, size_t n, void *out)
{
    str_add(out, data, one * n);
    return one * n;
}

/* As a host in a URL. The caller frees. */
static char *host(void)
{
    const char *listen = config_text("management.listen");

    if (strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0)
        return xstrdup("127.0.0.1");
    return strchr(listen, ':') ? xasprintf("[%s]", listen) : xstrdup(listen);
}

/* `body` NULL: GET. */
static long perform(int port, const char *path, const char *body, struct str *out, char *why, size_t why_size)
{
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, "X-Tessera: 1"), "Content-Type: text/plain");
    auto_free char *where = host();
    auto_free char *url = xasprintf("http://%s:%d%s", where, port, path);
    CURL *curl = curl_easy_init();
    CURLcode code = CURLE_FAILED_INIT;
    long status = 0;

    if (curl) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, gather);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (body)
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_cleanup(curl);
    }
    curl_slist_free_all(headers);
    if (code == CURLE_OK)
        return status;
    snprintf(why, why_size, "%s: %s", url, curl_easy_strerror(code));
    return 0;
}

long local_get(int port, const char *path, struct str *out, char *why, size_t why_size)
{
    return perform(port, path, NULL, out, why, why_size);
}

long local_post(int port, const char *path, const char *body, struct str *out, char *why, size_t why_size)
{
    return perform(port, path, body, out, why, why_size);
}

json_t *local_status(struct str *text)
{
    char why[256];

    if (local_get((int)config_int("management.port"), "/status", text, why, sizeof(why)) != 200)
        return NULL;
    return json_parse(str_text(text), text->len, why, sizeof(why));
}

static void absent_by_right(struct str *why, struct str *advice, const char *state)
{
    struct stat st;
    /* cppcheck-suppress getpwuidCalled ; there is one thread */
    const struct passwd *owner = stat(state, &st) == 0 ? getpwuid(st.st_uid) : NULL;

    str_addf(why, "%s is not yours to read%s%s", state, owner ? ": it belongs to " : "", owner ? owner->pw_name : "");
    str_addf(advice, "be %s (sudo -u, or sudo), or name another directory by TESSERA_STATE_DIR",
             owner ? owner->pw_name : "its owner");
}

void local_absent(struct str *why, struct str *advice)
{
    auto_free char *state = place_state();
    auto_free char *lock = xasprintf("%s/run/supervisor.lock", state);
    int port = (int)config_int("management.port"), fd = open(lock, O_RDONLY | O_CLOEXEC), saved = errno;
    char pid[32] = "";

    if (fd < 0 && saved == EACCES) {
        absent_by_right(why, advice, state);
    } else if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0) {
        if (read(fd, pid, sizeof pid - 1) < 0)
            pid[0] = '\0';
        pid[strcspn(pid, "\n")] = '\0';
        str_addf(why, "the supervisor of %s (pid %s) runs, but does not answer on port %d", state, pid, port);
        str_puts(
            advice,
            "is TESSERA_MANAGEMENT_PORT what it was started with? If it hangs: make down, make up; the services go on meanwhile");
    } else {
        str_addf(why, "Tessera is not running here: no supervisor answers on port %d", port);
        str_puts(advice, "start it with: make up; another port of the supervisor is named by TESSERA_MANAGEMENT_PORT");
    }
    if (fd >= 0)
        close(fd);
}
