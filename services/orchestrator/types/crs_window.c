#include "crs_window.h"

#include "json.h"

static bool is_over(const struct window *w, const json_t *state, int64_t now)
{
    int64_t start = json_int(state, "start", INT64_MIN);

    if (start == INT64_MIN)
        return true;
    if (w->type == WINDOW_PERIODIC)
        return (start - w->origin) / w->size != (now - w->origin) / w->size;
    return now - start >= w->size;
}

static bool has_fired(const json_t *fired, size_t source)
{
    for (size_t i = 0; i < json_array_size(fired); i++)
        if (json_integer_value(json_array_get(fired, i)) == (json_int_t)source)
            return true;
    return false;
}

static void begin(json_t *state, int64_t now)
{
    json_object_set_new(state, "start", json_integer(now));
    json_object_set_new(state, "fired", json_array());
    json_object_del(state, "told");
}

bool window_add(const struct window *w, json_t *state, size_t source, size_t sources, int64_t now)
{
    json_t *fired;

    if (is_over(w, state, now))
        begin(state, now);
    fired = json_object_get(state, "fired");
    if (!has_fired(fired, source))
        json_array_append_new(fired, json_integer((json_int_t)source));
    if (json_array_size(fired) < sources)
        return false;
    json_object_clear(state);
    return true;
}

bool window_waits(enum window_mode mode)
{
    return mode >= MODE_SOME_MISSING;
}

bool window_first(const struct window *w, json_t *state, size_t source, int64_t now)
{
    bool first;

    if (is_over(w, state, now))
        begin(state, now);
    if (!has_fired(json_object_get(state, "fired"), source))
        json_array_append_new(json_object_get(state, "fired"), json_integer((json_int_t)source));
    first = !json_object_get(state, "told");
    json_object_set_new(state, "told", json_true());
    return first;
}

int64_t window_end(const struct window *w, const json_t *state)
{
    int64_t start = json_int(state, "start", 0);

    if (start == 0)
        return 0;
    return w->type == WINDOW_PERIODIC ? start + w->size - (start - w->origin) % w->size : start + w->size;
}

int64_t window_last(const struct window *w, int64_t now)
{
    return now < w->origin + w->size ? 0 : now - (now - w->origin) % w->size;
}

/* Of `sources`, `count` have notified. */
static bool is_worth(enum window_mode mode, size_t count, size_t sources)
{
    switch (mode) {
    case MODE_SOME_MISSING:
        return count < sources;
    case MODE_ALL_MISSING:
        return count == 0;
    case MODE_PART_MISSING:
        return count > 0 && count < sources;
    case MODE_ALL_PRESENT:
    case MODE_SOME_PRESENT:
        break;
    }
    return false;
}

bool window_close(const struct window *w, json_t *state, enum window_mode mode, size_t sources, int64_t end)
{
    size_t count = 0;

    if (json_int(state, "upto", 0) >= end)
        return false;
    if (window_end(w, state) > 0 && window_end(w, state) <= end) {
        count = window_end(w, state) == end ? json_array_size(json_object_get(state, "fired")) : 0;
        json_object_del(state, "start");
        json_object_del(state, "fired");
    }
    json_object_set_new(state, "upto", json_integer(end));
    return is_worth(mode, count, sources);
}
