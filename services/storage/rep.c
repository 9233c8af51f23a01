/* Texts are put together from texts: what a client sent is passed on as it was written, numbers untouched. */
#include "rep.h"
#include "clock.h"
#include "envelope.h"
#include "id.h"
#include "mem.h"

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

/* `a`: attributes that tell which variant of the type it is. */
static void put_root(struct str *out, int ty, struct slice a)
{
    const struct rtype *type = rtype_of_text(ty, a.p, a.n);

    str_puts(out, "{\"");
    str_puts(out, type ? type->key : "m2m:unknown");
    str_puts(out, "\":");
}

void rep_attributes(struct str *out, const struct resource_row *row)
{
    const struct rtype *type = rtype_by_ty(row->ty);

    /* Attributes as they came are first; they always hold some, at least rn. */
    str_add(out, row->a.p, row->a.n > 0 ? row->a.n - 1 : 0);
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

void rep_resource(struct str *out, const struct resource_row *row)
{
    put_root(out, row->ty, row->a);
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
    str_puts(out, ",\"a\":");
    rep_attributes(out, row);
    str_putc(out, '}');
}

void rep_instance_attributes(struct str *out, const struct instance_row *row, const char *pi, int64_t et)
{
    const struct rtype *type = rtype_by_ty(row->ty);
    char ri[ID_SIZE];

    instance_ri(row, ri);
    str_puts(out, "{\"rn\":");
    str_json(out, row->rn ? row->rn : ri);
    head_int(out, "ty", row->ty);
    head_str(out, "ri", ri);
    head_str(out, "pi", pi);
    put_time(out, "ct", row->ct);
    put_time(out, "lt", row->ct);
    if (type && type->state_tag)
        head_int(out, "st", row->seq);
    if (et != NEVER)
        put_time(out, "et", et);
    if (type && rtype_attr(type, "cs"))
        head_int(out, "cs", row->cs);
    put_members(out, row->a);
    str_putc(out, '}');
}

void rep_instance(struct str *out, const struct instance_row *row, const char *pi, int64_t et)
{
    put_root(out, row->ty, row->a);
    rep_instance_attributes(out, row, pi, et);
    str_putc(out, '}');
}

void rep_instance_record(struct str *out, const struct instance_row *row, const char *pi, const char *path, int64_t et)
{
    char ri[ID_SIZE];

    instance_ri(row, ri);
    str_puts(out, "{\"ri\":");
    str_json(out, ri);
    head_str(out, "pi", pi);
    head_int(out, "ty", row->ty);
    head_str(out, "path", path);
    str_puts(out, ",\"a\":");
    rep_instance_attributes(out, row, pi, et);
    str_putc(out, '}');
}
