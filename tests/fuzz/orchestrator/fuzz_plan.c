/* Requests of any kind against a small CSE: line one is the head, line two the content. */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "plan.h"

#include "../../unit/orchestrator/records.h"

#define NOW INT64_C(1767225600000) /* 20260101T000000 */

enum { COUNT = ARRAY_LEN(fixture_records), ROUNDS_MAX = 6 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct resource *world[COUNT];

static void expect(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char program[] = "fuzz";
    char *arguments[] = {program, NULL};
    const struct config_row *const tables[] = {cse_config, NULL};

    (void)argc;
    (void)argv;
    config_load("fuzz", tables, 1, arguments);
    for (size_t i = 0; i < COUNT; i++) {
        auto_free char *text = xstrdup(fixture_records[i]);
        char why[256];
        json_auto_t *record;

        for (char *p = text; *p; p++)
            if (*p == '\'')
                *p = '"';
        record = json_parse(text, strlen(text), why, sizeof why);
        expect(record != NULL);
        json_object_set_new(record, "v", json_integer(1));
        world[i] = resource_new(record);
        expect(world[i] != NULL);
    }
    plan_configure(true);
    return 0;
}

static struct resource *find(const char *address)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(world[i]->ri, address) == 0 || strcmp(world[i]->path, address) == 0)
            return resource_ref(world[i]);
    return NULL;
}

static void load(struct snapshot *snap)
{
    while (snap->missing_count > 0) {
        auto_free char *address = xstrdup(snap->missing[0]);

        snapshot_add(snap, address, find(address));
    }
}

/* What is here answers with itself, all others with the content of the request. */
static void answer(struct snapshot *snap, struct asked *asked, const struct request *req)
{
    struct address address = {0};
    auto_str struct str text = STR_EMPTY;
    struct resource *r = NULL;
    char why[64];

    if (asked->place == ASK_HERE && address_parse(&address, asked->to, why, sizeof why) == 0)
        r = find(address.local);
    address_done(&address);
    if (r) {
        str_addf(&text, "{\"%s\":{\"ri\":\"%s\",\"ty\":%d}}", r->type->key, r->ri, r->type->ty);
        resource_free(r);
    } else {
        str_add(&text, req->pc.n > 0 ? req->pc.p : "", req->pc.n);
    }
    asked_set_open(snap, asked);
    asked->late = text.len % 7 == 0;
    asked_set_answer(snap, asked, text.len % 2 ? RSC_OK : RSC_NOT_FOUND, (struct slice){str_text(&text), text.len}, 1000);
}

static void feed(struct snapshot *snap, const struct request *req)
{
    struct asked *asked;

    expect(snap->missing_count > 0 || ask_waits(snap));
    load(snap);
    for (enum ask_place place = ASK_HERE; place < ASK_PLACES; place++)
        while ((asked = ask_next(snap, place)))
            answer(snap, asked, req);
}

static void check_plan(const struct plan *plan)
{
    char why[256];

    if (plan->kind == PLAN_ANSWER) {
        expect(plan->rsc < 4000 || (plan->rsc != RSC_INTERNAL_SERVER_ERROR && plan->text.len + plan->content.len > 0));
        return;
    }
    expect(plan->rsc >= 1000 && plan->rsc < 3000 && plan->originator &&
           (plan->target || plan->deferred || plan->kind == PLAN_FORWARD));
    if (plan->kind == PLAN_COMMIT)
        expect(json_array_size(plan->ops) > 0);
    if (plan->kind == PLAN_APPEND)
        expect(json_check(str_text(&plan->given), plan->given.len, why, sizeof why) == 0);
    if (plan->kind == PLAN_NOTIFY)
        expect(json_array_size(plan->poa) > 0);
}

static void run(const struct request *req)
{
    struct snapshot snap = {.now = NOW};
    struct plan plan;
    int rounds = 0;

    plan_init(&plan);
    for (plan_request(req, &snap, &plan); plan.kind == PLAN_NEED; plan_request(req, &snap, &plan)) {
        expect(rounds++ < ROUNDS_MAX);
        feed(&snap, req);
        plan_done(&plan);
        plan_init(&plan);
    }
    check_plan(&plan);
    plan_done(&plan);
    snapshot_forget(&snap);
    ask_done(&snap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = xstrndup((const char *)data, size);
    struct envelope e;
    struct request req;
    char why[256];

    if (envelope_parse(&e, text, strlen(text)) > 0 && request_decode(&req, &e, why, sizeof why) == 0)
        run(&req);
    return 0;
}
