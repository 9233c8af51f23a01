/*
 * A subset of JSONPath (RFC 9535) for contentFilterQuery, TS-0004 7.3.3.17: does a path lead to anything in a JSON value? Pure.
 *
 *   $                          the value itself
 *   .name ['name'] ["name"]    a member
 *   [0] [-1]                   an element, from the beginning or the end
 *   .* [*]                     all members or elements
 *   [?(COMPARISON)]            those members or elements of which it is true; parentheses around it may be left out
 *
 * COMPARISON: terms joined by && (first) and ||, ! in front and parentheses. A term is a path from @ (the member looked at) or $,
 * which is true if it leads to something, or two of paths and literals with == != < <= > >= between them. Literals are numbers,
 * texts in single or double quotes, true, false and null. Paths inside a comparison have names and indexes only.
 */
#ifndef TESSERA_JSONPATH_H
#define TESSERA_JSONPATH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define JSONPATH_MAX 1024 /* bytes of a text */

struct jsonpath;
struct jsonpath *jsonpath_new(const char *text, char *why, size_t why_size); /* NULL with `why`, which says where */
void jsonpath_free(struct jsonpath *path);
bool jsonpath_matches(const struct jsonpath *path, const json_t *value);
/* The same for a contentInstance's `con`, which may be a value or the text of one (other texts are values, too). */
bool jsonpath_matches_content(const struct jsonpath *path, const json_t *con);

/*
 * The content filter of filterCriteria: cfs (1, JSONPath) and cfq belong together. NULL with `why` empty when both are absent,
 * and with a reason when they are malformed.
 */
struct jsonpath *jsonpath_of_filter(const json_t *fc, char *why, size_t why_size);

#endif
