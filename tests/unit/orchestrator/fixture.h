/* A small CSE as JSON text, snapshots of it, requests from JSON text, and plans as text to be compared. */
#ifndef TESSERA_TEST_FIXTURE_H
#define TESSERA_TEST_FIXTURE_H

#include "access.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "network.h"
#include "plan.h"
#include "records.h"

#include <check.h>

#define NOW INT64_C(1767225600000) /* 20260101T000000 */

enum { FIXTURE_COUNT = ARRAY_LEN(fixture_records) };

static struct resource *fixture_world[FIXTURE_COUNT];

/* ' stands for ". The caller frees. */
static inline char *fixture_quotes(const char *text)
{
    char *out = xstrdup(text);

    for (char *p = out; *p; p++)
        if (*p == '\'')
            *p = '"';
    return out;
}

static inline struct resource *fixture_resource(const char *record)
{
    auto_free char *text = fixture_quotes(record);
    char why[256] = "";
    json_auto_t *json = json_parse(text, strlen(text), why, sizeof why);
    struct resource *r;

    ck_assert_msg(json != NULL, "%s: %s", why, text);
    json_object_set_new(json, "v", json_integer(json_int(json, "ty", 0) == 4 ? 0 : 1));
    r = resource_new(json);
    ck_assert_msg(r != NULL, "no record: %s", text);
    return r;
}

/* With config_load() for what the CSE is called. */
static inline void fixture_begin(void)
{
    static char program[] = "test";
    char *argv[] = {program, NULL};
    const struct config_row *const tables[] = {cse_config, network_config, NULL};

    json_auto_t *policy = json_pack("{s[{s[s]si}]}", "acr", "acor", "all", "acop", ACCESS_RETRIEVE);

    config_load("test", tables, 1, argv);
    access_set_base_policy(acl_compile(policy));
    for (size_t i = 0; i < FIXTURE_COUNT; i++)
        fixture_world[i] = fixture_resource(fixture_records[i]);
}

static inline void fixture_end(void)
{
    access_set_base_policy(NULL);
    for (size_t i = 0; i < FIXTURE_COUNT; i++) {
        resource_free(fixture_world[i]);
        fixture_world[i] = NULL;
    }
}

/* A remoteCSE, and what it leads to. */
static inline bool fixture_leads_to(const struct resource *r, const char *cse)
{
    const json_t *dcse = json_object_get(r->a, "dcse");

    if (r->type->ty != 16)
        return false;
    for (size_t i = 0; i < json_array_size(dcse); i++)
        if (strcmp(json_string_value(json_array_get(dcse, i)), cse) == 0)
            return true;
    return strcmp(json_str(r->a, "csi"), cse) == 0;
}

/* Storage's answer; "c/la" is `one` in the container c. */
static inline struct resource *fixture_find(const char *address)
{
    if (*address == '/') {
        for (size_t i = 0; i < FIXTURE_COUNT; i++)
            if (fixture_leads_to(fixture_world[i], address))
                return resource_ref(fixture_world[i]);
        return NULL;
    }
    if (strcmp(address, "cse-in/ae/c/la") == 0)
        address = "cin1";
    for (size_t i = 0; i < FIXTURE_COUNT; i++)
        if (strcmp(fixture_world[i]->ri, address) == 0 || strcmp(fixture_world[i]->path, address) == 0)
            return resource_ref(fixture_world[i]);
    return NULL;
}

static inline void fixture_load(struct snapshot *snap)
{
    while (snap->missing_count > 0) {
        auto_free char *address = xstrdup(snap->missing[0]);

        snapshot_add(snap, address, fixture_find(address));
    }
}

