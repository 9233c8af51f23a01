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

bool window_add(const struct window *w, json_t *state, size_t source, size_t sources, int64_t now)
{
    json_t *fired;

    if (is_over(w, state, now)) {
        json_object_set_new(state, "start", json_integer(now));
        json_object_set_new(state, "fired", json_array());
    }
    fired = json_object_get(state, "fired");
    if (!has_fired(fired, source))
        json_array_append_new(fired, json_integer((json_int_t)source));
    if (json_array_size(fired) < sources)
        return false;
    json_object_clear(state);
    return true;
}
