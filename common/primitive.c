/* Primitives by table: one row per parameter says its short name, its JSON type and where it lives. */
#include "primitive.h"
#include "mem.h"

#include <limits.h>

enum param_kind {
    PARAM_TEXT,   /* const char *; a JSON string */
    PARAM_TIME,   /* const char *; a string, or a number as originators write relative times */
    PARAM_INT,    /* int >= 0 */
    PARAM_BOOL,   /* int: ABSENT, 0, 1 */
    PARAM_STAMP,  /* int64_t; 0 when absent */
    PARAM_OBJECT, /* struct slice */
    PARAM_LIST,
};

struct param {
    const char *name;
    size_t offset;
    enum param_kind kind;
    enum param_scope {
        SCOPE_PRIMITIVE, /* of the standard: goes outside, comes from there */
        SCOPE_PLATFORM,  /* between services only: never taken from outside */
        SCOPE_BUS,       /* likewise, and written by the bus, not by the encoders */
    } scope;
};

/* A table and its index: names are found by a small hash, filled at first use. */
struct params {
    const struct param *rows;
    size_t count;
    unsigned char slots[256]; /* row + 1, 0 = free */
    bool indexed;
};

#define REQ(name, kind)                                                                                                          \
    {                                                                                                                            \
#name, offsetof(struct request, name), kind, SCOPE_PRIMITIVE                                                             \
    }
#define RSP(name, kind)                                                                                                          \
    {                                                                                                                            \
#name, offsetof(struct response, name), kind, SCOPE_PRIMITIVE                                                            \
    }

/* The envelope, then TS-0004 7.2.1.1. */
static const struct param request_rows[] = {
    {"id",       offsetof(struct request, id),       PARAM_TEXT,   SCOPE_BUS     },
    {"deadline", offsetof(struct request, deadline), PARAM_STAMP,  SCOPE_BUS     },
    {"tenant",   offsetof(struct request, tenant),   PARAM_TEXT,   SCOPE_PLATFORM},
    {"identity", offsetof(struct request, identity), PARAM_OBJECT, SCOPE_PLATFORM},
    {"trace",    offsetof(struct request, trace),    PARAM_TEXT,   SCOPE_PLATFORM},
    {"key",      offsetof(struct request, key),      PARAM_TEXT,   SCOPE_PLATFORM},
    {"same",     offsetof(struct request, same),     PARAM_TEXT,   SCOPE_PLATFORM},
    {"via",      offsetof(struct request, via),      PARAM_TEXT,   SCOPE_PLATFORM},
    REQ(op, PARAM_INT),
    REQ(to, PARAM_TEXT),
    REQ(fr, PARAM_TEXT),
    REQ(rqi, PARAM_TEXT),
    REQ(ty, PARAM_INT),
    REQ(rcn, PARAM_INT),
    REQ(drt, PARAM_INT),
    REQ(ec, PARAM_INT),
    REQ(da, PARAM_BOOL),
    REQ(tqi, PARAM_BOOL),
    REQ(asi, PARAM_BOOL),
    REQ(auri, PARAM_BOOL),
    REQ(sqi, PARAM_BOOL),
    REQ(rvi, PARAM_TEXT),
    REQ(ot, PARAM_TIME),
    REQ(rqet, PARAM_TIME),
    REQ(rset, PARAM_TIME),
    REQ(oet, PARAM_TIME),
    REQ(rp, PARAM_TIME),
    REQ(gid, PARAM_TEXT),
    REQ(vsi, PARAM_TEXT),
    REQ(prpi, PARAM_TEXT),
    REQ(msu, PARAM_TEXT),
    REQ(gstn, PARAM_INT),
    REQ(rt, PARAM_OBJECT),
    REQ(fc, PARAM_OBJECT),
    REQ(rids, PARAM_LIST),
    REQ(tkns, PARAM_LIST),
    REQ(tids, PARAM_LIST),
    REQ(ltids, PARAM_LIST),
    REQ(grtm, PARAM_LIST),
    REQ(aus, PARAM_LIST),
};

/* TS-0004 7.2.1.2, and what the protocol services want to know beside it. */
static const struct param response_rows[] = {
    RSP(rsc, PARAM_INT),
    RSP(rqi, PARAM_TEXT),
    RSP(rvi, PARAM_TEXT),
    RSP(to, PARAM_TEXT),
    RSP(fr, PARAM_TEXT),
    RSP(ot, PARAM_TIME),
    RSP(rset, PARAM_TIME),
    RSP(vsi, PARAM_TEXT),
    RSP(ec, PARAM_INT),
    RSP(cnst, PARAM_INT),
    RSP(cnot, PARAM_INT),
    RSP(ati, PARAM_OBJECT),
    RSP(tqf, PARAM_OBJECT),
    RSP(asri, PARAM_INT),
    {"loc",   offsetof(struct response, loc),   PARAM_TEXT, SCOPE_PLATFORM},
    {"retry", offsetof(struct response, retry), PARAM_INT,  SCOPE_PLATFORM},
};

