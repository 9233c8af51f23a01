/* wss: the certificates that libwebsockets shows (OpenSSL), those that clients show, and their renewal while it runs. */
#ifndef WEBSOCKET_SECURE_H
#define WEBSOCKET_SECURE_H

#include "str.h"

#include <libwebsockets.h>

/* Reads the settings and adds what the vhost needs; ends the process when they are no good. */
void secure_vhost(struct lws_context_creation_info *info);
/* The library has made its context, an SSL_CTX, for who connects here, or for connections from here. New files are put into it.
 */
void secure_context(void *ctx);
void secure_context_out(void *ctx);
/* When all listen: looks after the files. `ca`: of the authorities of targets, "" the system's. */
void secure_watch(const char *ca);
/*
 * The name in the client's certificate, which was checked: the first subjectAltName of kind URI, DNS or e-mail, else the
 * subject's common name. False when there is none.
 */
bool secure_name(struct lws *lws, struct str *name);

#endif
