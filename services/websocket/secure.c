#include "secure.h"

#include "certificate.h"
#include "log.h"
#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "mem.h"

static struct tls_settings settings;
static SSL_CTX *shown; /* the library's */

#define OUT_MAX 4
static SSL_CTX *outs[OUT_MAX]; /* likewise, one for each vhost or one for all */
static int out_count;
static const char *targets = ""; /* file of their authorities */

static const char *last_error(void)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return why ? why : "unreadable";
}

/* Authorities, in the place of those that were there before. */
static bool load_store(SSL_CTX *ctx, const char *file)
{
    X509_STORE *store = X509_STORE_new();

    if (!store || X509_STORE_load_file(store, file) != 1) {
        X509_STORE_free(store);
        return false;
    }
    SSL_CTX_set_cert_store(ctx, store); /* its own from now on */
    return true;
}

static bool load_authorities(SSL_CTX *ctx)
{
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(settings.ca);

    if (!names || !load_store(ctx, settings.ca)) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return false;
    }
    SSL_CTX_set_client_CA_list(ctx, names); /* likewise */
    return true;
}

static bool load(SSL_CTX *ctx)
{
    return SSL_CTX_use_certificate_chain_file(ctx, settings.certificate) == 1 &&
           SSL_CTX_use_PrivateKey_file(ctx, settings.key, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(ctx) == 1 &&
           (settings.clients == TLS_CLIENTS_NONE || load_authorities(ctx));
}

static void certificates_taken(void)
{
    certificate_taken("tls.certificate", settings.certificate);
    if (settings.clients != TLS_CLIENTS_NONE)
        certificate_taken("tls.ca", settings.ca);
}

/* Tried in a context of its own first: what is wrong leaves the old certificate in its place. */
static bool usable(const char **why)
{
    SSL_CTX *trial = SSL_CTX_new(TLS_server_method());
    bool ok = trial && load(trial);

    if (!ok)
        *why = last_error();
    SSL_CTX_free(trial);
    return ok;
}

static void reload_own(void)
{
    const char *why = NULL;

    if (shown && usable(&why) && load(shown)) {
        certificates_taken();
        log_info("tls.reloaded", "certificate=%s", settings.certificate);
    } else {
        certificate_refused("tls.certificate", settings.certificate);
        log_error("tls.reload", "certificate=%s why=%s", settings.certificate, why ? why : last_error());
    }
}

/* Those who are connected stay so. */
static void reload_targets(void)
{
    bool ok = true;

    for (int i = 0; i < out_count; i++)
        ok = ok && load_store(outs[i], targets);
    if (ok) {
        certificate_taken("websocket.egress.ca", targets);
        log_info("tls.reloaded", "certificate=%s", targets);
    } else {
        certificate_refused("websocket.egress.ca", targets);
        log_error("tls.reload", "certificate=%s why=%s", targets, last_error());
    }
}

static void on_changed(void)
{
    if (settings.certificate)
        reload_own();
    if (*targets)
        reload_targets();
}

void secure_watch(const char *ca)
{
    const char *files[] = {ca, settings.certificate ? settings.certificate : "", settings.key ? settings.key : "",
                           settings.ca ? settings.ca : ""};

    targets = ca;
    certificate_taken("websocket.egress.ca", ca);
    tls_watch_files(files, ARRAY_LEN(files), on_changed);
}

void secure_vhost(struct lws_context_creation_info *info)
{
    static const uint64_t asks[] = {
        [TLS_CLIENTS_NONE] = 0,
        [TLS_CLIENTS_OPTIONAL] = LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT | LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED,
        [TLS_CLIENTS_REQUIRED] = LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT,
    };
    const char *why = NULL;

    tls_check(&settings);
    if (!usable(&why))
        config_refuse("tls.certificate", "%s, %s: %s", settings.certificate, settings.key, why);
    info->ssl_cert_filepath = settings.certificate;
    info->ssl_private_key_filepath = settings.key;
    info->ssl_ca_filepath = *settings.ca ? settings.ca : NULL;
    info->options |= asks[settings.clients];
    info->ssl_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET;
    if (settings.only_13)
        info->ssl_options_set |= SSL_OP_NO_TLSv1_2;
    certificates_taken();
}

void secure_context(void *ctx)
{
    shown = ctx;
    SSL_CTX_set_session_cache_mode(shown, SSL_SESS_CACHE_OFF);
}

void secure_context_out(void *ctx)
{
    for (int i = 0; i < out_count; i++)
        if (outs[i] == ctx)
            return;
    if (ctx && out_count < OUT_MAX)
        outs[out_count++] = ctx;
}

/* ---- the client's name ---- */

static bool take(struct str *name, const ASN1_STRING *text)
{
    const char *data = (const char *)ASN1_STRING_get0_data(text);
    size_t len = (size_t)ASN1_STRING_length(text);

    if (len == 0 || !str_clean(data, len))
        return false;
    str_add(name, data, len);
    return true;
}

static bool alternative_name(X509 *certificate, struct str *name)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;

    for (int i = 0; names && !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);

        if (one->type == GEN_URI || one->type == GEN_DNS || one->type == GEN_EMAIL)
            found = take(name, one->d.ia5);
    }
    GENERAL_NAMES_free(names);
    return found;
}

static bool common_name(X509 *certificate, struct str *name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

    return at >= 0 && take(name, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

bool secure_name(struct lws *lws, struct str *name)
{
    SSL *ssl = settings.clients == TLS_CLIENTS_NONE ? NULL : lws_get_ssl(lws);
    X509 *certificate = ssl ? SSL_get1_peer_certificate(ssl) : NULL;
    bool found = certificate && (alternative_name(certificate, name) || common_name(certificate, name));

    X509_free(certificate);
    return found;
}