/* A request: `head` is the members that matter, with an rqi if it has none. `memory` keeps what it borrows from. */
static inline void fixture_request(struct request *req, struct envelope *e, const char *head, const char *content, char **memory)
{
    auto_free char *members = fixture_quotes(head);
    auto_free char *body = fixture_quotes(content ? content : "");
    bool rqi = strstr(members, "\"rqi\"");
    char why[256] = "";

    *memory = xasprintf("{\"id\":\"t\",\"tenant\":\"main\"%s%s%s}\n%s\n", rqi ? "" : ",\"rqi\":\"1\"", *members ? "," : "",
                        members, body);
    ck_assert_msg(envelope_parse(e, *memory, strlen(*memory)) > 0, "%s", head);
    ck_assert_msg(request_decode(req, e, why, sizeof why) == 0, "%s: %s", head, why);
}

static inline void fixture_add_json(struct str *out, const char *name, const json_t *value)
{
    if (!value)
        return;
    str_addf(out, " %s=", name);
    json_write(out, value);
}

/* All that the plan says, as one line. */
static inline void fixture_describe(const struct plan *plan, struct str *out)
{
    static const char *const kinds[] = {"NEED",   "ANSWER", "GET",   "QUERY",   "APPEND",
                                        "COMMIT", "NOTIFY", "RELAY", "FORWARD", "POLL"};
    char time[CLOCK_TEXT_SIZE];

    str_addf(out, "%s %d", kinds[plan->kind], plan->rsc);
    if (plan->kind == PLAN_ANSWER) {
        str_addf(out, " %s%s%s", str_text(&plan->text), str_text(&plan->content), plan->partial ? " partial" : "");
        return;
    }
    if (plan->kind == PLAN_RELAY)
        str_addf(out, " %s", str_text(&plan->content));
    str_addf(out, " rcn=%d by=%s", plan->rcn, plan->originator ? plan->originator : "");
    if (plan->target)
        str_addf(out, " target=%s%s%s", plan->target->ri, plan->address.virt == VIRTUAL_NONE ? "" : "/",
                 address_virtual_name(plan->address.virt));
    if (plan->rn)
        str_addf(out, " rn=%s", plan->rn);
    if (plan->kind == PLAN_APPEND) {
        str_addf(out, " size=%zu given=%s", plan->size, str_text(&plan->given));
        if (plan->unique)
            str_addf(out, " dgt=%lld", (long long)plan->dgt);
        if (plan->et > 0) {
            clock_format(plan->et, time);
            str_addf(out, " et=%s", time);
        }
    }
    if (plan->discover)
        str_puts(out, " discover");
    fixture_add_json(out, "attributes", plan->attributes);
    fixture_add_json(out, "fc", plan->fc);
    fixture_add_json(out, "limits", plan->limits);
    fixture_add_json(out, "then", plan->then);
    fixture_add_json(out, "ops", plan->ops);
    fixture_add_json(out, "verify", plan->verify);
    fixture_add_json(out, "consult", plan->consult);
    fixture_add_json(out, "sgn", plan->sgn);
    fixture_add_json(out, "poa", plan->poa);
    fixture_add_json(out, "csz", plan->csz);
    if (plan->from_outside)
        str_addf(out, " from=%s%s", plan->from_outside, plan->release_1 ? " release 1" : "");
    if (plan->channel)
        str_addf(out, " %s=%s%s", plan->verb, plan->channel, plan->aggregate ? " aggregate" : "");
}

/* A case: what `head` and `content` must become. `parts` are found in fixture_describe(), separated by '|'; "!x" is not. */
struct fixture_case {
    const char *name;
    const char *head, *content;
    const char *parts;
};

static inline void fixture_expect(const char *name, const char *got, const char *parts)
{
    auto_free char *wanted = fixture_quotes(parts);
    char *rest = wanted, *part;

    while ((part = strsep(&rest, "|"))) {
        if (part[0] == '!')
            ck_assert_msg(!strstr(got, part + 1), "%s: \"%s\" should not be in: %s", name, part + 1, got);
        else
            ck_assert_msg(strstr(got, part) != NULL, "%s: \"%s\" is not in: %s", name, part, got);
    }
}

