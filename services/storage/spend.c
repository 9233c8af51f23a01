/*
 * What is used up: the limit of an access control rule (accessControlLimit, TS-0001 9.6.2) and the retrievals that a
 * contentInstance has left (deletionCnt, TS-0001 9.6.7). Counted here, where only one counts, whoever asks.
 */
#include "id.h"
#include "json.h"
#include "mem.h"
#include "store.h"

/* Nothing is left, or what was looked at is another one by now: to be decided anew, from what is here. */
static void answer_spent(struct answer *a, const struct node *node)
{
    answer_reset(a);
    a->st = ST_STALE;
    str_putc(&a->body, '{');
    str_json(&a->body, node->ri);
    str_addf(&a->body, ":%lld}", (long long)node->v);
}

/* The context that a limit is in: set.acr[rule].acco[context] of a policy's attributes. Borrowed; NULL if there is none. */
static json_t *context_of(const json_t *policy, const json_t *op)
{
    const char *set = json_str(op, "set");
    int64_t rule = json_int(op, "rule", -1), context = json_int(op, "context", -1);
    const json_t *acr = set ? json_object_get(json_object_get(policy, set), "acr") : NULL;

    if (rule < 0 || context < 0)
        return NULL;
    return json_array_get(json_object_get(json_array_get(acr, (size_t)rule), "acco"), (size_t)context);
}

/* One use less. 0 with the answer saying whether there was one left; -1. */
static int use_context(struct store *store, struct node *node, const json_t *op, json_t *policy, struct answer *a)
{
    json_t *context = context_of(policy, op);
    int64_t left = json_int(context, "acl", 0);
    auto_str struct str text = STR_EMPTY;

    if (left <= 0) {
        answer_spent(a, node);
        return 0;
    }
    json_object_set_new(context, "acl", json_integer(left - 1));
    json_write(&text, policy);
    str_puts(&a->body, "null");
    return db_run(store->db, RES_SET_A, "si", (struct slice){text.data, text.len}, node->id);
}

int spend_use(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    const char *ri = json_str(op, "ri");
    struct resource_row row;
    json_auto_t *policy = NULL;
    struct node *node;
    bool failed = false;
    char why[128];

    (void)origin;
    node = ri ? nodes_by_ri(store->nodes, store->db, ri, &failed) : NULL;
    if (failed)
        return -1;
    if (!node) {
        answer_gone(a, ri ? ri : "");
        return 0;
    }
    if (db_ask(store->db, RES_BY_RI, "t", ri) > 0) {
        row_resource(store->db, RES_BY_RI, &row);
        policy = json_parse(row.a.p, row.a.n, why, sizeof why);
    }
    db_end(store->db, RES_BY_RI);
    return policy ? use_context(store, node, op, policy, a) : -1;
}

/* The attributes of an instance with another deletionCnt, all else as it was written. False if it has none. */
static bool write_left(struct str *out, struct slice attributes, int64_t *left)
{
    struct json_member members[64];
    int count = json_members(attributes.p, attributes.n, members, ARRAY_LEN(members));
    bool found = false;
    char separator = '{';

    for (int i = 0; i < count; i++) {
        str_putc(out, separator);
        str_putc(out, '"');
        str_add(out, members[i].name.p, members[i].name.n);
        str_puts(out, "\":");
        separator = ',';
        if (slice_is(members[i].name, "dcnt")) {
            *left = strtoll(members[i].value.p, NULL, 10) - 1;
            str_int(out, *left);
            found = true;
        } else {
            str_add(out, members[i].value.p, members[i].value.n);
        }
    }
    str_putc(out, '}');
    return found;
}

int spend_retrieval(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    const char *ri = json_str(op, "ri");
    auto_str struct str text = STR_EMPTY;
    struct instance_row row = {0};
    char own[ID_SIZE] = "";
    int64_t number, left = -1;
    int found = 0;

    if (!ri || !name_number(ri, &number)) {
        answer_refuse(a, RSC_BAD_REQUEST, "retrieved wants the ri of an instance");
        return 0;
    }
    found = db_ask(store->db, INS_BY_ID, "i", number);
    if (found > 0) {
        row_instance(store->db, INS_BY_ID, &row);
        instance_ri(&row, own);
        found = strcmp(own, ri) == 0;
    }
    if (found > 0 && !write_left(&text, row.a, &left))
        left = 1; /* it does not count */
    db_end(store->db, INS_BY_ID);
    if (found < 0)
        return -1;
    if (found == 0) {
        answer_gone(a, ri);
        return 0;
    }
    if (left <= 0 && remove_resource(store, origin, ri, a) < 0)
        return -1;
    str_puts(&a->body, "null");
    return left <= 0 ? 0 : db_run(store->db, INS_SET_A, "si", (struct slice){text.data, text.len}, number);
}
