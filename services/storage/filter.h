/*
 * filterCriteria against one resource: pure. TS-0004 6.3.5.8, 7.3.3.17. Different conditions combine by `fo` (and, or,
 * exactly one), values of one condition by "or". Ranges are half open.
 */
#ifndef STORAGE_FILTER_H
#define STORAGE_FILTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIEW_ASK (-2)

/* One resource as the filter sees it. */
struct view {
    int ty;
    int64_t ct, lt, et; /* ms; et INT64_MAX = never */
    int64_t st, cs;     /* -1 = it has none; cs VIEW_ASK = among the attributes */
    /* All attributes, made when first asked for; borrowed. */
    const json_t *(*attributes)(const struct view *view);
    void *context;
};

typedef bool view_test(const struct view *view, const void *argument);

/* What stands around it; asked for only when a condition needs it. */
struct relatives {
    void *context;
    const struct view *(*parent)(void *context); /* NULL when there is none */
    bool (*any_child)(void *context, view_test *test, const void *argument);
};

struct filter;
struct filter *filter_new(const json_t *fc, char *why, size_t why_size); /* fc may be NULL; borrows it. NULL when malformed */
void filter_free(struct filter *filter);
bool filter_match(const struct filter *filter, const struct view *view, const struct relatives *relatives);

/* What every match must have, for narrowing a search; NULL or 0 when there is nothing that simple. */
const char *filter_label(const struct filter *filter);
int filter_type(const struct filter *filter);
void filter_settle(struct filter *filter, const char *tag); /* the search has seen to it: no longer tested */
bool filter_excludes(const struct filter *filter, int ty);

#endif
