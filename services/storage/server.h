/* Storage on the bus: requests by their `do`, one tenant's database behind. */
#ifndef STORAGE_SERVER_H
#define STORAGE_SERVER_H

#include "bus.h"

extern const struct config_row server_config[];

void server_start(void);
void server_stop(void);
bool server_ready(struct str *why);
bool server_idle(void);
void server_on_request(struct bus_delivery *delivery);

#endif
