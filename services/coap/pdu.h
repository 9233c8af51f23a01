/* Between libcoap's messages and ours. */
#ifndef TESSERA_COAP_PDU_H
#define TESSERA_COAP_PDU_H

#include "lib.h"
#include "message.h"

#define PDU_KNOWN_MARK 65000 /* an option that nobody uses: marks the set of known options, see known.c */

void pdu_know_options(coap_context_t *context); /* messages with options of oneM2M are taken, known.c */

/* 0, or -1: it has too many options. `m` borrows from `pdu`. */
int pdu_read(struct message *m, const coap_pdu_t *pdu);
/* Writes options and payload. 0, or -1: it does not fit. */
int pdu_write(coap_pdu_t *pdu, const struct message *m);

#endif
