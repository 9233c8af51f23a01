/*
 * The rules as storage has them, for the book: learnt at the beginning, then followed by events. As long as one is active the
 * CSEBase has a mark, by which the orchestrators know that they are to tell about requests.
 */
#ifndef STATISTICS_RULES_H
#define STATISTICS_RULES_H

#include "envelope.h"

void rules_load(void (*ready)(void));
void rules_forget(void); /* ready() is not called any more */
/* An event about a statsCollect or eventConfig. False: it cannot be read. */
bool rules_on_change(const struct envelope *e);

#endif
