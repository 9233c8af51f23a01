#include "secure.h"

#include "clock.h"
#include "config.h"
#include "keys.h"
#include "log.h"
#include "loop.h"
#include "server.h"
#include "tls.h"
#include "tls_gnutls.h"

#include <arpa/inet.h>
#include <dlfcn.h>

#include "mem.h"

#define WATCH_MS 500

/* DTLS 1.2 is the newest that there is. Keys go before certificates; the cipher is what small devices have, RFC 7252 9.1.3. */
#define PRIORITIES                                                                                                               \
    "NORMAL:-VERS-ALL:+VERS-DTLS1.2:+VERS-TLS1.3:%s"                                                                             \
    "-KX-ALL:+ECDHE-PSK:+PSK:+ECDHE-ECDSA:+ECDHE-RSA:+AES-128-CCM-8"

/* What is kept with a session of DTLS or TLS; it is the session's application data and that of GnuTLS. */
struct tie {
    struct tie *prev, *next;
    char *host;           /* whom we connect to; NULL: a session that came in */
    const char *by;       /* who has come: "psk", "certificate", "none"; NULL: not looked at yet */
    char *name;           /* "" with "none" */
    uint8_t key[KEY_MAX]; /* of "psk": the one that was right */
    size_t key_length;
    const char *why;         /* it was not let in, or not believed */
    coap_session_t *waiting; /* it came in over TLS, and its handshake has not ended; NULL: it has, or is not looked after here */
    int64_t since;           /* clock_mono_us() */
};

static struct tie *all;
static struct tie *connecting; /* in secure_connect(): the session is not there yet */
static struct tls_settings settings;
static struct tls_store own, others; /* what we show and trust: to who comes in; to whom we go */
static gnutls_certificate_credentials_t shown_in, shown_out;
static gnutls_priority_t priorities;
static bool certificates; /* for who comes in */
static struct loop_timer *watchman;
static int64_t patience; /* ms */
static const char *keys_file, *identity;

/* ---- ties ---- */

static struct tie *tie_new(const char *host)
{
    struct tie *tie = xcalloc(1, sizeof *tie);

    tie->host = host ? xstrdup(host) : NULL;
    tie->next = all;
    if (all)
        all->prev = tie;
    return all = tie;
}

static void tie_free(struct tie *tie)
{
    *(tie->prev ? &tie->prev->next : &all) = tie->next;
    if (tie->next)
        tie->next->prev = tie->prev;
    free(tie->host);
    free(tie->name);
    explicit_bzero(tie->key, sizeof tie->key);
    free(tie);
}

void secure_forget(coap_session_t *session)
{
    struct tie *tie = coap_session_get_app_data(session);
    gnutls_session_t g = coap_session_get_tls(session, NULL);

    if (!tie)
        return;
    if (g)
        gnutls_session_set_ptr(g, NULL);
    coap_session_set_app_data(session, NULL);
    tie_free(tie);
}

const char *secure_why(const coap_session_t *session)
{
    const struct tie *tie = coap_session_get_app_data(session);

    return tie ? tie->why : NULL;
}

/* ---- handshakes ---- */

static const coap_bin_const_t *on_identity(coap_bin_const_t *shown, coap_session_t *session, void *unused)
{
    auto_free char *name = xstrndup((const char *)shown->s, shown->length);
    const coap_bin_const_t *key = keys_find(name);
    struct tie *tie = coap_session_get_app_data(session);

    (void)unused;
    if (!key)
        log_often(LOG_INFO, "coap.stranger", "identity=%s why=%s", str_clean(name, strlen(name)) ? name : "?",
                  "it has no key here");
    if (key && tie) {
        memcpy(tie->key, key->s, key->length);
        tie->key_length = key->length;
    }
    return key;
}

static int show_in(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
                   const gnutls_pk_algorithm_t *algorithms, int algorithms_count, gnutls_pcert_st **chain, unsigned int *length,
                   gnutls_privkey_t *key)
{
    (void)session, (void)authorities, (void)count, (void)algorithms, (void)algorithms_count;
    return tls_store_shown(&own, chain, length, key);
}

