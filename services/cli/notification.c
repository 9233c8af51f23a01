/* Event types by name, and notifications as lines. */
#include "json.h"
#include "near.h"
#include "show.h"
#include "text.h"
#include "typename.h"
#include "watch.h"

#include "mem.h"

enum { EVENT_FIRST = 1, EVENT_LAST = 8, EVENT_USUAL = 4, CONTENT_MAX = 400 };

/* By their number, TS-0004 6.3.4.2.19: of the resource itself 1 and 2, of what is directly below it 3 and 4. */
static const char *const names[EVENT_LAST + 1] = {"",      "updated",   "deleted",  "created", "removed",
                                                  "empty", "triggered", "blocking", "missing"};

static int find_event(const char *word, struct near *near)
{
    int64_t number;

    if (text_number(word, strlen(word), &number) && number >= EVENT_FIRST && number <= EVENT_LAST)
        return (int)number;
    for (int i = EVENT_FIRST; i <= EVENT_LAST; i++) {
        if (strcmp(names[i], word) == 0)
            return i;
        near_try(near, names[i]);
    }
    return 0;
}

static int put_events(json_t *events, const char *words, char *why, size_t why_size)
{
    for (const char *p = words;;) {
        size_t len = strcspn(p, ",");
        auto_free char *one = xstrndup(p, len);
        struct near near;
        int event;

        near_start(&near, one, NEAR_MAX);
        event = find_event(one, &near);
        if (!event) {
            snprintf(why, why_size, "%s: no event%s%s%s", one,
                     near.best ? "; did you mean "
                               : "; there are updated, deleted, created, "
                                 "removed (of children), empty, triggered, blocking, missing",
                     near.best ? near.best : "", near.best ? "?" : "");
            return -1;
        }
        json_array_append_new(events, json_integer(event));
        if (!p[len])
            return 0;
        p += len + 1;
    }
}

json_t *watch_events(char *const *words, char *why, size_t why_size)
{
    json_t *events = json_array();
    bool named = false;

    for (; *words; words++) {
        if (strchr(*words, '='))
            continue;
        named = true;
        if (put_events(events, *words, why, why_size) < 0) {
            json_decref(events);
            return NULL;
        }
    }
    for (int i = EVENT_FIRST; !named && i <= EVENT_USUAL; i++)
        json_array_append_new(events, json_integer(i));
    return events;
}

/* What there is to say of a representation: the content of an instance, else its attributes without the universal ones. */
static void put_content(struct str *out, const json_t *attrs)
{
    static const char *const universal[] = {"rn", "ty", "ri", "pi", "ct", "lt", "et", "st", "acpi"};
    json_auto_t *rest = NULL;
    const json_t *content = json_object_get(attrs, "con");

    if (json_is_string(content)) {
        str_puts(out, json_string_value(content));
        return;
    }
    if (!content) {
        content = rest = json_copy((json_t *)(uintptr_t)attrs);
        for (size_t i = 0; i < ARRAY_LEN(universal); i++)
            json_object_del(rest, universal[i]);
    }
    json_write(out, content);
}

void watch_line(struct str *out, const json_t *sgn, const char *time, bool coloured)
{
    static const enum colour colours[EVENT_LAST + 1] = {PLAIN, CYAN, RED, GREEN, RED, YELLOW, YELLOW, YELLOW, YELLOW};
    const json_t *event = json_object_get(sgn, "nev");
    const json_t *rep = json_object_get(event, "rep");
    const char *key = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)rep));
    const json_t *attrs = key ? json_object_get(rep, key) : NULL;
    int net = (int)json_int(event, "net", 0);
    const char *name = json_str(attrs, "rn");
    auto_str struct str content = STR_EMPTY;
    auto_free char *word = xasprintf("%-9s", json_is_true(json_object_get(sgn, "sud")) ? "ended"
                                             : net >= EVENT_FIRST && net <= EVENT_LAST ? names[net]
                                                                                       : "notified");

    show_in(out, FAINT, time, coloured);
    str_putc(out, ' ');
    show_in(out, net >= EVENT_FIRST && net <= EVENT_LAST ? colours[net] : PLAIN, word, coloured);
    if (name) {
        str_putc(out, ' ');
        show_in(out, BOLD, name, coloured);
    }
    if (key) {
        str_putc(out, ' ');
        show_in(out, YELLOW, strncmp(key, "m2m:", 4) == 0 ? key + 4 : key, coloured);
    }
    if (json_is_object(attrs))
        put_content(&content, attrs);
    else if (rep)
        json_write(&content, rep);
    show_clean(&content, 0);
    if (content.len > CONTENT_MAX)
        str_addf(out, " %.*s...", CONTENT_MAX, str_text(&content));
    else if (content.len > 0)
        str_addf(out, " %s", str_text(&content));
}
