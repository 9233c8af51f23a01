#include "graph.h"

#include <jansson.h>

#include "mem.h"

void graph_done(struct graph *g)
{
    for (size_t i = 0; i < g->count; i++)
        free(g->lines[i]);
    free(g->lines);
    *g = (struct graph)GRAPH_EMPTY;
}

void graph_take(struct graph *g, char *line)
{
    if (g->count == g->room) {
        g->room = g->room ? 2 * g->room : 64;
        g->lines = xrealloc(g->lines, g->room * sizeof *g->lines);
    }
    g->lines[g->count++] = line;
}

void graph_add_all(struct graph *g, const struct graph *other)
{
    for (size_t i = 0; i < other->count; i++)
        graph_take(g, xstrdup(other->lines[i]));
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void graph_settle(struct graph *g)
{
    size_t kept = 0;

    if (g->count == 0)
        return;
    qsort(g->lines, g->count, sizeof *g->lines, compare);
    for (size_t i = 0; i < g->count; i++) {
        if (kept > 0 && strcmp(g->lines[kept - 1], g->lines[i]) == 0)
            free(g->lines[i]);
        else
            g->lines[kept++] = g->lines[i];
    }
    g->count = kept;
}

bool graph_has(const struct graph *g, const char *line)
{
    return g->count > 0 && bsearch(&line, g->lines, g->count, sizeof *g->lines, compare);
}

void graph_remove_all(struct graph *g, struct graph *other)
{
    size_t kept = 0;

    for (size_t i = 0; i < g->count; i++) {
        if (graph_has(other, g->lines[i]))
            free(g->lines[i]);
        else
            g->lines[kept++] = g->lines[i];
    }
    g->count = kept;
}

void graph_write(const struct graph *g, struct str *out)
{
    for (size_t i = 0; i < g->count; i++) {
        str_puts(out, g->lines[i]);
        str_putc(out, '\n');
    }
}

struct statement graph_statement(const char *line)
{
    const char *predicate = line + strcspn(line, " ");
    const char *object = predicate + (*predicate != 0);
    size_t len;

    predicate = object;
    object += strcspn(object, " ");
    object += *object != 0;
    len = strlen(object);
    return (struct statement){
        {line,                                                       predicate > line ? (size_t)(predicate - line) - 1 : 0},
        {      predicate, object > predicate ? (size_t)(object - predicate) - 1 : 0                                                     },
        { object,                                len > 2 && strcmp(object + len - 2,                                                                                     " .") == 0 ? len - 2 : len},
    };
}

/* A term with the new id of its blank node. */
static void put_relabelled(struct str *out, struct slice term, json_t *ids)
{
    auto_free char *id = NULL;
    json_t *number;

    if (term.n < 2 || memcmp(term.p, "_:", 2) != 0) {
        str_add(out, term.p, term.n);
        return;
    }
    id = xstrndup(term.p, term.n);
    number = json_object_get(ids, id);
    if (!number) {
        number = json_integer((json_int_t)json_object_size(ids) + 1);
        json_object_set_new(ids, id, number);
    }
    str_addf(out, "_:b%lld", (long long)json_integer_value(number));
}

void graph_relabel(struct graph *g)
{
    json_auto_t *ids = json_object();

    for (size_t i = 0; i < g->count; i++) {
        struct statement s = graph_statement(g->lines[i]);
        struct str line = STR_EMPTY;

        put_relabelled(&line, s.subject, ids);
        str_putc(&line, ' ');
        str_add(&line, s.predicate.p, s.predicate.n);
        str_putc(&line, ' ');
        put_relabelled(&line, s.object, ids);
        str_puts(&line, " .");
        free(g->lines[i]);
        g->lines[i] = str_take(&line);
    }
    graph_settle(g);
}
