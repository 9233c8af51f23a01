/* Requests to the role `semantics`: they wait for a free worker, and go back with its answer. */
#ifndef SEMANTICS_SERVER_H
#define SEMANTICS_SERVER_H

#include "bus.h"

extern const struct config_row server_config[];

void server_start(void);
bool server_idle(void);
void server_on_request(struct bus_delivery *delivery);

#endif
