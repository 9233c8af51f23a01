/* One supervisor per state directory. */
#ifndef TESSERA_LOCK_H
#define TESSERA_LOCK_H

/* Creates run/ and log/ in the state directory and takes run/supervisor.lock, which then holds the pid. Ends the process
 * otherwise. */
void lock_take(void);

#endif
