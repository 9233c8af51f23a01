#include "secure.h"

#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "tls.h"

#include <gnutls/x509.h>

#include "mem.h"

#define CHAIN_MAX 8
#define NAME_MAX_SIZE 256
#define OUTDATED_MS 120000 /* handshakes that began with older certificates have ended by then */

/* What was read at one time. Handshakes borrow from it. */
struct generation {
    struct generation *older;
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned int chain_length;
    gnutls_privkey_t key;
    gnutls_x509_trust_list_t trust; /* NULL: no authorities */
    int64_t replaced;               /* clock_mono_us(), 0: not yet */
};

static struct generation *current; /* and those before it */
static struct tls_settings settings;

static struct metric reloads = METRIC_COUNTER("tessera_http_certificates_total", "Certificates read", "result");
static struct metric expiry = METRIC_GAUGE("tessera_http_certificate_expiry_seconds", "Time until the certificate expires", NULL);
static int64_t expires; /* s since 1970 */

static void generation_free(struct generation *g)
{
    for (unsigned int i = 0; i < g->chain_length; i++)
        gnutls_pcert_deinit(&g->chain[i]);
    if (g->key)
        gnutls_privkey_deinit(g->key);
    if (g->trust)
        gnutls_x509_trust_list_deinit(g->trust, 1);
    free(g);
}

/* ---- files ---- */

static int load_chain(struct generation *g, const gnutls_datum_t *pem, const char **why)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned int count = 0;
    int status = gnutls_x509_crt_list_import2(&list, &count, pem, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT);

    if (status >= 0 && count > CHAIN_MAX)
        status = GNUTLS_E_CERTIFICATE_LIST_UNSORTED;
    for (unsigned int i = 0; i < count; i++) {
        if (i == 0 && status >= 0)
            expires = (int64_t)gnutls_x509_crt_get_expiration_time(list[i]);
        if (status >= 0 && (status = gnutls_pcert_import_x509(&g->chain[i], list[i], 0)) >= 0)
            g->chain_length++;
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    *why = gnutls_strerror(status);
    return status < 0 ? -1 : 0;
}

