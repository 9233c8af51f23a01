/*
 * The wire codec of the bus, the only one. A primitive travels as two lines: line one is a flat JSON object, the
 * envelope with the primitive's parameters in the short names of TS-0004; line two its content (`pc`) as JSON
 * text, or empty. See docs/contracts.md.
 *
 * Reading: envelope_parse() works in place on memory that it does not own; all strings and slices borrow from it.
 * Only the top level is taken apart: the value of a member that is itself an object or list stays raw text.
 * Writing: head_*() append members to a str; the bus adds the braces, the `id` and the line feeds.
 */
#ifndef TESSERA_ENVELOPE_H
#define TESSERA_ENVELOPE_H

#include "str.h"

#include <sys/types.h>

#define ENVELOPE_MAX_FIELDS 64

enum field_kind { FIELD_STRING, FIELD_NUMBER, FIELD_BOOL, FIELD_NULL, FIELD_RAW /* object or list */ };

struct field {
    const char *name; /* NUL-terminated */
    enum field_kind kind;
    const char *value; /* NUL-terminated text: a string unescaped, everything else as written */
    size_t len;
};

struct envelope {
    struct field fields[ENVELOPE_MAX_FIELDS];
    int count;
    const char *body; /* line two, NUL-terminated; "" when empty */
    size_t body_len;
};

/*
 * Parses one primitive from `text` (two lines, each ended by a line feed; the last one may be missing), which is
 * overwritten and must be followed by one more writable byte, as the text of a str is. Returns the number of bytes
 * consumed, or -1 when it is not a flat JSON object, has more than ENVELOPE_MAX_FIELDS members or a member twice. The body
 * is not looked at.
 */
ssize_t envelope_parse(struct envelope *e, char *text, size_t len);

const struct field *envelope_find(const struct envelope *e, const char *name); /* NULL when absent */
const char *envelope_str(const struct envelope *e, const char *name);          /* NULL when absent or not a string */
int64_t envelope_int(const struct envelope *e, const char *name, int64_t otherwise);
bool envelope_bool(const struct envelope *e, const char *name, bool otherwise);
struct slice envelope_raw(const struct envelope *e, const char *name); /* JSON text of an object or list; {NULL,0} otherwise */

/* Each appends `,"name":value`. A NULL string or an empty slice appends nothing. */
void head_str(struct str *s, const char *name, const char *value);
void head_int(struct str *s, const char *name, int64_t value);
void head_bool(struct str *s, const char *name, bool value);
void head_raw(struct str *s, const char *name, const char *json, size_t len);

#endif
