#include "calls.h"

#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "primitive.h"
#include "question.h"

enum { PAGE = 200, TY_CONTENT = 4 };

struct call {
    const char *role;
    call_fn *fn;
    void *context;
};

/* Storage answers `st`, the orchestrator `rsc`. */
static bool is_transient(const struct envelope *reply)
{
    const char *st = envelope_str(reply, "st");

    return st ? strcmp(st, "failed") == 0
              : envelope_find(reply, "retry") || envelope_int(reply, "rsc", 0) == RSC_TARGET_NOT_REACHABLE;
}

static bool is_good(const struct envelope *reply)
{
    const char *st = envelope_str(reply, "st");
    int rsc = (int)envelope_int(reply, "rsc", 0);

    return st ? strcmp(st, "ok") == 0 : rsc_is_success(rsc) || rsc == RSC_CONFLICT;
}

static bool on_reply(void *context, const struct envelope *reply)
{
    json_auto_t *body = NULL;
    struct call *call = context;
    enum call_status st = CALL_FORGOTTEN;

    if (reply) {
        if (is_transient(reply))
            return false;
        st = is_good(reply) ? CALL_OK : CALL_REFUSED;
        if (st == CALL_REFUSED)
            log_info("network.call", "role=%s st=%s rsc=%d why=%s", call->role, envelope_str(reply, "st"),
                     (int)envelope_int(reply, "rsc", 0), envelope_str(reply, "why"));
        body = reply->body_len > 0 ? json_loadb(reply->body, reply->body_len, JSON_DECODE_ANY, NULL) : NULL;
    }
    call->fn(call->context, st, body);
    free(call);
    return true;
}

static struct question *question_to(const char *role, call_fn *fn, void *context)
{
    struct call *call = xmalloc(sizeof *call);

    *call = (struct call){role, fn, context};
    return question_new(role, CALLS_TENANT, on_reply, call);
}

void calls_record(const char *ri, call_fn *fn, void *context)
{
    struct question *question = question_to("storage", fn, context);

    head_str(&question->head, "do", "records");
    str_putc(&question->body, '[');
    str_json(&question->body, ri);
    str_putc(&question->body, ']');
    question_ask(question);
}

void calls_query(int ty, const char *after, call_fn *fn, void *context)
{
    struct question *question = question_to("storage", fn, context);
    auto_free char *fc = xasprintf("{\"ty\":[%d]}", ty);

    head_str(&question->head, "do", "query");
    head_str(&question->head, "root", cse_ri());
    head_str(&question->head, "mode", "full");
    head_raw(&question->head, "fc", fc, strlen(fc));
    head_str(&question->head, "after", after);
    head_int(&question->head, "max", PAGE);
    question_ask(question);
}

void calls_commit(json_t *op, call_fn *fn, void *context)
{
    struct question *question = question_to("storage", fn, context);
    json_auto_t *body = json_pack("{s[o]}", "ops", op);
    char key[ID_SIZE];

    id_random("n", key); /* asked again, it is the same commit */
    head_str(&question->head, "do", "commit");
    head_str(&question->head, "key", key);
    head_bool(&question->head, "again", true);
    head_str(&question->head, "fr", cse_id());
    head_int(&question->head, "at", clock_now_ms());
    json_write(&question->body, body);
    question_ask(question);
}

void calls_store(const char *container, const char *rn, const json_t *content, call_fn *fn, void *context)
{
    struct question *question = question_to("orchestrator", fn, context);
    auto_str struct str text = STR_EMPTY;
    json_auto_t *body = NULL;

    json_write(&text, content);
    body = json_pack("{s{ss ss ss}}", "m2m:cin", "rn", rn, "cnf", "application/geo+json:0", "con", str_text(&text));
    json_write(&question->body, body);
    head_raw(&question->head, "identity", "{\"by\":\"none\"}", 13);
    head_int(&question->head, "op", OP_CREATE);
    head_str(&question->head, "to", container);
    head_str(&question->head, "fr", cse_id());
    head_str(&question->head, "rqi", rn);
    head_int(&question->head, "ty", TY_CONTENT);
    head_str(&question->head, "rvi", cse_release_answered(NULL));
    question_ask(question);
}
