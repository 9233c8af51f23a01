/* A thin layer over libuv: one event loop on one thread per process. Times are milliseconds. */
#ifndef TESSERA_LOOP_H
#define TESSERA_LOOP_H

#include <stdint.h>
#include <uv.h>

uv_loop_t *loop_get(void); /* the process's loop */

struct loop_timer; /* opaque; one timer */
typedef void loop_fn(void *context);

struct loop_timer *loop_timer_new(loop_fn *fn, void *context);
void loop_timer_start(struct loop_timer *timer, int64_t delay, int64_t repeat); /* restarts a running one; repeat 0 = once */
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

struct loop_watch; /* a file descriptor watched for UV_READABLE | UV_WRITABLE | UV_DISCONNECT */
typedef void loop_watch_fn(void *context, int events);
struct loop_watch *loop_watch_new(int fd, loop_watch_fn *fn, void *context);
void loop_watch_set(struct loop_watch *watch, int events); /* 0 = none */
void loop_watch_free(struct loop_watch *watch);            /* before the descriptor is closed */

struct loop_wake; /* how another thread calls into the loop: fn runs on the loop, once or more after each loop_wake() */
struct loop_wake *loop_wake_new(loop_fn *fn, void *context);
void loop_wake(struct loop_wake *wake); /* from any thread */
void loop_wake_free(struct loop_wake *wake);

/* fn runs at the end of every turn of the loop, just before it waits. At most 8. Used to send what the turn gathered. */
void loop_before_wait(loop_fn *fn, void *context);

void loop_run(void);
void loop_stop(void);

#endif
