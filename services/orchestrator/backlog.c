#include "backlog.h"

#include "clock.h"

enum { CATEGORIES = 1000, RELEASE_MS = 2000 };

static size_t waiting[CATEGORIES];
static int64_t released[CATEGORIES]; /* when, ms */

/* 0: none was given. */
static int category_of(int ec)
{
    return ec > 0 && ec < CATEGORIES ? ec : 0;
}

void backlog_add(int ec, size_t size)
{
    waiting[category_of(ec)] += size;
}

void backlog_remove(int ec, size_t size)
{
    waiting[category_of(ec)] -= size;
}

void backlog_release(int ec)
{
    released[category_of(ec)] = clock_now_ms();
}

bool backlog_waits(int ec)
{
    return waiting[category_of(ec)] > 0;
}

size_t backlog_volume(int ec)
{
    int c = category_of(ec);

    return clock_now_ms() - released[c] < RELEASE_MS ? BACKLOG_ALL : waiting[c];
}
