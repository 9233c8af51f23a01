/* Reads by address, and of what waits. */
#include "address.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "reader.h"

#define TY_REMOTE_CSE 16
#define TY_AE 2
#define TY_REMOTE_CSE 16
#define TY_SUBSCRIPTION 23
#define BODY_MAX (240 << 10) /* more than this is asked for in a further step */

struct reader *reader_new(struct db *db, int nodes)
{
    struct reader *reader = xcalloc(1, sizeof *reader);

    reader->db = db;
    reader->nodes = nodes_new(nodes);
    return reader;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    nodes_free(reader->nodes);
    db_close(reader->db);
    free(reader);
}

void reader_learn(struct reader *reader, const struct group_report *report)
{
    const char *ri = str_text(&report->touched);

    if (report->all)
        nodes_clear(reader->nodes);
    else
        for (; ri < report->touched.data + report->touched.len; ri += strlen(ri) + 1)
            nodes_forget(reader->nodes, ri);
}

/* The instance with this number, if `check` finds its row right. Leaves target->node NULL otherwise. */
static int find_number(struct reader *reader, const char *ri, int64_t number, struct target *target)
{
    int found = db_ask(reader->db, INS_BY_ID, "i", number);
    struct instance_row row = {0};
    char own[ID_SIZE] = "";
    bool failed = false;

    if (found > 0) {
        row_instance(reader->db, INS_BY_ID, &row);
        instance_ri(&row, own);
    }
    db_end(reader->db, INS_BY_ID);
    if (found > 0 && strcmp(own, ri) == 0)
        target->node = nodes_by_id(reader->nodes, reader->db, row.parent, &failed);
    target->instance = target->node != NULL;
    target->number = number;
    return found < 0 || failed ? -1 : 0;
}

/* An instance by its path: given names are in an index, generated ones say their number. */
static int find_below(struct reader *reader, const char *path, struct target *target)
{
    const char *rn = strrchr(path, '/') + 1;
    auto_free char *above = xstrndup(path, (size_t)(rn - 1 - path));
    struct node *parent;
    int64_t number;
    bool failed, generated = false;
    int found;

    parent = nodes_by_path(reader->nodes, reader->db, above, &failed);
    if (!parent)
        return failed ? -1 : 0;
    found = db_ask(reader->db, INS_BY_NAME, "it", parent->id, rn);
    target->number = found > 0 ? db_int(reader->db, INS_BY_NAME, I_ID) : 0;
    db_end(reader->db, INS_BY_NAME);
    if (found == 0 && name_number(rn, &number)) {
        found = db_ask(reader->db, INS_BY_ID, "i", number);
        generated = found > 0 && db_null(reader->db, INS_BY_ID, I_RN) && db_int(reader->db, INS_BY_ID, I_PARENT) == parent->id;
        db_end(reader->db, INS_BY_ID);
        target->number = number;
        if (!generated)
            found = found < 0 ? -1 : 0;
    }
    target->instance = found > 0;
    target->node = found > 0 ? parent : NULL;
    return found < 0 ? -1 : 0;
}

/*
 * The remoteCSE through which the CSE with this id ("/id-mn", "//sp/id-mn") is reached. Usually it has that id without the
 * slash; those of its descendants are looked for among all, of which there are few.
 */
static int find_cse(struct reader *reader, const char *csi, struct target *target)
{
    auto_free char *provider = NULL;
    bool failed = false;
    int found;

    target->node = nodes_by_ri(reader->nodes, reader->db, csi + 1, &failed);
    if (failed || (target->node && target->node->ty == TY_REMOTE_CSE))
        return failed ? -1 : 0;
    target->node = NULL;
    if (csi[1] == '/' && strchr(csi + 2, '/')) /* "//sp/" */
        provider = xstrndup(csi, 2 + strcspn(csi + 2, "/") + 1);
    found = db_ask(reader->db, RES_REMOTE_CSE, "tt", csi, provider ? provider : "-");
    if (found > 0) {
        auto_free char *ri = xstrdup(db_text(reader->db, RES_REMOTE_CSE, 0));

        db_end(reader->db, RES_REMOTE_CSE);
        target->node = nodes_by_ri(reader->nodes, reader->db, ri, &failed);
        return failed ? -1 : 0;
    }
    db_end(reader->db, RES_REMOTE_CSE);
    return found;
}

