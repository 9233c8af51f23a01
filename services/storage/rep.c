/* Texts are put together from texts: what a client sent is passed on as it was written, numbers untouched. */
#include "rep.h"
#include "clock.h"
#include "envelope.h"
#include "id.h"
#include "json.h"
#include "mem.h"

enum { ATTRIBUTES_MAX = 256 };

void row_resource(struct db *db, enum sql sql, struct resource_row *row)
{
    *row = (struct resource_row){
        .id = db_int(db, sql, R_ID),
        .ri = db_text(db, sql, R_RI),
        .pi = db_text(db, sql, R_PI),
        .path = db_text(db, sql, R_PATH),
        .by = db_text(db, sql, R_BY),
        .ty = (int)db_int(db, sql, R_TY),
        .v = db_int(db, sql, R_V),
        .ct = db_int(db, sql, R_CT),
        .lt = db_int(db, sql, R_LT),
        .et = db_int_or(db, sql, R_ET, NEVER),
        .st = db_int(db, sql, R_ST),
        .cni = db_int(db, sql, R_CNI),
        .cbs = db_int(db, sql, R_CBS),
        .subs = (uint32_t)db_int(db, sql, R_SUBS),
        .acpi = db_slice(db, sql, R_ACPI),
        .a = db_slice(db, sql, R_A),
        .key = db_text(db, sql, R_KEY),
    };
}

void row_instance(struct db *db, enum sql sql, struct instance_row *row)
{
    *row = (struct instance_row){
        .id = db_int(db, sql, I_ID),
        .parent = db_int(db, sql, I_PARENT),
        .seq = db_int(db, sql, I_SEQ),
        .ty = (int)db_int(db, sql, I_TY),
        .ct = db_int(db, sql, I_CT),
        .et = db_int_or(db, sql, I_ET, NEVER),
        .cs = db_int(db, sql, I_CS),
        .rn = db_text(db, sql, I_RN),
        .labeled = db_int(db, sql, I_LABELED) != 0,
        .a = db_slice(db, sql, I_A),
    };
}

void row_counters(struct resource_row *row, const struct node *node)
{
    row->st = node->st;
    row->cni = node->cni;
    row->cbs = node->cbs;
    row->lt = node->lt;
}

static const char *type_sn(int ty)
{
    const struct rtype *type = rtype_by_ty(ty);

    return type ? type->sn : "ty";
}

void instance_ri(const struct instance_row *row, char *buffer)
{
    id_instance(type_sn(row->ty), row->id, buffer);
}

const char *instance_name(const struct instance_row *row, char *buffer)
{
    if (row->rn)
        return row->rn;
    instance_ri(row, buffer);
    return buffer;
}

struct above above_node(const struct node *parent)
{
    return (struct above){parent->ri, parent->key, parent->et};
}

struct above above_row(const struct resource_row *parent)
{
    return (struct above){parent->ri, parent->key, parent->et};
}

/* An instance that no request makes goes along with a change of its parent: its stateTag and name are the parent's. */
static bool goes_along(const struct rtype *type)
{
    return type && type->instance && !type->create;
}

int64_t instance_st(const struct instance_row *row, const struct rtype *type)
{
    if (!type || !type->state_tag)
        return -1;
    return goes_along(type) ? row->seq - 1 : row->seq;
}

int64_t instance_et(const struct instance_row *row, const struct above *parent)
{
    return row->et != NEVER ? row->et : parent->et;
}

const char *instance_key(const struct instance_row *row, const struct above *parent, struct str *buffer)
{
    if (!parent->key || !goes_along(rtype_by_ty(row->ty)))
        return NULL;
    str_reset(buffer);
    str_addf(buffer, "%sInst", parent->key);
    return buffer->data;
}

static void put_time(struct str *out, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(ms, text);
    str_addf(out, ",\"%s\":\"%s\"", name, text);
}

/* The members of the object `a` without its braces, a comma in front unless there are none. */
static void put_members(struct str *out, struct slice a)
{
    if (a.n <= 2)
        return;
    str_putc(out, ',');
    str_add(out, a.p + 1, a.n - 2);
}

static void put_root(struct str *out, int ty, const char *key)
{
    const struct rtype *type = rtype_by_ty(ty);

    str_puts(out, "{\"");
    str_puts(out, key ? key : type ? type->key : "m2m:unknown");
    str_puts(out, "\":");
}

