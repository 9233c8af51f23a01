/*
 * TLS of the protocol services: one certificate of this CSE, the authorities of its clients, and what is acceptable; section
 * "tls" of the settings of every service with service.tls. Knows no TLS library: a service loads the files with its own.
 */
#ifndef TESSERA_TLS_H
#define TESSERA_TLS_H

#include "config.h"

extern const struct config_row tls_config[];

enum tls_clients { TLS_CLIENTS_NONE, TLS_CLIENTS_OPTIONAL, TLS_CLIENTS_REQUIRED };

struct tls_settings {
    const char *certificate; /* files, PEM: the chain, the server's own first */
    const char *key;
    const char *ca; /* of authorities whose clients are believed; "" when there are none */
    enum tls_clients clients;
    bool only_13; /* TLS 1.3, else 1.2 as well; nothing older in any case */
};

/* Ends the process (status 78) when a setting is missing or contradicts another. For services that are to listen with TLS. */
void tls_check(struct tls_settings *settings);

/* The name of the setting that `file` is the value of. */
const char *tls_setting_of(const struct tls_settings *settings, const char *file);

/* `changed` is called on SIGHUP, and within seconds after one of the files has changed: the service loads them again. Once only.
 */
void tls_watch(const struct tls_settings *settings, void (*changed)(void));
/* The same for any files; `paths` are borrowed for good, empty ones are left out. */
void tls_watch_files(const char *const *paths, int count, void (*changed)(void));

#endif
