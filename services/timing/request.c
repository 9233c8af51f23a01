#include "request.h"

#include "bus.h"
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "rsc.h"
#include "store.h"

enum { PAUSE_MS = 300, RESULT_MAX = 64 << 10 };

/* A request until it is answered. */
struct sent {
    struct sent *next, **at;
    struct str head, body;
    char rqi[ID_SIZE];
    int64_t deadline; /* wall clock */
    request_fn *fn;
    void *context;
    struct loop_timer *pause;
    bool asked, forgotten;
};

static struct sent *all;

/* Not copied: given by whoever sends it. */
static bool is_own(const char *name)
{
    static const char *const own[] = {"to", "rqi", "pc", "rvi"};

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (strcmp(name, own[i]) == 0)
            return true;
    return false;
}

static void put_member(struct str *head, const char *name, const json_t *value)
{
    auto_str struct str text = STR_EMPTY;

    if (json_is_string(value)) {
        head_str(head, name, json_string_value(value));
    } else if (json_is_integer(value)) {
        head_int(head, name, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        head_bool(head, name, json_is_true(value));
    } else {
        json_write(&text, value);
        head_raw(head, name, text.data, text.len);
    }
}

void request_head(struct str *head, const json_t *apv, const char *to, const char *rqi)
{
    static const char nobody[] = "{\"by\":\"none\"}"; /* that who made the action was authenticated is not known any more */
    const char *rvi = json_str(apv, "rvi"), *name;
    json_t *value;

    head_str(head, "tenant", STORE_TENANT);
    head_raw(head, "identity", nobody, sizeof nobody - 1);
    json_object_foreach((json_t *)apv, name, value)
    {
        if (!is_own(name))
            put_member(head, name, value);
    }
    head_str(head, "to", to);
    head_str(head, "rqi", rqi);
    head_str(head, "rvi", rvi ? rvi : cse_release_answered(NULL));
}

void request_body(struct str *body, const json_t *apv)
{
    const json_t *pc = json_object_get(apv, "pc");

    if (pc)
        json_write(body, pc);
}

json_t *request_failure(int rsc, const char *rqi)
{
    return json_pack("{si ss}", "rsc", rsc, "rqi", rqi);
}

/* `value` itself, or a copy in which it is in place. */
static json_t *replaced(const json_t *part, const char *name, const json_t *value)
{
    const char *text = json_string_value(part), *key;
    json_t *copy, *item;
    size_t i;

    if (text)
        return json_incref((json_t *)(strcmp(text, name) == 0 ? value : part));
    copy = json_is_object(part) ? json_object() : json_is_array(part) ? json_array() : json_incref((json_t *)part);
    if (json_is_object(part)) {
        json_object_foreach((json_t *)part, key, item) json_object_set_new(copy, key, replaced(item, name, value));
    }
    if (json_is_array(part)) {
        json_array_foreach((json_t *)part, i, item) json_array_append_new(copy, replaced(item, name, value));
    }
    return copy;
}

json_t *request_with_input(const json_t *apv, const char *name, const json_t *value)
{
    json_t *copy = json_copy((json_t *)apv);
    const json_t *pc = json_object_get(apv, "pc");

    if (pc)
        json_object_set_new(copy, "pc", replaced(pc, name, value));
    return copy;
}

json_t *request_result(const struct envelope *reply)
{
    static const char *const texts[] = {"rvi", "to", "fr", "ot", "rset"};
    json_t *result = request_failure((int)envelope_int(reply, "rsc", RSC_INTERNAL_SERVER_ERROR),
                                     envelope_str(reply, "rqi") ? envelope_str(reply, "rqi") : "");
    json_t *pc = reply->body_len > 0 && reply->body_len <= RESULT_MAX ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (envelope_str(reply, texts[i]))
            json_object_set_new(result, texts[i], json_string(envelope_str(reply, texts[i])));
    if (pc)
        json_object_set_new(result, "pc", pc);
    return result;
}

static void sent_free(struct sent *sent)
{
    if (sent->at) {
        *sent->at = sent->next;
        if (sent->next)
            sent->next->at = sent->at;
    }
    loop_timer_free(sent->pause);
    str_done(&sent->head);
    str_done(&sent->body);
    free(sent);
}

static void finish(struct sent *sent, json_t *result)
{
    sent->fn(sent->context, result);
    sent_free(sent);
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure);

/* Not now: again after a pause, unless the time is over. */
static void again(struct sent *sent, json_t *result)
{
    if (clock_now_ms() + PAUSE_MS >= sent->deadline) {
        finish(sent, result);
        return;
    }
    json_decref(result);
    loop_timer_start(sent->pause, PAUSE_MS, 0);
}

static void transmit(void *context)
{
    struct sent *sent = context;

    sent->asked = bus_send("orchestrator", &sent->head, sent->body.data, sent->body.len, sent->deadline, on_reply, sent) == 0;
    if (!sent->asked)
        again(sent, request_failure(RSC_TARGET_NOT_REACHABLE, sent->rqi));
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct sent *sent = context;

    sent->asked = false;
    if (sent->forgotten)
        sent_free(sent);
    else if (failure == BUS_LOST || failure == BUS_NOBODY)
        again(sent, request_failure(RSC_TARGET_NOT_REACHABLE, sent->rqi));
    else if (failure == BUS_TIMEOUT)
        finish(sent, request_failure(RSC_REQUEST_TIMEOUT, sent->rqi));
    else if (envelope_find(reply, "retry"))
        again(sent, request_result(reply));
    else
        finish(sent, request_result(reply));
}

void request_send(const json_t *apv, const char *to, int64_t patience, request_fn *fn, void *context)
{
    struct sent *sent = xcalloc(1, sizeof *sent);

    sent->fn = fn;
    sent->context = context;
    sent->deadline = clock_now_ms() + patience;
    sent->pause = loop_timer_new(transmit, sent);
    id_random("t", sent->rqi);
    request_head(&sent->head, apv, to, sent->rqi);
    request_body(&sent->body, apv);
    sent->next = all;
    sent->at = &all;
    if (all)
        all->at = &sent->next;
    all = sent;
    loop_timer_start(sent->pause, 0, 0);
}

void request_forget(void)
{
    struct sent *sent;

    while ((sent = all)) {
        all = sent->next;
        if (all)
            all->at = &all;
        sent->next = NULL;
        sent->at = NULL;
        loop_timer_stop(sent->pause);
        sent->fn(sent->context, NULL);
        sent->forgotten = true;
        if (!sent->asked)
            sent_free(sent);
    }
}
