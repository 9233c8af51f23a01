/*
 * JSON beyond jansson: texts keep their numbers as written where they are only passed on (scan), and doubles are
 * written so that they read back the same and stay doubles (5.0 stays 5.0, 0.1 stays 0.1).
 */
#ifndef TESSERA_JSON_H
#define TESSERA_JSON_H

#include "str.h"

#include <jansson.h>

#define JSON_DEPTH 64 /* deepest nesting accepted from outside */

/* jansson's json_auto_t frees at the end of the scope. */

/* Parses a text of at most JSON_DEPTH levels without duplicate members. NULL with `why` filled in. The caller owns the result. */
json_t *json_parse(const char *text, size_t len, char *why, size_t why_size);
void json_write(struct str *out, const json_t *value); /* compact, members in their order */

/* A member of an object as it stands in the text. */
struct json_member {
    struct slice name;  /* without quotes, escapes not resolved */
    struct slice value; /* raw */
};

/*
 * Checks that `text` is one valid JSON value (RFC 8259, UTF-8, at most JSON_DEPTH deep, no duplicate members are looked for).
 * Returns 0, or -1 with `why`: what is wrong and at which byte.
 */
int json_check(const char *text, size_t len, char *why, size_t why_size);
/* Splits the members of one object whose text is valid. Returns their count, or -1 if not an object or more than `max`. */
int json_members(const char *text, size_t len, struct json_member *members, int max);
/* Both in one pass: the members of a text from outside that is to be one object. Returns their count, or -1 with `why`. */
int json_split(const char *text, size_t len, struct json_member *members, int max, char *why, size_t why_size);
/*
 * The next element of the list whose text is valid and begins at *rest, or behind the element read before.
 * False at its end, or when it is no list.
 */
bool json_next_element(struct slice *rest, struct slice *element);
/* Decodes a raw string value ("..." with quotes) to UTF-8; false if `raw` is not a string. */
bool json_unquote(struct slice raw, struct str *out);

/* Replaces all that is not ASCII by '?': a message that quotes outside text and was cut anywhere stays valid. */
void json_ascii(char *text);

/* Shorthands on jansson objects; NULL or `otherwise` when absent or of another type. */
const char *json_str(const json_t *object, const char *name);
/* Does the list have such an element? NULL has none. */
bool json_list_has(const json_t *list, const json_t *value);
int64_t json_int(const json_t *object, const char *name, int64_t otherwise);

#endif