/* What `to` answers to a question (ask.h); `rsc` 0: nothing, in time. */
struct fixture_reply {
    const char *to; /* NULL ends a table */
    int rsc;
    const char *content;
};

static const struct fixture_reply *fixture_replies; /* or NULL */
static bool (*fixture_claim)(const char *what, const char *owner, int64_t now, int64_t until);

/* The attributes of a resource in the small CSE, with its id and type. The caller frees. */
static inline char *fixture_representation(const char *address)
{
    struct address a = {0};
    char why[64];
    struct resource *r = address_parse(&a, address, why, sizeof why) == 0 ? fixture_find(a.local) : NULL;
    json_auto_t *root = NULL;
    auto_str struct str text = STR_EMPTY;

    address_done(&a);
    if (!r)
        return NULL;
    root = json_pack("{s{ss si}}", r->type->key, "ri", r->ri, "ty", r->type->ty);
    json_object_update_missing(json_object_get(root, r->type->key), r->a);
    json_write(&text, root);
    resource_free(r);
    return str_take(&text);
}

static inline void fixture_answer(struct snapshot *snap, struct asked *asked)
{
    auto_free char *found = NULL;
    auto_free char *content = NULL;
    int rsc = asked->place == ASK_HERE ? RSC_NOT_FOUND : RSC_TARGET_NOT_REACHABLE;

    for (const struct fixture_reply *reply = fixture_replies; reply && reply->to; reply++) {
        if (strcmp(reply->to, asked->to) == 0) {
            rsc = reply->rsc;
            content = fixture_quotes(reply->content);
        }
    }
    if (!content && (found = fixture_representation(asked->to))) {
        rsc = RSC_OK;
        content = xstrdup(found);
    }
    asked_set_open(snap, asked);
    asked->late = rsc == 0;
    asked_set_answer(snap, asked, rsc, (struct slice){content, content ? strlen(content) : 0}, 0);
}

/* Loads and asks. */
static inline void fixture_feed(struct snapshot *snap)
{
    fixture_load(snap);
    for (enum ask_place place = ASK_HERE; place < ASK_PLACES; place++)
        for (struct asked *asked = ask_next(snap, place); asked; asked = ask_next(snap, place))
            fixture_answer(snap, asked);
}

/* The questions as they would travel. */
static inline void fixture_describe_questions(const struct snapshot *snap, struct str *out)
{
    for (size_t i = 0; i < snap->asked_count; i++)
        str_addf(out, " ?%s%s%s", str_text(&snap->asked[i]->head), str_text(&snap->asked[i]->own),
                 snap->asked[i]->state == ASKED_AFTER ? " after" : "");
}

/* Plans until nothing is missing. */
static inline void fixture_run(const struct fixture_case *c)
{
    struct snapshot snap = {.now = NOW, .claim = fixture_claim};
    struct envelope e;
    struct request req;
    struct plan plan;
    auto_free char *memory = NULL;
    auto_str struct str got = STR_EMPTY;
    int rounds = 0;

    fixture_request(&req, &e, c->head, c->content, &memory);
    plan_init(&plan);
    plan_request(&req, &snap, &plan);
    while (plan.kind == PLAN_NEED) {
        ck_assert_msg(++rounds <= 12, "%s: no end of loading", c->name);
        ck_assert_msg(snap.missing_count > 0 || ask_waits(&snap), "%s: needs nothing", c->name);
        fixture_feed(&snap);
        plan_done(&plan);
        plan_init(&plan);
        plan_request(&req, &snap, &plan);
    }
    fixture_describe(&plan, &got);
    fixture_describe_questions(&snap, &got);
    fixture_expect(c->name, str_text(&got), c->parts);
    plan_done(&plan);
    snapshot_forget(&snap);
    ask_done(&snap);
}

/* main() of a test whose loop test walks `count` cases. */
static inline int fixture_main(const char *name, const TTest *test, int count)
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, fixture_begin, fixture_end);
    tcase_add_loop_test(tests, test, 0, count);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

#endif
