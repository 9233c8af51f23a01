/* <request>, TS-0004 7.4.12: carrying out what was deferred, and recalling it. */
#include "clock.h"
#include "cse.h"
#include "envelope.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { COMPLETED = 1, FAILED = 2, PENDING = 3, FORWARDED = 4 };

/* The request as it was, as a primitive in two lines. When it was to be done, and for whom to wait, is over. */
static void write_original(struct str *text, const json_t *a)
{
    static const char *const done_with[] = {"rt", "rp", "oet"};
    json_auto_t *head = json_copy(json_object_get(a, "mi"));
    const json_t *content = json_object_get(a, "pc");

    for (size_t i = 0; i < ARRAY_LEN(done_with); i++)
        json_object_del(head, done_with[i]);
    if (json_object_get(a, REQUEST_IDENTITY))
        json_object_set(head, "identity", json_object_get(a, REQUEST_IDENTITY));
    json_object_set(head, "op", json_object_get(a, "op"));
    json_object_set(head, "to", json_object_get(a, "tg"));
    json_object_set(head, "fr", json_object_get(a, "org"));
    json_object_set(head, "rqi", json_object_get(a, "rid"));
    json_write(text, head);
    str_putc(text, '\n');
    if (content)
        json_write(text, content);
    str_putc(text, '\n');
}

static const struct asked *carry_out(const struct request *req, struct snapshot *snap, const json_t *a)
{
    auto_str struct str text = STR_EMPTY;
    const struct asked *answer = NULL;
    struct envelope *e = xcalloc(1, sizeof(*e));
    struct request original;
    char why[WHY_SIZE];

    write_original(&text, a);
    if (envelope_parse(e, text.data, text.len) > 0 && request_decode(&original, e, why, sizeof why) == 0)
        answer = snapshot_ask(snap, req, "run", &original, 0);
    free(e);
    return answer;
}

/* m2m:operationResult, TS-0004 6.3.5.6. */
static json_t *operation_result_of(const json_t *a, const struct asked *answer, int64_t now)
{
    json_t *content =
        answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, JSON_DECODE_ANY, NULL) : NULL;
    json_t *ors = json_pack("{si sO sO ss so}", "rsc", answer->rsc, "rqi", json_object_get(a, "rid"), "to",
                            json_object_get(a, "org"), "fr", cse_id(), "ot", json_time(now));

    if (content)
        json_object_set_new(ors, "pc", content);
    if (answer->cnst != ABSENT)
        json_object_set_new(ors, "cnst", json_integer(answer->cnst));
    if (answer->cnot != ABSENT)
        json_object_set_new(ors, "cnot", json_integer(answer->cnot));
    return ors;
}

/* The answer to whoever has it carried out: the response primitive that its originator may be told. */
static void set_content(struct plan *plan, const json_t *ors)
{
    str_puts(&plan->content, "{\"m2m:rsp\":");
    json_write(&plan->content, ors);
    str_putc(&plan->content, '}');
    plan->rsc = RSC_OK;
}

/* Not to be carried out: another CSE has it now (aggregate.h). */
static bool is_passed(const struct request *req)
{
    json_auto_t *content = json_loadb(req->pc.p ? req->pc.p : "", req->pc.n, 0, NULL);

    return json_int(json_object_get(content, "m2m:req"), "rs", 0) == FORWARDED;
}

enum rsc req_execute(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    const struct asked *answer;
    json_t *ors;

    if (strcmp(plan->originator, cse_id()) != 0)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a request cannot be notified");
    if (json_int(r->a, "rs", 0) != PENDING) {
        set_content(plan, json_object_get(r->a, "ors"));
        return RSC_OK;
    }
    if (is_passed(req)) {
        plan->kind = PLAN_COMMIT;
        plan->rsc = RSC_OK;
        plan->ops = json_pack("[{ss ss s{si} s[]}]", "op", "update", "ri", r->ri, "set", "rs", FORWARDED, "del");
        return RSC_OK;
    }
    if (!(answer = carry_out(req, snap, r->a)))
        return PLAN_WAIT;
    ors = operation_result_of(r->a, answer, snap->now);
    set_content(plan, ors);
    plan->kind = PLAN_COMMIT;
    plan->ops = json_pack("[{ss ss s{si so} s[]}]", "op", "update", "ri", r->ri, "set", "rs",
                          rsc_is_success(answer->rsc) ? COMPLETED : FAILED, "ors", ors, "del");
    return RSC_OK;
}

/* Recalled as long as it is not being carried out, TS-0004 7.4.12.2.4; its result goes like any resource. */
enum rsc req_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const json_t *a = plan->target->a;
    const char *oet = json_str(json_object_get(a, "mi"), "oet");
    int64_t ms;

    (void)req;
    if (json_int(a, "rs", 0) != PENDING || (oet && clock_parse(oet, &ms) == 0 && ms > snap->now))
        return RSC_OK;
    return plan_refuse(plan, RSC_UNABLE_TO_RECALL_REQUEST, "%s is being carried out", plan->target->ri);
}