/* Whether it has expired or not. */
static int find_any(struct reader *reader, const char *address, struct target *target)
{
    int64_t number;
    bool failed = false;

    *target = (struct target){0};
    if (*address == '/')
        return find_cse(reader, address, target);
    if (strchr(address, '/')) {
        target->node = nodes_by_path(reader->nodes, reader->db, address, &failed);
        return failed ? -1 : target->node ? 0 : find_below(reader, address, target);
    }
    if (name_number(address, &number) && (find_number(reader, address, number, target) < 0 || target->node))
        return target->node ? 0 : -1;
    *target = (struct target){.node = nodes_by_ri(reader->nodes, reader->db, address, &failed)};
    if (!failed && !target->node) /* the CSEBase's name */
        target->node = nodes_by_path(reader->nodes, reader->db, address, &failed);
    return failed ? -1 : 0;
}

int reader_find(struct reader *reader, const char *address, struct target *target)
{
    int result = find_any(reader, address, target);

    if (target->node && target->node->et <= clock_now_ms())
        target->node = NULL;
    return result;
}

/* The id of the node that an entity is on; NULL: it does not say, or there is none. 0, -1. */
static int find_node(struct reader *reader, const struct resource_row *row, char **ri)
{
    json_auto_t *a = memmem(row->a.p, row->a.n, "\"nl\"", 4) ? json_loadb(row->a.p, row->a.n, 0, NULL) : NULL;
    const char *nl = json_str(a, "nl");
    struct address address = {0};
    struct target target;
    char why[64];
    int result;

    *ri = NULL;
    if (!nl || address_parse(&address, nl, why, sizeof why) < 0)
        return 0;
    result = address.hosted ? reader_find(reader, address.local, &target) : 0;
    if (result == 0 && address.hosted && target.node && !target.instance)
        *ri = xstrdup(target.node->ri);
    address_done(&address);
    return result;
}

/*
 * The record of a subscription tells its notificationSchedule as events do; that of an AE or remoteCSE when its node can be
 * reached.
 */
static int put_schedule(struct reader *reader, const struct resource_row *row, struct str *out)
{
    auto_free char *ri = NULL;

    if (row->ty == TY_SUBSCRIPTION)
        ri = xstrdup(row->ri);
    else if ((row->ty == TY_AE || row->ty == TY_REMOTE_CSE) && find_node(reader, row, &ri) < 0)
        return -1;
    if (!ri)
        return 0;
    out->len--; /* the brace */
    if (schedule_put(reader->db, ri, out) < 0)
        return -1;
    str_putc(out, '}');
    return 0;
}

/* Writes the record or the representation of what was found. 1, 0 when it has gone in the meantime, -1. */
static int put_target(struct reader *reader, const struct target *target, bool record, struct str *out)
{
    struct node *node = target->node;
    enum sql sql = target->instance ? INS_BY_ID : RES_BY_ID;
    int found = db_ask(reader->db, sql, "i", target->instance ? target->number : node->id);
    struct instance_row instance;
    struct resource_row row;
    char buffer[ID_SIZE];

    if (found > 0 && target->instance) {
        row_instance(reader->db, sql, &instance);
        auto_free char *path = xasprintf("%s/%s", node->path, instance_name(&instance, buffer));
        struct above parent = above_node(node);

        if (instance_et(&instance, &parent) <= clock_now_ms())
            found = 0;
        else if (record)
            rep_instance_record(out, &instance, &parent, path);
        else
            rep_instance(out, &instance, &parent);
    } else if (found > 0) {
        row_resource(reader->db, sql, &row);
        (record ? rep_record : rep_resource)(out, &row);
        if (record && put_schedule(reader, &row, out) < 0)
            found = -1;
    }
    db_end(reader->db, sql);
    return found;
}

