/* After a start, or after the broker was away: everything is learnt from storage. */
#ifndef TIMING_LOAD_H
#define TIMING_LOAD_H

void load_begin(void (*ready)(void));
void load_forget(void); /* ready() is not called any more */

#endif
