/* What was delivered, stored or dropped lately, by rqi: so that an event that the broker delivers again is not sent twice. */
#ifndef NOTIFICATION_RECENT_H
#define NOTIFICATION_RECENT_H

#include <stdbool.h>

void recent_add(const char *rqi);
bool recent_has(const char *rqi);

#endif