static int show_out(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
                    const gnutls_pk_algorithm_t *algorithms, int algorithms_count, gnutls_pcert_st **chain, unsigned int *length,
                    gnutls_privkey_t *key)
{
    (void)session, (void)authorities, (void)count, (void)algorithms, (void)algorithms_count;
    return tls_store_shown(&others, chain, length, key);
}

/* 0: the certificate is good, or none is there and none is needed. */
static int verify(gnutls_session_t session)
{
    struct tie *tie = gnutls_session_get_ptr(session);
    int status;

    if (!tie)
        return GNUTLS_E_CERTIFICATE_ERROR;
    if (gnutls_auth_get_type(session) != GNUTLS_CRD_CERTIFICATE)
        return 0;
    status = tie->host ? tls_store_verify(&others, session, GNUTLS_KP_TLS_WWW_SERVER, tie->host)
                       : tls_store_verify(&own, session, GNUTLS_KP_TLS_WWW_CLIENT, NULL);
    if (status == GNUTLS_E_CERTIFICATE_REQUIRED && !tie->host && settings.clients != TLS_CLIENTS_REQUIRED)
        return 0;
    if (status != 0)
        tie->why = status == GNUTLS_E_CERTIFICATE_REQUIRED ? "it shows no certificate" : "its certificate is not believed";
    if (status != 0 && !tie->host)
        log_often(LOG_INFO, "coap.stranger", "why=%s", tie->why);
    return status;
}

static void prepare_in(gnutls_session_t session)
{
    static const gnutls_certificate_request_t asks[] = {
        [TLS_CLIENTS_NONE] = GNUTLS_CERT_IGNORE,
        [TLS_CLIENTS_OPTIONAL] = GNUTLS_CERT_REQUEST,
        [TLS_CLIENTS_REQUIRED] = GNUTLS_CERT_REQUIRE,
    };

    if (!certificates)
        return;
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, shown_in);
    gnutls_certificate_server_set_request(session, asks[settings.clients]);
}

static void prepare_out(gnutls_session_t session, const struct tie *tie)
{
    static const gnutls_datum_t alpn = {(unsigned char *)(uintptr_t) "coap", 4}; /* RFC 8323 8.2 */
    unsigned char address[sizeof(struct in6_addr)];

    if (!*identity)
        gnutls_credentials_clear(session);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, shown_out);
    gnutls_alpn_set_protocols(session, &alpn, 1, 0);
    if (inet_pton(AF_INET, tie->host, address) != 1 && inet_pton(AF_INET6, tie->host, address) != 1)
        gnutls_server_name_set(session, GNUTLS_NAME_DNS, tie->host, strlen(tie->host));
}

static void prepare(gnutls_session_t g, coap_session_t *session)
{
    struct tie *tie = coap_session_get_app_data(session);

    if (!tie) {
        tie = connecting ? connecting : tie_new(NULL);
        connecting = NULL;
        coap_session_set_app_data(session, tie);
    }
    tie->waiting = !tie->host && coap_session_get_proto(session) == COAP_PROTO_TLS ? session : NULL;
    tie->since = clock_mono_us();
    free(tie->name); /* a handshake begins: again, perhaps */
    tie->name = NULL;
    tie->by = tie->why = NULL;
    gnutls_session_set_ptr(g, tie);
    gnutls_priority_set(g, priorities);
    gnutls_session_set_verify_function(g, verify);
    if (tie->host)
        prepare_out(g, tie);
    else
        prepare_in(g);
}

/*
 * The last that libcoap does to a session of GnuTLS before its handshake, of DTLS and TLS, inwards and outwards: this function
 * takes the place of GnuTLS's. Were it not called, nobody would be shown a certificate, or believed one.
 */
void gnutls_handshake_set_timeout(gnutls_session_t session, unsigned int ms)
{
    static void (*theirs)(gnutls_session_t, unsigned int);

    if (!theirs)
        *(void **)&theirs = dlsym(RTLD_NEXT, "gnutls_handshake_set_timeout");
    theirs(session, ms);
    prepare(session, gnutls_transport_get_ptr(session));
}

/* ---- who it is ---- */

bool secure_knows_all(void)
{
    return !certificates || settings.clients == TLS_CLIENTS_REQUIRED;
}

