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
    expect(snap->missing_count > 0);
    while (snap->missing_count > 0) {
        auto_free char *address = xstrdup(snap->missing[0]);

        snapshot_add(snap, address, find(address));
    }
}

static void check_plan(const struct plan *plan)
{
    char why[256];

    if (plan->kind == PLAN_ANSWER) {
        expect(plan->rsc >= 4000 && plan->rsc != RSC_INTERNAL_SERVER_ERROR && plan->text.len > 0);
        return;
    }
    expect(plan->rsc >= 2000 && plan->rsc < 3000 && plan->originator && plan->target);
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
        load(&snap);
        plan_done(&plan);
        plan_init(&plan);
    }
    check_plan(&plan);
    plan_done(&plan);
    snapshot_forget(&snap);
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
