/* Requests: from the bus to a job and back. */
#ifndef TESSERA_SHELL_H
#define TESSERA_SHELL_H

#include "bus.h"

#include <stdbool.h>

void shell_start(void);
void shell_stop(void);
void shell_on_request(struct bus_delivery *delivery);
bool shell_idle(void); /* no request under way */

#endif
