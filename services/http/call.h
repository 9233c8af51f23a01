/*
 * One HTTP request on its way: the body is collected, the primitive goes over the bus while libmicrohttpd has the
 * connection suspended, the answer is queued and the connection resumed, once. A call lives until libmicrohttpd says that
 * its request is completed, which it never does while the connection is suspended.
 */
#ifndef TESSERA_HTTP_CALL_H
#define TESSERA_HTTP_CALL_H

#include <microhttpd.h>
#include <stdbool.h>

struct call;

void call_setup(void); /* reads the settings */

/* The callbacks of libmicrohttpd. */
void *call_begin(void *context, const char *uri, struct MHD_Connection *mhd); /* MHD_OPTION_URI_LOG_CALLBACK */
enum MHD_Result call_proceed(void *context, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
                             const char *data, size_t *size, void **slot);
void call_completed(void *context, struct MHD_Connection *mhd, void **slot, enum MHD_RequestTerminationCode code);

/* Its client will not read the answer, or is not to wait for it: if it polls, its poll ends. NULL is fine. */
void call_leave(struct call *call);
/* The connection has ended: libmicrohttpd does not complete a request whose header fields it refused itself. NULL is fine. */
void call_abandon(struct call *call);

int call_waiting(void); /* calls whose connection is suspended */
int call_open(void);    /* calls that are not completed */

#endif
