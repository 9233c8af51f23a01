#include "policy.h"

#include "address.h"
#include "clock.h"
#include "cmdh.h"
#include "cse.h"
#include "emit.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "store.h"

#define TENANT "main"

enum { PATIENCE_MS = 1000, PAGE = 200, ROWS_MAX = 2000 };

static struct store_call call;
static bool looking;
static char *node;   /* of this CSE, while its policy is read */
static json_t *rows; /* read so far */

static void ask_rows(const char *after);

static void finish(void)
{
    looking = false;
    free(node);
    node = NULL;
    json_decref(rows);
    rows = NULL;
}

/* A policy that cannot be read now stays as it was. */
static void on_rows(void *context, const struct store_reply *reply)
{
    json_auto_t *page = reply->st == STORE_OK ? json_loadb(reply->e->body, reply->e->body_len, 0, NULL) : NULL;
    const char *more = json_str(page, "more");

    (void)context;
    json_array_extend(rows, json_object_get(page, "rows"));
    if (more && json_array_size(rows) < ROWS_MAX) {
        ask_rows(more);
        return;
    }
    if (page)
        cmdh_set(cmdh_resolve(rows));
    finish();
}

static void ask_rows(const char *after)
{
    json_auto_t *fc = json_pack("{s[ii]}", "ty", 13, 18); /* mgmtObj, schedule */
    struct store_query query = {.root = node, .full = true, .fc = fc, .lvl = 1, .after = after, .max = PAGE};

    call = (struct store_call){.done = on_rows, .tenant = TENANT, .deadline = clock_now_ms() + PATIENCE_MS};
    if (store_query(&call, &query, NULL) < 0)
        finish();
}

/* The resource id of the node that the CSEBase names, if it is here. The caller frees. */
static char *node_of(const json_t *base)
{
    const char *nl = json_str(json_object_get(base, "a"), "nl");
    struct address a;
    char why[64], *id;

    if (!nl || address_parse(&a, nl, why, sizeof why) < 0)
        return NULL;
    id = a.hosted && !a.structured ? xstrdup(a.local) : NULL;
    address_done(&a);
    return id;
}

static void on_base(void *context, const struct store_reply *reply)
{
    json_auto_t *list = reply->st == STORE_OK ? json_loadb(reply->e->body, reply->e->body_len, 0, NULL) : NULL;
    const json_t *base = json_array_get(list, 0);

    (void)context;
    if (!json_is_object(base)) {
        finish();
        return;
    }
    emit_tell_requests(json_int(base, "subs", 0) & MARK_COUNTED);
    node = node_of(base);
    if (node) {
        rows = json_array();
        ask_rows(NULL);
    } else {
        cmdh_set(NULL);
        finish();
    }
}

void policy_look(void)
{
    char *ri = (char *)(uintptr_t)cse_ri();

    if (looking)
        return;
    call = (struct store_call){.done = on_base, .tenant = TENANT, .deadline = clock_now_ms() + PATIENCE_MS};
    looking = store_records(&call, &ri, 1, NULL) == 0;
}