static struct params request_params = {request_rows, ARRAY_LEN(request_rows), {0}, false};
static struct params response_params = {response_rows, ARRAY_LEN(response_rows), {0}, false};

static unsigned name_hash(const char *name)
{
    unsigned hash = 0;

    while (*name)
        hash = hash * 31 + (unsigned char)*name++;
    return hash & 255;
}

static void params_index(struct params *params)
{
    for (size_t i = 0; i < params->count; i++) {
        unsigned slot = name_hash(params->rows[i].name);

        while (params->slots[slot])
            slot = (slot + 1) & 255;
        params->slots[slot] = (unsigned char)(i + 1);
    }
    params->indexed = true;
}

static const struct param *params_find(struct params *params, const char *name)
{
    if (!params->indexed)
        params_index(params);
    for (unsigned slot = name_hash(name); params->slots[slot]; slot = (slot + 1) & 255) {
        const struct param *row = &params->rows[params->slots[slot] - 1];

        if (strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

/* ---- reading ---- */

static bool read_integer(const struct field *f, int64_t max, int64_t *value)
{
    char *rest;

    if (f->kind != FIELD_NUMBER || f->len > 18) /* 10^18 fits */
        return false;
    *value = strtoll(f->value, &rest, 10);
    return !*rest && *value >= 0 && *value <= max;
}

static bool read_slice(const struct field *f, char bracket, struct slice *to)
{
    if (f->kind != FIELD_RAW || *f->value != bracket)
        return false;
    *to = (struct slice){f->value, f->len};
    return true;
}

/* Reads one member into its place; NULL, or what it should have been. */
static const char *read_param(const struct param *row, const struct field *f, void *place)
{
    int64_t number;

    switch (row->kind) {
    case PARAM_TEXT:
    case PARAM_TIME:
        if (f->kind != FIELD_STRING && (row->kind == PARAM_TEXT || f->kind != FIELD_NUMBER))
            return "a string";
        *(const char **)place = f->value;
        return NULL;
    case PARAM_INT:
        if (!read_integer(f, INT_MAX, &number))
            return "a non-negative integer";
        *(int *)place = (int)number;
        return NULL;
    case PARAM_BOOL:
        if (f->kind != FIELD_BOOL)
            return "true or false";
        *(int *)place = *f->value == 't';
        return NULL;
    case PARAM_STAMP:
        if (!read_integer(f, INT64_MAX, &number))
            return "a time in milliseconds since 1970";
        *(int64_t *)place = number;
        return NULL;
    case PARAM_OBJECT:
        return read_slice(f, '{', place) ? NULL : "an object";
    case PARAM_LIST:
        return read_slice(f, '[', place) ? NULL : "a list";
    }
    return "known";
}

/*
 * What clients write otherwise than the standard has it and what can be meant by nothing else: numbers as texts and texts as
 * numbers, a null for what is absent, `rt` as its responseType alone.
 */
static bool read_loosely(const struct param *row, const struct field *f, void *place)
{
    static const char *const response_types[] = {"{\"rtv\":1}", "{\"rtv\":2}", "{\"rtv\":3}", "{\"rtv\":4}", "{\"rtv\":5}"};
    struct field number = {.name = f->name, .kind = FIELD_NUMBER, .value = f->value, .len = f->len};
    int64_t value;

    if (f->kind == FIELD_NULL)
        return true;
    if (f->kind != FIELD_STRING && f->kind != FIELD_NUMBER)
        return false;
    if (row->kind == PARAM_TEXT && read_integer(f, INT64_MAX, &value)) {
        *(const char **)place = f->value;
        return true;
    }
    if (*f->value < '0' || *f->value > '9' || !read_integer(&number, INT_MAX, &value))
        return false;
    if (row->kind == PARAM_INT)
        *(int *)place = (int)value;
    else if (row->kind == PARAM_OBJECT && strcmp(row->name, "rt") == 0 && value >= 1 && value <= (int)ARRAY_LEN(response_types))
        *(struct slice *)place = (struct slice){response_types[value - 1], strlen(response_types[value - 1])};
    else
        return false;
    return true;
}

/* Like decode(), of what came from outside; what can be read is there even if something else cannot. */
static int decode_outside(struct params *params, void *base, const struct envelope *e, char *why, size_t why_size)
{
    int result = 0;

    for (int i = 0; i < e->count; i++) {
        const struct field *f = &e->fields[i];
        const struct param *row = params_find(params, f->name);
        void *place = row ? (char *)base + row->offset : NULL;
        const char *wanted = NULL;

        if (!row || row->scope != SCOPE_PRIMITIVE)
            continue;
        if (f->kind == FIELD_STRING && !str_clean(f->value, f->len))
            wanted = "text without control characters";
        else if (!read_loosely(row, f, place))
            wanted = read_param(row, f, place);
        if (wanted && result == 0)
            snprintf(why, why_size, "%s: must be %s", f->name, wanted);
        result = wanted ? -1 : result;
    }
    return result;
}

static int decode(struct params *params, void *base, const struct envelope *e, char *why, size_t why_size)
{
    for (int i = 0; i < e->count; i++) {
        const struct field *f = &e->fields[i];
        const struct param *row = params_find(params, f->name);
        const char *wanted = row ? read_param(row, f, (char *)base + row->offset) : NULL;

        if (wanted) {
            snprintf(why, why_size, "%s: must be %s", f->name, wanted);
            return -1;
        }
    }
    return 0;
}

int request_decode(struct request *req, const struct envelope *e, char *why, size_t why_size)
{
    struct request read;

    request_init(&read);
    if (decode(&request_params, &read, e, why, why_size) < 0)
        return -1;
    read.pc = (struct slice){e->body_len ? e->body : NULL, e->body_len};
    *req = read;
    return 0;
}

int response_decode(struct response *rsp, const struct envelope *e, char *why, size_t why_size)
{
    struct response read;

    response_init(&read);
    if (decode(&response_params, &read, e, why, why_size) < 0)
        return -1;
    read.pc = (struct slice){e->body_len ? e->body : NULL, e->body_len};
    *rsp = read;
    return 0;
}

int request_decode_outside(struct request *req, const struct envelope *e, char *why, size_t why_size)
{
    request_init(req);
    req->pc = (struct slice){e->body_len ? e->body : NULL, e->body_len};
    return decode_outside(&request_params, req, e, why, why_size);
}

int response_decode_outside(struct response *rsp, const struct envelope *e, char *why, size_t why_size)
{
    response_init(rsp);
    rsp->pc = (struct slice){e->body_len ? e->body : NULL, e->body_len};
    return decode_outside(&response_params, rsp, e, why, why_size);
}

/* ---- writing ---- */

static void write_param(struct str *head, const struct param *row, const void *place)
{
    const struct slice *slice = place;

    switch (row->kind) {
    case PARAM_TEXT:
    case PARAM_TIME:
        head_str(head, row->name, *(const char *const *)place);
        return;
    case PARAM_INT:
        if (*(const int *)place != ABSENT)
            head_int(head, row->name, *(const int *)place);
        return;
    case PARAM_BOOL:
        if (*(const int *)place != ABSENT)
            head_bool(head, row->name, *(const int *)place != 0);
        return;
    case PARAM_STAMP:
        if (*(const int64_t *)place > 0)
            head_int(head, row->name, *(const int64_t *)place);
        return;
    case PARAM_OBJECT:
    case PARAM_LIST:
        head_raw(head, row->name, slice->p, slice->n);
        return;
    }
}

/* All rows of the scopes up to `widest`. */
static void encode(const struct params *params, struct str *head, const void *base, enum param_scope widest)
{
    for (size_t i = 0; i < params->count; i++)
        if (params->rows[i].scope <= widest)
            write_param(head, &params->rows[i], (const char *)base + params->rows[i].offset);
}

void request_encode(struct str *head, const struct request *req)
{
    encode(&request_params, head, req, SCOPE_PLATFORM);
}

void response_encode(struct str *head, const struct response *rsp)
{
    encode(&response_params, head, rsp, SCOPE_PLATFORM);
}

void request_encode_outside(struct str *head, const struct request *req)
{
    encode(&request_params, head, req, SCOPE_PRIMITIVE);
}

void response_encode_outside(struct str *head, const struct response *rsp)
{
    encode(&response_params, head, rsp, SCOPE_PRIMITIVE);
}

/* ---- everything absent ---- */

static void params_clear(const struct params *params, void *base)
{
    for (size_t i = 0; i < params->count; i++)
        if (params->rows[i].kind == PARAM_INT || params->rows[i].kind == PARAM_BOOL)
            *(int *)((char *)base + params->rows[i].offset) = ABSENT;
}

void request_init(struct request *req)
{
    memset(req, 0, sizeof(*req));
    params_clear(&request_params, req);
}

void response_init(struct response *rsp)
{
    memset(rsp, 0, sizeof(*rsp));
    params_clear(&response_params, rsp);
}

const char *primitive_operation(int op)
{
    static const char *const names[] = {"other", "create", "retrieve", "update", "delete", "notify"};

    return op >= OP_CREATE && op <= OP_NOTIFY ? names[op] : names[0];
}
