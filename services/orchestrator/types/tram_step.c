/*
 * One step of a <transactionMgmt>: its <transaction>s are created, or all of them are sent the next control, at the same time and
 * in the name of its creator; what has come of it is written down before anything else happens. So whoever takes the next step
 * (transactor.c) needs to know nothing but the resource: rsps keeps where each <transaction> is (`fr`) and what it last said.
 */
#include "transactions.h"

#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "special.h"

enum { CREATOR_CONTROLLED = 2, DROP = 1 };

/* What all of a step's parts look at. */
struct step {
    const struct request *req;
    struct snapshot *snap;
    struct plan *plan;
    const struct resource *r;
    const json_t *requests; /* of rqps */
    const json_t *known;    /* of rsps */
    const char *creator;
    int64_t expires; /* transactionExpirationTime, ms */
    int tries;       /* of this step, so far */
    json_t *said;    /* owned: the new rsps */
    int later, failed;
};

static struct coordination read_coordination(const struct step *s)
{
    const json_t *a = s->r->a;
    struct coordination c = {
        .state = (int)json_int(a, "trst", STATE_INITIAL),
        .control = (int)json_int(a, "tctl", CONTROL_INITIAL),
        .by_creator = json_int(a, "tmd", 0) == CREATOR_CONTROLLED,
        .made = json_array_size(s->known) > 0,
        .dropped = json_int(a, "tmh", 0) == DROP,
        .expires = s->expires,
    };

    transaction_read_times(a, &c.times);
    return c;
}

/* ---- what is asked ---- */

/* What is made here is led by the CSE itself: its creator may be gone meanwhile, and shall leave no locks behind. */
static const struct asked *ask(const struct step *s, const char *key, int op, const char *to, const json_t *pc)
{
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, pc);
    request_init(&question);
    question.op = op;
    question.ty = op == OP_CREATE ? TY_TRANSACTION : ABSENT;
    question.to = to;
    question.fr = op == OP_UPDATE && to[0] != '/' ? cse_id() : s->creator;
    question.rcn = 1;
    question.pc = (struct slice){text.data, text.len};
    return snapshot_ask(s->snap, s->req, key, &question, 0);
}

/* The attributes that came back, or NULL; the caller owns them. */
static json_t *told(const struct asked *answer)
{
    json_auto_t *root = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;

    return json_incref(json_object_get(root, "m2m:trac"));
}

/* The error text that came back. The caller owns it. */
static json_t *complaint(const struct asked *answer)
{
    json_t *root = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;

    if (json_object_size(root) == 1 && json_object_get(root, "m2m:dbg"))
        return root;
    json_decref(root);
    return NULL;
}

/* What is known of one target: m2m:responsePrimitive. `address` is where its <transaction> is, or NULL. */
static void note(struct step *s, size_t i, const char *address, int rsc, json_t *pc /* taken */)
{
    json_t *entry = json_pack("{sO si}", "rqi", json_object_get(json_array_get(s->requests, i), "rqi"), "rsc", rsc);

    if (address)
        json_object_set_new(entry, "fr", json_string(address));
    if (pc)
        json_object_set_new(entry, "pc", pc);
    json_array_append_new(s->said, entry);
}

static const char *address_of(const struct step *s, size_t i)
{
    return json_str(json_array_get(s->known, i), "fr");
}

/* ---- making them ---- */

/* The CSE part of an address, with nothing behind it; "" for this CSE. The caller frees. */
static char *cse_of(const char *to)
{
    struct address address;
    char *cse, why[WHY_SIZE];

    if (address_parse(&address, to, why, sizeof why) < 0)
        return xstrdup("");
    cse = xstrdup(address.cse ? address.cse : "");
    address_done(&address);
    return cse;
}

static json_t *transaction_for(const struct step *s, size_t i, const char *cse)
{
    const json_t *one = json_array_get(s->requests, i), *a = s->r->a;
    auto_free char *fr = *cse ? originator_outside(s->creator, cse) : xstrdup(s->creator);
    json_t *rqp = json_copy((json_t *)one);
    auto_free char *tid = xasprintf("%s/%s", cse_id(), s->r->ri);
    json_t *trac = json_pack("{ss so so}", "tid", tid, "rqp", rqp, "et", json_time(s->expires + plan_transaction_life_ms()));

    json_object_del(rqp, "mi");
    json_object_update_missing(rqp, json_object_get(one, "mi"));
    json_object_set_new(rqp, "fr", json_string(fr));
    if (json_object_get(a, "tltp"))
        json_object_set(trac, "tltp", json_object_get(a, "tltp"));
    return trac;
}

