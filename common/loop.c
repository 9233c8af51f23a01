/* The event loop. Handles are closed by libuv one turn later: their memory is freed there. */
#include "loop.h"
#include "log.h"
#include "mem.h"

#include <stdbool.h>

#define HOOKS_MAX 8

struct hook {
    loop_fn *fn;
    void *context;
};

static uv_loop_t loop;
static uv_prepare_t prepare;
static struct hook hooks[HOOKS_MAX];
static int hook_count;
static bool ready;

static void must(int status, const char *what)
{
    if (status < 0)
        log_fatal("loop.failed", "what=%s error=%s", what, uv_strerror(status));
}

uv_loop_t *loop_get(void)
{
    if (!ready) {
        must(uv_loop_init(&loop), "loop");
        must(uv_loop_configure(&loop, UV_METRICS_IDLE_TIME), "metrics");
        ready = true;
    }
    return &loop;
}

/* ---- timers ---- */

struct loop_timer {
    uv_timer_t handle;
    loop_fn *fn;
    void *context;
};

static void on_timer(uv_timer_t *handle)
{
    struct loop_timer *timer = handle->data;

    timer->fn(timer->context);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

struct loop_timer *loop_timer_new(loop_fn *fn, void *context)
{
    struct loop_timer *timer = xcalloc(1, sizeof(*timer));

    timer->fn = fn;
    timer->context = context;
    timer->handle.data = timer;
    must(uv_timer_init(loop_get(), &timer->handle), "timer");
    return timer;
}

void loop_timer_start(struct loop_timer *timer, int64_t delay, int64_t repeat)
{
    uv_update_time(&loop); /* a long turn must not shorten the delay */
    uv_timer_start(&timer->handle, on_timer, delay > 0 ? (uint64_t)delay : 0, repeat > 0 ? (uint64_t)repeat : 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
    uv_timer_stop(&timer->handle);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->handle, on_closed);
}

/* ---- descriptors ---- */

struct loop_watch {
    uv_poll_t handle;
    loop_watch_fn *fn;
    void *context;
    int events;
};

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct loop_watch *watch = handle->data;

    if (status >= 0) {
        watch->fn(watch->context, events);
        return;
    }
    /* An error waits on the descriptor. libuv has stopped watching; the owner finds it by reading or writing. */
    watch->fn(watch->context, watch->events | UV_DISCONNECT);
    if (watch->events && !uv_is_closing((uv_handle_t *)handle) && !uv_is_active((uv_handle_t *)handle))
        uv_poll_start(handle, watch->events, on_poll);
}

struct loop_watch *loop_watch_new(int fd, loop_watch_fn *fn, void *context)
{
    struct loop_watch *watch = xcalloc(1, sizeof(*watch));

    watch->fn = fn;
    watch->context = context;
    watch->handle.data = watch;
    must(uv_poll_init(loop_get(), &watch->handle, fd), "descriptor");
    return watch;
}

void loop_watch_set(struct loop_watch *watch, int events)
{
    if (watch->events == events && (events == 0) == !uv_is_active((uv_handle_t *)&watch->handle))
        return;
    watch->events = events;
    if (events)
        must(uv_poll_start(&watch->handle, events, on_poll), "descriptor");
    else
        uv_poll_stop(&watch->handle);
}

void loop_watch_free(struct loop_watch *watch)
{
    if (!watch)
        return;
    uv_poll_stop(&watch->handle);
    uv_close((uv_handle_t *)&watch->handle, on_closed);
}

/* ---- other threads ---- */

struct loop_wake {
    uv_async_t handle;
    loop_fn *fn;
    void *context;
};

static void on_wake(uv_async_t *handle)
{
    struct loop_wake *wake = handle->data;

    wake->fn(wake->context);
}

struct loop_wake *loop_wake_new(loop_fn *fn, void *context)
{
    struct loop_wake *wake = xcalloc(1, sizeof(*wake));

    wake->fn = fn;
    wake->context = context;
    wake->handle.data = wake;
    must(uv_async_init(loop_get(), &wake->handle, on_wake), "wake-up");
    return wake;
}

void loop_wake(struct loop_wake *wake)
{
    uv_async_send(&wake->handle);
}

void loop_wake_free(struct loop_wake *wake)
{
    if (wake)
        uv_close((uv_handle_t *)&wake->handle, on_closed);
}

/* ---- turns ---- */

static void on_prepare(uv_prepare_t *handle)
{
    (void)handle;
    for (int i = 0; i < hook_count; i++)
        hooks[i].fn(hooks[i].context);
}

void loop_before_wait(loop_fn *fn, void *context)
{
    if (hook_count == HOOKS_MAX)
        log_fatal("loop.full", "hooks=%d", HOOKS_MAX);
    if (hook_count == 0) {
        must(uv_prepare_init(loop_get(), &prepare), "prepare");
        must(uv_prepare_start(&prepare, on_prepare), "prepare");
        uv_unref((uv_handle_t *)&prepare); /* alone it keeps no loop running */
    }
    hooks[hook_count].fn = fn;
    hooks[hook_count++].context = context;
}

void loop_run(void)
{
    uv_run(loop_get(), UV_RUN_DEFAULT);
}

void loop_stop(void)
{
    uv_stop(loop_get());
}