/* Attributes as they came, without the closing brace, and without what the CSE keeps of its own. */
static void put_shown(struct str *out, struct slice a)
{
    struct json_member members[ATTRIBUTES_MAX];
    int count = memmem(a.p, a.n, "\"_", 2) ? json_members(a.p, a.n, members, ATTRIBUTES_MAX) : -1;
    char separator = '{';

    if (count < 0)
        str_add(out, a.p, a.n > 0 ? a.n - 1 : 0);
    for (int i = 0; i < count; i++) {
        if (members[i].name.n > 0 && rtype_attr_is_own(members[i].name.p))
            continue;
        str_putc(out, separator);
        str_putc(out, '"');
        str_add(out, members[i].name.p, members[i].name.n);
        str_puts(out, "\":");
        str_add(out, members[i].value.p, members[i].value.n);
        separator = ',';
    }
}

static void put_attributes(struct str *out, const struct resource_row *row, bool all)
{
    const struct rtype *type = rtype_by_ty(row->ty);

    /* There always are some, at least rn. */
    if (all)
        str_add(out, row->a.p, row->a.n > 0 ? row->a.n - 1 : 0);
    else
        put_shown(out, row->a);
    if (row->a.n <= 2)
        str_addf(out, "\"ty\":%d", row->ty);
    put_time(out, "lt", row->lt);
    if (type && type->state_tag)
        head_int(out, "st", row->st);
    if (type && rtype_attr(type, "cni"))
        head_int(out, "cni", row->cni);
    if (type && rtype_attr(type, "cbs"))
        head_int(out, "cbs", row->cbs);
    str_putc(out, '}');
}

void rep_attributes(struct str *out, const struct resource_row *row)
{
    put_attributes(out, row, false);
}

void rep_resource(struct str *out, const struct resource_row *row)
{
    put_root(out, row->ty, row->key);
    rep_attributes(out, row);
    str_putc(out, '}');
}

void rep_record(struct str *out, const struct resource_row *row)
{
    str_puts(out, "{\"ri\":");
    str_json(out, row->ri);
    head_str(out, "pi", row->pi);
    head_int(out, "ty", row->ty);
    head_str(out, "path", row->path);
    head_int(out, "v", row->v);
    head_str(out, "by", row->by);
    head_int(out, "subs", row->subs);
    head_str(out, "key", row->key);
    str_puts(out, ",\"a\":");
    put_attributes(out, row, true);
    str_putc(out, '}');
}

void rep_instance_attributes(struct str *out, const struct instance_row *row, const struct above *parent)
{
    const struct rtype *type = rtype_by_ty(row->ty);
    int64_t st = instance_st(row, type), et = instance_et(row, parent);
    char ri[ID_SIZE];

    instance_ri(row, ri);
    str_puts(out, "{\"rn\":");
    str_json(out, row->rn ? row->rn : ri);
    head_int(out, "ty", row->ty);
    head_str(out, "ri", ri);
    head_str(out, "pi", parent->ri);
    put_time(out, "ct", row->ct);
    put_time(out, "lt", row->ct);
    if (st >= 0)
        head_int(out, "st", st);
    if (et != NEVER)
        put_time(out, "et", et);
    if (type && rtype_attr(type, "cs"))
        head_int(out, "cs", row->cs);
    put_members(out, row->a);
    str_putc(out, '}');
}

void rep_instance(struct str *out, const struct instance_row *row, const struct above *parent)
{
    auto_str struct str key = STR_EMPTY;

    put_root(out, row->ty, instance_key(row, parent, &key));
    rep_instance_attributes(out, row, parent);
    str_putc(out, '}');
}

void rep_instance_record(struct str *out, const struct instance_row *row, const struct above *parent, const char *path)
{
    auto_str struct str key = STR_EMPTY;
    char ri[ID_SIZE];

    instance_ri(row, ri);
    str_puts(out, "{\"ri\":");
    str_json(out, ri);
    head_str(out, "pi", parent->ri);
    head_int(out, "ty", row->ty);
    head_str(out, "path", path);
    head_str(out, "key", instance_key(row, parent, &key));
    str_puts(out, ",\"a\":");
    rep_instance_attributes(out, row, parent);
    str_putc(out, '}');
}