static void identify(struct tie *tie, gnutls_session_t g)
{
    auto_str struct str name = STR_EMPTY;
    const char *psk = NULL;

    tie->by = "none";
    if (gnutls_auth_get_type(g) == GNUTLS_CRD_PSK && (psk = gnutls_psk_server_get_username(g)) && str_clean(psk, strlen(psk))) {
        tie->by = "psk";
        str_puts(&name, psk);
    } else if (gnutls_auth_get_type(g) == GNUTLS_CRD_CERTIFICATE && settings.clients != TLS_CLIENTS_NONE &&
               tls_peer_name(g, &name)) {
        tie->by = "certificate";
    }
    tie->name = xstrdup(str_text(&name));
}

/* A key that was taken away, or changed, is no good any more for who is connected. */
static bool still_good(const struct tie *tie)
{
    const coap_bin_const_t *key = strcmp(tie->by, "psk") == 0 ? keys_find(tie->name) : NULL;

    return strcmp(tie->by, "psk") != 0 || (key && key->length == tie->key_length && memcmp(key->s, tie->key, key->length) == 0);
}

const char *secure_who(coap_session_t *session, const char **name)
{
    struct tie *tie = coap_session_get_app_data(session);
    gnutls_session_t g = coap_session_get_tls(session, NULL);
    coap_proto_t proto = coap_session_get_proto(session);

    *name = "";
    if (proto != COAP_PROTO_DTLS && proto != COAP_PROTO_TLS)
        return "none";
    if (!tie || !g)
        return NULL;
    if (!tie->by)
        identify(tie, g);
    *name = tie->name;
    return still_good(tie) ? tie->by : NULL;
}

/* Connections whose handshake does not end: libcoap keeps them also when it has failed. */
static void on_watch(void *unused)
{
    int64_t now = clock_mono_us();

    (void)unused;
    for (struct tie *tie = all, *next; tie; tie = next) {
        next = tie->next;
        if (!tie->waiting)
            continue;
        if (coap_session_get_state(tie->waiting) > COAP_SESSION_STATE_HANDSHAKE) {
            tie->waiting = NULL;
        } else if (now - tie->since > patience * 1000) {
            coap_session_disconnected(tie->waiting, COAP_NACK_TLS_FAILED);
            server_touched();
        }
    }
}

/* ---- out ---- */

coap_session_t *secure_connect(coap_context_t *context, const char *host, const coap_address_t *address, coap_proto_t proto,
                               const char **why)
{
    uint8_t key[KEY_MAX] = {0};
    int n = *identity ? keys_hex(config_text("coap.egress.key"), key) : 1;
    coap_dtls_cpsk_t setup = {.version = COAP_DTLS_CPSK_SETUP_VERSION};
    const char *shown = *identity ? identity : "-"; /* libcoap wants one; it is not shown */
    struct tie *tie;
    coap_session_t *session;
    const char *file;

    if (!others.current && !tls_store_load(&others, &file, why))
        return NULL;
    tie = tie_new(host);
    setup.psk_info.identity = (coap_bin_const_t){strlen(shown), (const uint8_t *)shown};
    setup.psk_info.key = (coap_bin_const_t){(size_t)n, key};
    connecting = tie;
    session = coap_new_client_session_psk2(context, NULL, address, proto, &setup);
    connecting = NULL;
    explicit_bzero(key, sizeof key);
    if (session) {
        coap_session_set_app_data(session, tie);
    } else {
        *why = "no session";
        tie_free(tie);
    }
    return session;
}

/* ---- the whole ---- */

static void on_changed(void)
{
    char why[160];

    if (certificates)
        tls_store_reload(&own);
    if (others.current)
        tls_store_reload(&others);
    if (!*keys_file)
        return;
    if (keys_load(keys_file, why, sizeof why))
        log_info("coap.keys", "file=%s", keys_file);
    else
        log_error("coap.keys", "file=%s why=%s", keys_file, why);
}

