/* The connection to the CSE's own broker: which topics are subscribed, and where their messages go. */
#ifndef MQTT_SERVER_H
#define MQTT_SERVER_H

#include "str.h"

void server_start(void);
void server_drain(void);
bool server_idle(void);
bool server_ready(struct str *why);
void server_stop(void);

#endif
