/*
 * The HTTP server on the management port: GET /health (200 or 503, {"status":"ok"} or
 * {"status":"unavailable","instance":"http.1","why":"..."}), GET /live (200 as long as the process answers at all),
 * GET /metrics (Prometheus text), and what is routed.
 */
#ifndef TESSERA_MANAGEMENT_H
#define TESSERA_MANAGEMENT_H

#include "str.h"

typedef bool management_ready_fn(struct str *why); /* false with a reason */
typedef void management_route_fn(struct str *json);
typedef const char *management_detail_fn(void); /* "" = nothing to say now */

/* Listens on management.listen and management.port and serves from the loop. Ends the process when it cannot. */
void management_start(const char *instance, management_ready_fn *ready);
/* A further path that answers GET with JSON; `path` is borrowed for ever. At most 8. Before or after the start. */
void management_route(const char *path, management_route_fn *fn);
/* One more member of what /health says; `name` is borrowed for ever. */
void management_detail(const char *name, management_detail_fn *fn);
/*
 * A path that answers POST: only from this machine, only with the header X-Tessera (which no web page can send to another site
 * unasked). `fn` gets the content, at most 4 KiB, and returns the HTTP status. At most 4.
 */
typedef unsigned management_action_fn(const char *body, struct str *json);
void management_action(const char *path, management_action_fn *fn);
int management_port(void); /* the one really used */
void management_stop(void);

#endif
