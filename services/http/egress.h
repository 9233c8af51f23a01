/* Requests out with libcurl: what the queue egress.http brings (common/outbound.h). */
#ifndef TESSERA_HTTP_EGRESS_H
#define TESSERA_HTTP_EGRESS_H

void egress_start(void);
void egress_stop(void);

#endif
