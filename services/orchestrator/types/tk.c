/* <token>, TS-0001 9.6.39, TS-0004 7.4.34: its attributes are what its tokenObject says. */
#include "clock.h"
#include "issuers.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"
#include "token.h"

/* Attributes given must be those of the token; the others are filled in. */
static enum rsc mirror(struct plan *plan, const json_t *claims, json_t *a)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)claims, name, value)
    {
        const json_t *given = json_object_get(a, name);

        if (given && !json_equal(given, value))
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not what the tokenObject says", name);
        json_object_set(a, name, value);
    }
    return RSC_OK;
}

/* A <token> is there no longer than what it holds. */
static enum rsc limit_life(const struct snapshot *snap, struct plan *plan, const json_t *claims, json_t *a)
{
    int64_t until = 0, et = 0;

    clock_parse(json_str(claims, "tkna"), &until);
    if (until <= snap->now)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tkob: the token expired at %s", json_str(claims, "tkna"));
    if (clock_parse(json_str(a, "et"), &et) < 0 || et > until)
        json_object_set_new(a, "et", json_time(until));
    return RSC_OK;
}

enum rsc tk_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const char *wanted = json_str(set, "et"), *tkna = json_str(plan->target->a, "tkna");
    json_t *op = json_array_get(plan->ops, 0);
    int64_t et, until;

    (void)req;
    (void)snap;
    (void)del;
    if (!wanted || !tkna || clock_parse(wanted, &et) < 0 || clock_parse(tkna, &until) < 0 || et <= until)
        return RSC_OK;
    json_object_set_new(set, "et", json_time(until));
    json_object_set_new(op, "min_et", json_integer(until));
    return RSC_OK;
}

/* One of an issuer that is not known here is kept for others; it gives nobody any right on this CSE. */
enum rsc tk_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    const char *text = json_str(a, "tkob");
    char why[WHY_SIZE] = "";
    struct jws jws;
    json_auto_t *claims = NULL;
    enum issuer_verdict verdict = ISSUER_UNKNOWN;
    enum rsc rsc;

    (void)req;
    if (jws_parse(&jws, text, strlen(text), why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tkob: %s", why);
    claims = token_claims(str_text(&jws.payload), jws.payload.len, why, sizeof why);
    if (claims)
        verdict = issuers_verify(json_str(claims, "tkis"), &jws);
    jws_done(&jws);
    if (!claims)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tkob: %s", why);
    if (verdict == ISSUER_OTHER_SIGNATURE)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tkob: not signed with a key of its issuer");
    rsc = limit_life(snap, plan, claims, a);
    return rsc == RSC_OK ? mirror(plan, claims, a) : rsc;
}
