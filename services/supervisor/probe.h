/* Asks a management server for /health. */
#ifndef TESSERA_PROBE_H
#define TESSERA_PROBE_H

#include <stdbool.h>

/* `answered` false: no HTTP answer in time; `why` then says so. Called exactly once. */
typedef void probe_fn(void *context, bool answered, bool healthy, const char *why);
void probe_start(int port, int timeout_ms, probe_fn *fn, void *context);
/* Likewise whether a broker still greets who connects. */
void probe_broker(const char *host, int port, int timeout_ms, probe_fn *fn, void *context);

#endif
