/*
 * Events about requests, into the book; the book, into the journal: at most FLUSH_MS after the first of them. They are
 * acknowledged when they are there.
 */
#ifndef STATISTICS_COUNT_H
#define STATISTICS_COUNT_H

#include "bus.h"

void count_start(const char *directory);
void count_begin(void);  /* takes over what was kept last */
void count_forget(void); /* what is not kept: the broker has it */
/* Ends the delivery with active_done() or active_reject(). */
void count_on_event(struct bus_delivery *delivery);
/* A rule has changed: what ended with it is kept, too. */
void count_touch(void);

#endif
