#include "tls_gnutls.h"

#include "certificate.h"
#include "clock.h"
#include "log.h"

#include <gnutls/x509.h>

#include "mem.h"

#define CHAIN_MAX 8
#define NAME_MAX_SIZE 256
#define OUTDATED_MS 120000 /* handshakes that began with older certificates have ended by then */

/* What was read at one time. Handshakes borrow from it. */
struct tls_generation {
    struct tls_generation *older;
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned int chain_length;
    gnutls_privkey_t key;           /* NULL: no certificate */
    gnutls_x509_trust_list_t trust; /* NULL: no authorities */
    int64_t replaced;               /* clock_mono_us(), 0: not yet */
};

static void generation_free(struct tls_generation *g)
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

static int load_chain(struct tls_generation *g, const gnutls_datum_t *pem, const char **why)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned int count = 0;
    int status = gnutls_x509_crt_list_import2(&list, &count, pem, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT);

    if (status >= 0 && count > CHAIN_MAX)
        status = GNUTLS_E_CERTIFICATE_LIST_UNSORTED;
    for (unsigned int i = 0; i < count; i++) {
        if (status >= 0 && (status = gnutls_pcert_import_x509(&g->chain[i], list[i], 0)) >= 0)
            g->chain_length++;
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    *why = gnutls_strerror(status);
    return status < 0 ? -1 : 0;
}

static int load_key(struct tls_generation *g, const gnutls_datum_t *pem, const char **why)
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

static int load_trust(struct tls_generation *g, const gnutls_datum_t *pem, const char **why)
{
    int status = gnutls_x509_trust_list_init(&g->trust, 0);

    if (status >= 0)
        status = gnutls_x509_trust_list_add_trust_mem(g->trust, pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    *why = status == 0 ? "no certificate in it" : gnutls_strerror(status);
    return status > 0 ? 0 : -1;
}

static int load_system_trust(struct tls_generation *g)
{
    return gnutls_x509_trust_list_init(&g->trust, 0) >= 0 && gnutls_x509_trust_list_add_system_trust(g->trust, 0, 0) >= 0 ? 0
                                                                                                                          : -1;
}

static int load_file(struct tls_generation *g, const char *path,
                     int (*load)(struct tls_generation *g, const gnutls_datum_t *pem, const char **why), const char **file,
                     const char **why)
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

static int load_all(const struct tls_store *s, struct tls_generation *g, const char **file, const char **why)
{
    if (*s->certificate &&
        (load_file(g, s->certificate, load_chain, file, why) < 0 || load_file(g, s->key, load_key, file, why) < 0))
        return -1;
    if (*s->ca)
        return load_file(g, s->ca, load_trust, file, why);
    *file = "system";
    *why = "its authorities cannot be read";
    return s->system_ca ? load_system_trust(g) : 0;
}

static struct tls_generation *generation_load(const struct tls_store *s, const char **file, const char **why)
{
    struct tls_generation *g = xcalloc(1, sizeof *g);

    if (load_all(s, g, file, why) == 0)
        return g;
    generation_free(g);
    return NULL;
}

/* Handshakes under way may use what was read before. */
static void drop_outdated(struct tls_store *s)
{
    int64_t now = clock_mono_us();
    struct tls_generation **link = &s->current->older;

    while (*link) {
        struct tls_generation *g = *link;

        if (now - g->replaced < OUTDATED_MS * INT64_C(1000)) {
            link = &g->older;
            continue;
        }
        *link = g->older;
        generation_free(g);
    }
}

bool tls_store_load(struct tls_store *s, const char **file, const char **why)
{
    struct tls_generation *g = generation_load(s, file, why);

    if (!g)
        return false;
    if (s->current)
        s->current->replaced = clock_mono_us();
    g->older = s->current;
    s->current = g;
    certificate_taken(s->certificate_setting, s->certificate);
    certificate_taken(s->ca_setting, s->ca);
    drop_outdated(s);
    return true;
}

/* The old certificate serves on until new files are whole: the two are not replaced at the same moment. */
void tls_store_reload(struct tls_store *s)
{
    const char *why = "", *file = "";
    bool ok = tls_store_load(s, &file, &why);

    if (ok)
        log_info("tls.reloaded", "certificate=%s", s->certificate);
    else
        log_error("tls.reload", "file=%s why=%s", file, why);
    if (!ok)
        certificate_refused(file == s->ca ? s->ca_setting : s->certificate_setting, file);
}

void tls_store_free(struct tls_store *s)
{
    while (s->current) {
        struct tls_generation *g = s->current;

        s->current = g->older;
        generation_free(g);
    }
}

/* ---- handshakes ---- */

int tls_store_shown(const struct tls_store *s, gnutls_pcert_st **chain, unsigned int *length, gnutls_privkey_t *key)
{
    *chain = s->current->chain;
    *length = s->current->chain_length;
    *key = s->current->key;
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

int tls_store_verify(const struct tls_store *s, gnutls_session_t session, const char *purpose, const char *host)
{
    unsigned int count = 0, status = GNUTLS_CERT_INVALID, made = 0;
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t list[CHAIN_MAX];
    gnutls_typed_vdata_st wanted[] = {
        {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)purpose, 0},
        {GNUTLS_DT_DNS_HOSTNAME,    (unsigned char *)(uintptr_t)host,    0},
    };

    if (!shown || count == 0)
        return GNUTLS_E_CERTIFICATE_REQUIRED;
    if (gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509 || !s->current->trust)
        return GNUTLS_E_CERTIFICATE_ERROR;
    for (; count <= CHAIN_MAX && made < count; made++)
        if (!(list[made] = leaf_of(&shown[made])))
            break;
    if (made == count)
        gnutls_x509_trust_list_verify_crt2(s->current->trust, list, made, wanted, host ? 2 : 1, 0, &status, NULL);
    while (made > 0)
        gnutls_x509_crt_deinit(list[--made]);
    return status == 0 ? GNUTLS_E_SUCCESS : GNUTLS_E_CERTIFICATE_ERROR;
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

bool tls_peer_name(gnutls_session_t session, struct str *name)
{
    unsigned int count = 0;
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
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