int records_list(struct reader *reader, const json_t *addresses, struct answer *a)
{
    const json_t *address;
    struct target target;
    int found;
    size_t i;

    answer_reset(a);
    nodes_trim(reader->nodes);
    if (!json_is_array(addresses) || json_array_size(addresses) > QUERY_ROWS_MAX) {
        answer_refuse(a, RSC_BAD_REQUEST, "line two is not a list of at most %d addresses", QUERY_ROWS_MAX);
        return 0;
    }
    str_putc(&a->body, '[');
    json_array_foreach(addresses, i, address)
    {
        if (i > 0)
            str_putc(&a->body, ',');
        found = 0;
        if (json_is_string(address)) {
            if (reader_find(reader, json_string_value(address), &target) < 0)
                return -1;
            found = target.node ? put_target(reader, &target, true, &a->body) : 0;
        }
        if (found < 0)
            return -1;
        if (found == 0)
            str_puts(&a->body, "null");
    }
    str_putc(&a->body, ']');
    return 0;
}

static int get_virtual(struct reader *reader, const struct node *node, enum sql sql, struct answer *a)
{
    int found = db_ask(reader->db, sql, "i", node->id);
    struct above parent = above_node(node);
    int64_t now = clock_now_ms();
    struct instance_row row;

    for (; found > 0; found = db_next(reader->db, sql)) {
        row_instance(reader->db, sql, &row);
        if (instance_et(&row, &parent) > now)
            break;
    }
    if (found > 0)
        rep_instance(&a->body, &row, &parent);
    db_end(reader->db, sql);
    return found;
}

int records_get(struct reader *reader, const char *to, enum virtual_child virt, struct slice need, struct answer *a)
{
    struct target target;
    int found = 0;

    nodes_trim(reader->nodes);
    if (need_check(reader->nodes, reader->db, need, a) < 0)
        return -1;
    if (a->st != ST_OK)
        return 0;
    if (reader_find(reader, to, &target) < 0)
        return -1;
    if (target.node && virt == NOT_VIRTUAL)
        found = put_target(reader, &target, false, &a->body);
    else if (target.node && !target.instance)
        found = get_virtual(reader, target.node, virt == LATEST ? INS_NEWEST : INS_OLDEST, a);
    if (found == 0)
        answer_none(a);
    return found < 0 ? -1 : 0;
}

static int pending_lane(struct reader *reader, const char *lane, int64_t max, struct str *out)
{
    int found = db_ask(reader->db, PEND_LIST, "ti", lane, max);
    size_t start = out->len;

    for (; found > 0 && out->len < BODY_MAX; found = db_next(reader->db, PEND_LIST)) {
        struct slice n = db_slice(reader->db, PEND_LIST, 2);

        if (out->len > start)
            str_putc(out, ',');
        str_addf(out, "{\"seq\":%lld,\"at\":%lld,\"n\":", (long long)db_int(reader->db, PEND_LIST, 0),
                 (long long)db_int(reader->db, PEND_LIST, 1));
        str_add(out, n.p, n.n);
        str_putc(out, '}');
    }
    db_end(reader->db, PEND_LIST);
    return found < 0 ? -1 : 0;
}

static int pending_summary(struct reader *reader, const char *after, int64_t max, struct str *out)
{
    int found = db_ask(reader->db, PEND_SUMMARY, "ti", after ? after : "", max);
    size_t start = out->len;

    for (; found > 0 && out->len < BODY_MAX; found = db_next(reader->db, PEND_SUMMARY)) {
        str_puts(out, out->len > start ? ",{\"lane\":" : "{\"lane\":");
        str_json(out, db_text(reader->db, PEND_SUMMARY, 0));
        head_str(out, "sub", db_text(reader->db, PEND_SUMMARY, 1));
        head_int(out, "count", db_int(reader->db, PEND_SUMMARY, 2));
        head_int(out, "first", db_int(reader->db, PEND_SUMMARY, 3));
        str_putc(out, '}');
    }
    db_end(reader->db, PEND_SUMMARY);
    return found < 0 ? -1 : 0;
}

int records_pending(struct reader *reader, const char *lane, const char *after, int64_t max, struct answer *a)
{
    int result;

    answer_reset(a);
    if (max < 1 || max > QUERY_ROWS_MAX)
        max = QUERY_ROWS_MAX;
    str_putc(&a->body, '[');
    result = lane ? pending_lane(reader, lane, max, &a->body) : pending_summary(reader, after, max, &a->body);
    str_putc(&a->body, ']');
    return result;
}