/* PLAN_WAIT, or RSC_OK with one more entry in `said`. */
static enum rsc make_one(struct step *s, size_t i)
{
    const char *to = json_str(json_array_get(s->requests, i), "to");
    auto_free char *key = xasprintf("make.%zu", i), *cse = cse_of(to), *address = NULL, *target = NULL;
    json_auto_t *pc = json_pack("{so}", "m2m:trac", transaction_for(s, i, cse));
    json_auto_t *a = NULL;
    enum address_virtual virt;
    const struct asked *answer;

    target = xstrndup(to, address_parent_length(to, &virt));
    if (!(answer = ask(s, key, OP_CREATE, target, pc)))
        return PLAN_WAIT;
    a = told(answer);
    if (rsc_is_success(answer->rsc) && json_str(a, "ri"))
        address = *cse ? xasprintf("%s/%s", cse, json_str(a, "ri")) : xstrdup(json_str(a, "ri"));
    if (!address && coordination_judge(CONTROL_INITIAL, answer->rsc, 0, false) == ANSWER_LATER)
        s->later++;
    else if (!address)
        s->failed++;
    note(s, i, address, address ? RSC_ACCEPTED : answer->rsc, address ? NULL : complaint(answer));
    return RSC_OK;
}

/* ---- driving them ---- */

/* The response to the request itself, as the <transaction> has it. */
static void note_response(struct step *s, size_t i, int control, const struct asked *answer, const json_t *a, bool done)
{
    const json_t *rsp = json_object_get(a, "rsp"), *before = json_array_get(s->known, i);
    int rsc = rsp ? (int)json_int(rsp, "rsc", 0) : answer->rsc;

    if (control == CONTROL_ABORT) { /* why it had to be is known; what would have been was not */
        rsc = (int)json_int(before, "rsc", 0);
        rsc = rsc_is_success(rsc) || rsc == RSC_ACCEPTED ? RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE : rsc;
        note(s, i, json_str(before, "fr"), rsc,
             rsc == (int)json_int(before, "rsc", 0) ? json_incref(json_object_get(before, "pc")) : NULL);
    } else if (done && !rsp) {
        note(s, i, address_of(s, i), control == CONTROL_COMMIT ? RSC_DELETED : RSC_ACCEPTED, NULL);
    } else {
        note(s, i, address_of(s, i), rsc, rsp ? json_incref(json_object_get(rsp, "pc")) : complaint(answer));
    }
}

static enum rsc drive_one(struct step *s, size_t i, int control)
{
    const char *address = address_of(s, i);
    auto_free char *key = xasprintf("%s.%zu", transaction_control_name(control), i);
    json_auto_t *pc = json_pack("{s{si}}", "m2m:trac", "tctl", control);
    json_auto_t *a = NULL;
    const struct asked *answer;
    enum coordination_answer judged;

    if (!address) { /* none was made there */
        json_array_append(s->said, json_array_get(s->known, i));
        return RSC_OK;
    }
    if (!(answer = ask(s, key, OP_UPDATE, address, pc)))
        return PLAN_WAIT;
    a = told(answer);
    judged = coordination_judge(control, answer->rsc, (int)json_int(a, "trst", 0),
                                json_int(json_array_get(s->requests, i), "op", 0) == OP_DELETE);
    s->later += judged == ANSWER_LATER;
    s->failed += judged == ANSWER_FAILED;
    note_response(s, i, control, answer, a, judged == ANSWER_DONE);
    return RSC_OK;
}

/* All of them at the same time. Their answers are in `said`, `later` and `failed`. */
static enum rsc drive_all(struct step *s, int control)
{
    enum rsc rsc = RSC_OK;

    json_decref(s->said);
    s->said = json_array();
    s->later = s->failed = 0;
    for (size_t i = 0; i < json_array_size(s->requests); i++)
        if ((control == CONTROL_NONE ? make_one(s, i) : drive_one(s, i, control)) == PLAN_WAIT)
            rsc = PLAN_WAIT;
    return rsc;
}

/* ---- what is written down ---- */

