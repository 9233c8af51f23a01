/*
 * <triggerRequest>, TS-0004 7.4.57: the service `network` hands it to the underlying network once it is stored, and keeps its
 * triggerStatus. A trigger that is pending there is replaced by UPDATE and recalled by DELETE: the network is asked first.
 */
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "network.h"
#include "rules.h"
#include "special.h"

enum purpose { EXECUTE_CRUD = 3 };
enum status { PROCESSING = 1, NSE_NOT_FOUND = 2, TRIGGERED = 3, REPLACED = 9 }; /* m2m:triggerStatus */
enum { PORT_MAX = 65535 };

/* What the network is told: a change of anything else replaces nothing. */
static const char *const told[] = {"tri", "tpe", "tvt", "tiae", "tia", "tio", "tirt"};

static bool is_pending(const json_t *a)
{
    int64_t status = json_int(a, "tst", 0);

    return status == PROCESSING || status == TRIGGERED || status == REPLACED;
}

/* `a` is the resource as it will be. */
static enum rsc check_trigger(struct plan *plan, const json_t *a)
{
    int64_t validity = 0;

    if (json_int(a, "tri", 0) > PORT_MAX)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tri: an application port, 0 to %d", PORT_MAX);
    if (clock_parse_duration(json_str(a, "tvt"), &validity) < 0 || validity < 1000)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tvt: at least a second");
    if (json_int(a, "tpe", 0) == EXECUTE_CRUD && (!json_object_get(a, "tia") || !json_object_get(a, "tio")))
        return plan_refuse(plan, RSC_BAD_REQUEST, "tpe: 3 (executeCRUD) takes tia and tio");
    return RSC_OK;
}

/* An AE or remoteCSE here with this Trigger-Recipient-ID and triggerEnable false, TS-0004 7.4.57.2.1. */
static enum rsc check_recipient(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *a)
{
    json_auto_t *fc = json_pack("{si s[ii] s[{ss so} {ss sO} {ss ss}]}", "fu", 1, "ty", 2, 16, "atr", "nm", "tri", "val",
                                json_sprintf("%lld", (long long)json_int(a, "tri", 0)), "nm", "mei", "val",
                                json_object_get(a, "mei"), "nm", "tren", "val", "false");
    auto_str struct str text = STR_EMPTY;
    json_auto_t *found = NULL;
    const struct asked *answer;
    struct request question;

    json_write(&text, fc);
    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = cse_name();
    question.fr = cse_id();
    question.fc = (struct slice){text.data, text.len};
    if (!(answer = snapshot_ask(snap, req, "recipient", &question, 0)))
        return PLAN_WAIT;
    found = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    if (json_array_size(json_object_get(found, "m2m:uril")) > 0)
        return plan_refuse(plan, RSC_TRIGGERING_DISABLED_FOR_RECIPIENT, "tri: its AE or CSE has triggerEnable (tren) false");
    return RSC_OK;
}

/* Until when the network may try, ms; for the CSE alone. */
static json_t *validity_end(const json_t *a, int64_t now)
{
    int64_t validity = 0;

    clock_parse_duration(json_str(a, "tvt"), &validity);
    return json_integer(now + validity);
}

enum rsc tgr_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc;

    if (!network_configured())
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "triggerRequest: %s", network_missing);
    if ((rsc = check_trigger(plan, a)) != RSC_OK || (rsc = check_recipient(req, snap, plan, a)) != RSC_OK)
        return rsc;
    json_object_set_new(a, "_until", validity_end(a, snap->now));
    if (!network_identity(json_str(a, "mei")))
        json_object_set_new(a, "tst", json_integer(NSE_NOT_FOUND));
    return RSC_OK;
}

/* `body` is taken. */
static void consult(struct plan *plan, const char *verb, json_t *body, const char *attr)
{
    plan->consult = json_pack("[{ss ss ss so ss*}]", "role", "events.network", "do", verb, "about", "triggerRequest", "body",
                              body, "attr", attr);
}

enum rsc tgr_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);
    bool replaces = false;
    enum rsc rsc;

    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        replaces = replaces || json_object_get(set, told[i]) || update_deletes(del, told[i]);
    if (!replaces)
        return RSC_OK;
    if (!is_pending(plan->target->a))
        return plan_refuse(plan, RSC_UNABLE_TO_REPLACE_REQUEST, "the trigger is not pending any more (tst %d)",
                           (int)json_int(plan->target->a, "tst", 0));
    if (!network_configured())
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "triggerRequest: %s", network_missing);
    if ((rsc = check_trigger(plan, a)) != RSC_OK || (rsc = check_recipient(req, snap, plan, a)) != RSC_OK)
        return rsc;
    json_object_set_new(set, "_until", validity_end(a, snap->now));
    json_object_set(a, "_until", json_object_get(set, "_until"));
    consult(plan, "replace", json_incref(a), "tst");
    return RSC_OK;
}

/* What is over needs no recall, and goes like any resource. */
enum rsc tgr_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    (void)req;
    (void)snap;
    if (is_pending(plan->target->a) && network_configured())
        consult(plan, "recall", json_incref(plan->target->a), NULL);
    return RSC_OK;
}