static void start_in(coap_context_t *context)
{
    coap_dtls_spsk_t setup = {.version = COAP_DTLS_SPSK_SETUP_VERSION, .validate_id_call_back = on_identity};
    const char *why = "", *file = "";
    char text[160];

    certificates = *config_text("tls.certificate") != '\0';
    if (!certificates && !*keys_file)
        config_refuse("coap.keys",
                      "is needed for DTLS and TLS (lines identity:key, the key hexadecimal), or tls.certificate, or both");
    if (*keys_file && !keys_load(keys_file, text, sizeof text))
        config_refuse("coap.keys", "%s", text);
    if (certificates) {
        tls_check(&settings);
        own = (struct tls_store){.certificate = settings.certificate,
                                 .key = settings.key,
                                 .ca = settings.clients == TLS_CLIENTS_NONE ? "" : settings.ca,
                                 .certificate_setting = "tls.certificate",
                                 .ca_setting = "tls.ca"};
        if (!tls_store_load(&own, &file, &why))
            config_refuse(tls_setting_of(&settings, file), "%s: %s", file, why);
    }
    setup.psk_info.hint = (coap_bin_const_t){7, (const uint8_t *)"tessera"};
    setup.psk_info.key = (coap_bin_const_t){1, (const uint8_t *)"-"}; /* of nobody: each identity has its own */
    if (!coap_context_set_psk2(context, &setup))
        log_fatal("coap.dtls", "why=%s", "the keys are not taken");
}

static void start_out(void)
{
    const char *why = "", *file = "";
    uint8_t key[KEY_MAX];

    identity = config_text("coap.egress.identity");
    if (*identity && keys_hex(config_text("coap.egress.key"), key) < 0)
        config_refuse("coap.egress.key", "is needed for coap.egress.identity: hexadecimal, %d bytes at most", KEY_MAX);
    others = (struct tls_store){.certificate = config_text("coap.egress.certificate"),
                                .key = config_text("coap.egress.certificate_key"),
                                .ca = config_text("coap.egress.ca"),
                                .certificate_setting = "coap.egress.certificate",
                                .ca_setting = "coap.egress.ca",
                                .system_ca = true};
    if (!*others.certificate && !*others.ca)
        return; /* the system's authorities take a while to read: when they are wanted */
    if (!tls_store_load(&others, &file, &why))
        config_refuse(file == others.certificate ? "coap.egress.certificate"
                      : file == others.key       ? "coap.egress.certificate_key"
                                                 : "coap.egress.ca",
                      "%s: %s", file, why);
}

static gnutls_certificate_credentials_t shower(gnutls_certificate_retrieve_function2 *show)
{
    gnutls_certificate_credentials_t made;

    if (gnutls_certificate_allocate_credentials(&made) < 0)
        log_fatal("coap.dtls", "why=%s", "no memory");
    gnutls_certificate_set_retrieve_function2(made, show);
    return made;
}

void secure_start(coap_context_t *context, bool listens)
{
    const char *paths[7];
    auto_free char *words = NULL;

    if (!coap_dtls_is_supported() || !coap_tls_is_supported() || coap_get_tls_library_version()->type != COAP_TLS_LIBRARY_GNUTLS)
        log_fatal("coap.dtls", "why=%s", "libcoap has no GnuTLS");
    keys_file = listens ? config_text("coap.keys") : "";
    if (listens)
        start_in(context);
    start_out();
    words = xasprintf(PRIORITIES, settings.only_13 ? "" : "+VERS-TLS1.2:");
    if (gnutls_priority_init(&priorities, words, NULL) < 0)
        log_fatal("coap.dtls", "why=%s", "GnuTLS does not know what is wanted of it");
    shown_in = shower(show_in);
    shown_out = shower(show_out);
    paths[0] = keys_file;
    paths[1] = certificates ? own.certificate : "";
    paths[2] = certificates ? own.key : "";
    paths[3] = certificates ? own.ca : "";
    paths[4] = others.certificate;
    paths[5] = others.key;
    paths[6] = others.ca;
    patience = config_int("coap.handshake_timeout");
    if (listens) {
        watchman = loop_timer_new(on_watch, NULL);
        loop_timer_start(watchman, WATCH_MS, WATCH_MS);
    }
    tls_watch_files(paths, ARRAY_LEN(paths), on_changed);
}

void secure_stop(void)
{
    for (struct tie *tie = all, *next; tie; tie = next) {
        next = tie->next;
        tie_free(tie);
    }
    if (watchman)
        loop_timer_free(watchman);
    gnutls_certificate_free_credentials(shown_in);
    gnutls_certificate_free_credentials(shown_out);
    gnutls_priority_deinit(priorities);
    tls_store_free(&own);
    tls_store_free(&others);
    keys_forget();
}