static int load_key(struct generation *g, const gnutls_datum_t *pem, const char **why)
{
    gnutls_pubkey_t pub = NULL;
    unsigned char mine[64], theirs[64];
    size_t mine_size = sizeof mine, theirs_size = sizeof theirs;
    int status = gnutls_privkey_init(&g->key);

    if (status >= 0)
        status = gnutls_privkey_import_x509_raw(g->key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (status >= 0)
        status = gnutls_pubkey_init(&pub);
    if (status >= 0)
        status = gnutls_pubkey_import_privkey(pub, g->key, 0, 0);
    if (status >= 0)
        status = gnutls_pubkey_get_key_id(pub, 0, mine, &mine_size);
    if (status >= 0)
        status = gnutls_pubkey_get_key_id(g->chain[0].pubkey, 0, theirs, &theirs_size);
    if (pub)
        gnutls_pubkey_deinit(pub);
    *why = gnutls_strerror(status);
    if (status < 0)
        return -1;
    *why = "it is not the key of the certificate";
    return mine_size == theirs_size && memcmp(mine, theirs, mine_size) == 0 ? 0 : -1;
}

static int load_trust(struct generation *g, const gnutls_datum_t *pem, const char **why)
{
    int status = gnutls_x509_trust_list_init(&g->trust, 0);

    if (status >= 0)
        status = gnutls_x509_trust_list_add_trust_mem(g->trust, pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    *why = status == 0 ? "no certificate in it" : gnutls_strerror(status);
    return status > 0 ? 0 : -1;
}

static int load_file(struct generation *g, const char *path,
                     int (*load)(struct generation *g, const gnutls_datum_t *pem, const char **why), const char **why,
                     const char **file)
{
    gnutls_datum_t pem = {NULL, 0};
    int status = gnutls_load_file(path, &pem);

    *file = path;
    *why = "it cannot be read";
    if (status >= 0)
        status = load(g, &pem, why);
    if (pem.data)
        gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    return status < 0 ? -1 : 0;
}

static struct generation *generation_load(const char **why, const char **file)
{
    struct generation *g = xcalloc(1, sizeof *g);

    if (load_file(g, settings.certificate, load_chain, why, file) == 0 && load_file(g, settings.key, load_key, why, file) == 0 &&
        (settings.clients == TLS_CLIENTS_NONE || load_file(g, settings.ca, load_trust, why, file) == 0))
        return g;
    generation_free(g);
    return NULL;
}

/* Handshakes under way may use what was read before. */
static void drop_outdated(void)
{
    int64_t now = clock_mono_us();
    struct generation **link = &current->older;

    while (*link) {
        struct generation *g = *link;

        if (now - g->replaced < OUTDATED_MS * INT64_C(1000)) {
            link = &g->older;
            continue;
        }
        *link = g->older;
        generation_free(g);
    }
}

/* The old certificate serves on until new files are whole: the two are not replaced at the same moment. */
static void on_changed(void)
{
    const char *why = "", *file = "";
    struct generation *g = generation_load(&why, &file);

    metric_add(&reloads, 1, g ? "ok" : "failed");
    if (!g) {
        log_error("tls.reload", "file=%s why=%s", file, why);
        return;
    }
    current->replaced = clock_mono_us();
    g->older = current;
    current = g;
    drop_outdated();
    log_info("tls.reloaded", "certificate=%s", settings.certificate);
}

static void on_render(void)
{
    metric_set(&expiry, (double)expires - (double)clock_now_ms() / 1000, NULL);
}

void secure_start(void)
{
    const char *why = "", *file = "";

    tls_check(&settings);
    current = generation_load(&why, &file);
    if (!current)
        config_refuse(file == settings.key ? "tls.key" : file == settings.ca ? "tls.ca" : "tls.certificate", "%s: %s", file, why);
    tls_watch(&settings, on_changed);
    metrics_on_render(on_render);
}

void secure_stop(void)
{
    while (current) {
        struct generation *g = current;

        current = g->older;
        generation_free(g);
    }
}

/* ---- handshakes ---- */

bool secure_requires_clients(void)
{
    return settings.clients == TLS_CLIENTS_REQUIRED;
}

const char *secure_priorities(void)
{
    return settings.only_13 ? "NORMAL:-VERS-ALL:+VERS-TLS1.3" : "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
}

int secure_certificate(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
                       const gnutls_pk_algorithm_t *algorithms, int algorithms_count, gnutls_pcert_st **chain,
                       unsigned int *chain_length, gnutls_privkey_t *key)
{
    (void)session, (void)authorities, (void)count, (void)algorithms, (void)algorithms_count;
    *chain = current->chain;
    *chain_length = current->chain_length;
    *key = current->key;
    return 0;
}

static gnutls_x509_crt_t leaf_of(const gnutls_datum_t *shown)
{
    gnutls_x509_crt_t crt = NULL;

    if (gnutls_x509_crt_init(&crt) < 0)
        return NULL;
    if (gnutls_x509_crt_import(crt, shown, GNUTLS_X509_FMT_DER) >= 0)
        return crt;
    gnutls_x509_crt_deinit(crt);
    return NULL;
}

/* 0: the client's certificate is good, or none was asked for and none is there. */
static int verify(gnutls_session_t session)
{
    unsigned int count = 0, status = GNUTLS_CERT_INVALID, made = 0;
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t list[CHAIN_MAX];
    gnutls_typed_vdata_st usage = {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT, 0};

    if (!shown || count == 0)
        return settings.clients == TLS_CLIENTS_REQUIRED ? GNUTLS_E_CERTIFICATE_REQUIRED : 0;
    for (; count <= CHAIN_MAX && made < count; made++)
        if (!(list[made] = leaf_of(&shown[made])))
            break;
    if (made == count)
        gnutls_x509_trust_list_verify_crt2(current->trust, list, made, &usage, 1, 0, &status, NULL);
    while (made > 0)
        gnutls_x509_crt_deinit(list[--made]);
    return status == 0 ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

void secure_connection(gnutls_session_t session)
{
    if (settings.clients == TLS_CLIENTS_NONE)
        return;
    gnutls_certificate_server_set_request(session,
                                          settings.clients == TLS_CLIENTS_REQUIRED ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
    gnutls_session_set_verify_function(session, verify);
}

static bool alternative_name(gnutls_x509_crt_t crt, struct str *name)
{
    char text[NAME_MAX_SIZE];

    for (unsigned int i = 0;; i++) {
        size_t size = sizeof text;
        int kind = gnutls_x509_crt_get_subject_alt_name(crt, i, text, &size, NULL);

        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return false;
        if ((kind == GNUTLS_SAN_URI || kind == GNUTLS_SAN_DNSNAME || kind == GNUTLS_SAN_RFC822NAME) && str_clean(text, size)) {
            str_add(name, text, size);
            return true;
        }
        if (kind < 0 && kind != GNUTLS_E_SHORT_MEMORY_BUFFER)
            return false;
    }
}

bool secure_name(gnutls_session_t session, struct str *name)
{
    unsigned int count = 0;
    const gnutls_datum_t *shown = settings.clients == TLS_CLIENTS_NONE ? NULL : gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t crt = shown && count > 0 ? leaf_of(&shown[0]) : NULL;
    char text[NAME_MAX_SIZE];
    size_t size = sizeof text;
    bool found;

    if (!crt)
        return false;
    found = alternative_name(crt, name);
    if (!found && gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text, &size) >= 0 &&
        str_clean(text, size)) {
        str_add(name, text, size);
        found = true;
    }
    gnutls_x509_crt_deinit(crt);
    return found && name->len > 0;
}
