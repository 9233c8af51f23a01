#include "secure.h"

#include "tls.h"
#include "tls_gnutls.h"

#include "mem.h"

static struct tls_settings settings;
static struct tls_store store;

static void on_changed(void)
{
    tls_store_reload(&store);
}

void secure_start(void)
{
    const char *why = "", *file = "";

    tls_check(&settings);
    store = (struct tls_store){.certificate = settings.certificate,
                               .key = settings.key,
                               .ca = settings.clients == TLS_CLIENTS_NONE ? "" : settings.ca,
                               .certificate_setting = "tls.certificate",
                               .ca_setting = "tls.ca"};
    if (!tls_store_load(&store, &file, &why))
        config_refuse(tls_setting_of(&settings, file), "%s: %s", file, why);
    tls_watch(&settings, on_changed);
}

void secure_stop(void)
{
    tls_store_free(&store);
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
    return tls_store_shown(&store, chain, chain_length, key);
}

/* 0: the client's certificate is good, or none was asked for and none is there. */
static int verify(gnutls_session_t session)
{
    int status = tls_store_verify(&store, session, GNUTLS_KP_TLS_WWW_CLIENT, NULL);

    return status == GNUTLS_E_CERTIFICATE_REQUIRED && settings.clients != TLS_CLIENTS_REQUIRED ? 0 : status;
}

void secure_connection(gnutls_session_t session)
{
    if (settings.clients == TLS_CLIENTS_NONE)
        return;
    gnutls_certificate_server_set_request(session,
                                          settings.clients == TLS_CLIENTS_REQUIRED ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
    gnutls_session_set_verify_function(session, verify);
}

bool secure_name(gnutls_session_t session, struct str *name)
{
    return settings.clients != TLS_CLIENTS_NONE && tls_peer_name(session, name);
}
