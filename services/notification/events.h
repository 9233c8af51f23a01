/* From an event to the notes it causes. */
#ifndef NOTIFICATION_EVENTS_H
#define NOTIFICATION_EVENTS_H

#include "bus.h"

/* Ends the delivery when every notification of it is delivered, stored or dropped. */
void events_handle(struct bus_delivery *delivery);

#endif
