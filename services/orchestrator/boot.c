#include "boot.h"

#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "rows.h"
#include "store.h"

enum { RETRY_MS = 300, CALL_MS = 3000, TY_CSEBASE = 5 };

static struct store_call call;
static struct loop_timer *retry;
static bool busy, done;

bool boot_done(void)
{
    return done;
}

static json_t *split_list(const char *text)
{
    json_t *list = json_array();

    while (*text) {
        size_t len = strcspn(text, ",");
        size_t start = strspn(text, " ");

        if (len > start)
            json_array_append_new(list, json_stringn(text + start, len - start));
        text += len + (text[len] == ',');
    }
    return list;
}

/* What the settings and the program decide. The caller owns it. */
static json_t *decided(void)
{
    json_t *types = json_array();
    json_t *releases = json_array();
    auto_free char *provider = xasprintf("//%s", cse_spid());

    for (const struct rtype *const *type = rtype_all(); *type; type++)
        json_array_append_new(types, json_integer((*type)->ty));
    for (const char *const *release = cse_releases(); *release; release++)
        json_array_append_new(releases, json_string(*release));
    return json_pack("{si ss so so s[ss] so ss}", "cst", cse_type(), "csi", cse_id(), "srt", types, "poa", split_list(cse_poa()),
                     "csz", "application/json", "application/cbor", "srv", releases, "spi", provider);
}

/* One operation for storage: create, or update of what differs. NULL: all is as it should be. */
static json_t *operation(const json_t *record, int64_t now)
{
    json_auto_t *wanted = decided();
    const json_t *a = json_object_get(record, "a");
    json_t *attributes, *value;
    char time[CLOCK_TEXT_SIZE];
    const char *name;
    void *next;

    if (record) {
        json_object_foreach_safe(wanted, next, name, value) if (json_equal(value, json_object_get(a, name)))
            json_object_del(wanted, name);
        return json_object_size(wanted) == 0 ? NULL : json_pack("{ss ss sO}", "op", "update", "ri", cse_ri(), "set", wanted);
    }
    clock_format(now, time);
    attributes = json_pack("{ss si ss ss ss}", "rn", cse_name(), "ty", TY_CSEBASE, "ri", cse_ri(), "pi", "", "ct", time);
    json_object_update(attributes, wanted);
    return json_pack("{ss s{ss ss si ss ss so}}", "op", "create", "r", "ri", cse_ri(), "pi", "", "ty", TY_CSEBASE, "path",
                     cse_name(), "by", cse_admin(), "a", attributes);
}

static void finished(bool well)
{
    busy = false;
    if (!well)
        return;
    done = true;
    loop_timer_free(retry);
    retry = NULL;
    log_info("boot.done", "cse=%s name=%s", cse_id(), cse_name());
}

static void on_committed(void *context, const struct store_reply *reply)
{
    (void)context;
    if (reply->st == STORE_REFUSED || reply->st == STORE_FAILED)
        log_error("boot.refused", "why=%s", envelope_str(reply->e, "why"));
    finished(reply->st == STORE_OK); /* `exists`: a sibling was faster; the next look will tell */
}

static void send_commit(const json_t *record)
{
    int64_t now = clock_now_ms();
    json_t *op = operation(record, now);
    json_auto_t *ops = json_array();
    char key[ID_SIZE];
    struct request req;

    if (!op) {
        finished(true);
        return;
    }
    json_array_append_new(ops, op);
    id_random("boot", key);
    request_init(&req);
    req.id = key;
    call.done = on_committed;
    call.deadline = now + CALL_MS;
    if (store_commit(&call, &req, cse_id(), ops, now, NULL) < 0)
        finished(false);
}

/* Asked for by name and by id: it must be there under both, or under none. */
static void on_records(void *context, const struct store_reply *reply)
{
    struct slice list, by_name, by_id;
    json_auto_t *record = NULL;

    (void)context;
    if (reply->st != STORE_OK || !list_open((struct slice){reply->e->body, reply->e->body_len}, &list) ||
        !list_next(&list, &by_name) || !list_next(&list, &by_id)) {
        finished(false);
        return;
    }
    if (slice_is(by_name, "null") != slice_is(by_id, "null"))
        log_fatal("boot.other", "why=%s cse=%s name=%s",
                  "the database belongs to a CSE with another cse.id or cse.name: these cannot be changed later", cse_id(),
                  cse_name());
    if (!slice_is(by_name, "null"))
        record = store_record(by_name);
    send_commit(record);
}

static void look(void *context)
{
    char *addresses[] = {(char *)cse_name(), (char *)cse_ri()};

    (void)context;
    if (busy || !bus_is_up())
        return;
    busy = true;
    call = (struct store_call){.done = on_records, .tenant = "main", .deadline = clock_now_ms() + CALL_MS};
    if (store_records(&call, addresses, (int)ARRAY_LEN(addresses), NULL) < 0)
        busy = false;
}

void boot_start(void)
{
    retry = loop_timer_new(look, NULL);
    loop_timer_start(retry, 0, RETRY_MS);
}
