/* One supervisor per state directory. */
#ifndef TESSERA_LOCK_H
#define TESSERA_LOCK_H

/* Creates run/ and log/ in the state directory and takes run/supervisor.lock, which then holds the pid. Ends the process
 * otherwise. */
void lock_take(void);
void lock_beat(void); /* a sign of life: the time of change of the lock's file, which the keeper watches */

#endif
