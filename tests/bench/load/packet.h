/* Packets of MQTT 3.1.1, as far as the load needs them. */
#ifndef LOAD_PACKET_H
#define LOAD_PACKET_H

#include "str.h"

enum { PACKET_CONNACK = 2, PACKET_PUBLISH = 3, PACKET_SUBACK = 9 };

void packet_text(struct str *body, const char *text);
void packet_add(struct str *out, unsigned char type, const struct str *body);
void packet_connect(struct str *out, const char *client);      /* clean session, no keep-alive */
void packet_subscribe(struct str *out, const char *filter);    /* QoS 1 */
void packet_confirm(struct str *out, const unsigned char *id); /* PUBACK */
/* QoS 1. `id`: the packet's. */
void packet_publish(struct str *out, const char *topic, unsigned id, const char *payload, size_t len);

/* The length of the packet that stands at `data`, and where its body begins; 0: more is needed. */
size_t packet_whole(const unsigned char *data, size_t len, size_t *body);

#endif
