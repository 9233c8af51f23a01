/*
 * What is kept in the state directory while there are processes: run/children (who runs, for a successor, and for stopping
 * without a supervisor) and run/instances (how many there are to be since `tessera scale` said so).
 */
#ifndef TESSERA_KEPT_H
#define TESSERA_KEPT_H

#include "fleet.h"

void kept_load(void); /* what a predecessor left; before the others */
/* The port of the process that it called so; 0: none. */
int kept_port(const char *name);
bool kept_has_port(int port);
/* Takes over those of the predecessor's processes that still run. */
void kept_adopt(struct child *const *children, int count);
void kept_save(struct child *const *children, int count);

/* Puts the numbers that were asked for in the place of those of the setting. Returns how many entries there are now. */
int kept_instances(struct fleet_entry *entries, int count, int max);
void kept_save_instances(const char *text); /* "http=2 coap=1" */
void kept_forget_instances(void);           /* stopped, not killed: the setting counts again */
char *kept_file(const char *name);          /* in the state directory; the caller frees */

#endif