/* `state` and `control` 0: as they are. `said` becomes rsps if there is any. */
static void write_down(struct step *s, int state, int control)
{
    json_t *set = json_object();

    if (state)
        json_object_set_new(set, "trst", json_integer(state));
    if (control)
        json_object_set_new(set, "tctl", json_integer(control));
    if (s->said)
        json_object_set_new(set, "rsps", json_pack("{sO}", "m2m:rsp", s->said));
    s->plan->ops = json_pack("[{ss ss so s[]}]", "op", "update", "ri", s->r->ri, "set", set, "del");
    s->plan->kind = PLAN_COMMIT;
    transaction_tell(s->plan, s->snap->now, false);
}

static void try_again(struct step *s)
{
    transaction_tell(s->plan, s->snap->now, true);
}

/* Nobody keeps a lock while others may be waiting for it, who in turn hold what this one waits for. */
static enum rsc release_all(struct step *s)
{
    enum rsc rsc = drive_all(s, CONTROL_ABORT);

    return rsc == RSC_OK ? drive_all(s, CONTROL_INITIAL) : rsc;
}

static enum rsc conclude(struct step *s, int control, const struct coordination *c)
{
    int64_t last = s->expires + plan_transaction_life_ms();
    bool over = s->snap->now >= (control == CONTROL_COMMIT || control == CONTROL_ABORT ? last : s->expires);

    switch (coordination_judge_all(control, s->later, s->failed, s->tries, (int)json_int(s->r->a, "tmr", 0), over)) {
    case OUTCOME_REACHED:
        write_down(s, (int)transaction_next(c->state, control), control == CONTROL_NONE ? 0 : control);
        break;
    case OUTCOME_RETRY:
        try_again(s);
        break;
    case OUTCOME_RELEASE:
        if (release_all(s) == PLAN_WAIT)
            return PLAN_WAIT;
        try_again(s);
        break;
    case OUTCOME_GIVE_UP:
        write_down(s, STATE_ERROR, CONTROL_ABORT);
        break;
    case OUTCOME_MIXED:
        write_down(s, STATE_ERROR, 0);
        break;
    }
    return RSC_OK;
}

/* A <transaction> at every target: if one cannot be had, those that are there are given up. */
static enum rsc make(struct step *s)
{
    enum rsc rsc = drive_all(s, CONTROL_NONE);

    if (rsc == RSC_OK)
        write_down(s, s->later + s->failed > 0 ? STATE_ERROR : 0, s->later + s->failed > 0 ? CONTROL_ABORT : 0);
    return rsc;
}

static enum rsc act(struct step *s)
{
    const struct coordination c = read_coordination(s);
    struct coordination_step next = coordination_next(&c, s->snap->now);
    enum rsc rsc = RSC_OK;

    switch (next.act) {
    case ACT_NOTHING:
    case ACT_WAIT:
        transaction_tell(s->plan, next.wake, false);
        break;
    case ACT_MAKE:
        rsc = make(s);
        break;
    case ACT_DRIVE:
        rsc = drive_all(s, next.control);
        if (rsc == RSC_OK)
            rsc = conclude(s, next.control, &c);
        break;
    case ACT_DECIDE:
        write_down(s, 0, next.control);
        break;
    case ACT_DROP:
        s->plan->kind = PLAN_COMMIT;
        s->plan->ops = json_pack("[{ss ss}]", "op", "delete", "ri", s->r->ri);
        transaction_tell(s->plan, 0, false);
        break;
    }
    return rsc;
}

/* By the CSE itself. The content says how often this step has been tried before. */
enum rsc tram_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    json_auto_t *content = req->pc.n > 0 ? json_loadb(req->pc.p, req->pc.n, 0, NULL) : NULL;
    struct step s = {
        .req = req,
        .snap = snap,
        .plan = plan,
        .r = r,
        .requests = json_object_get(json_object_get(r->a, "rqps"), "req"),
        .known = json_object_get(json_object_get(r->a, "rsps"), "m2m:rsp"),
        .creator = r->by ? r->by : cse_id(),
        .expires = snap->now,
        .tries = (int)json_int(json_object_get(content, "m2m:tram"), "tries", 0),
    };
    const char *tept = json_str(r->a, "tept");
    enum rsc rsc;

    if (strcmp(plan->originator, cse_id()) != 0)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a transactionMgmt cannot be notified");
    if (tept && clock_parse(tept, &s.expires) < 0)
        s.expires = snap->now;
    plan->rsc = RSC_OK;
    rsc = act(&s);
    json_decref(s.said);
    return rsc;
}
