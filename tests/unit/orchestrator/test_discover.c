/* Discovery and RETRIEVE with children, on canned pages of storage: rights, limits, shapes. */
#include "cse.h"
#include "discover.h"
#include "json.h"
#include "mem.h"
#include "results.h"
#include "rows.h"

#include <check.h>

#define SELF "{\"m2m:ae\":{\"ri\":\"Cae\",\"rn\":\"ae\"}}"
#define ROW(path, ri, ty, pi, acpi, by, a) "[\"" path "\",\"" ri "\"," ty ",\"" pi "\"," acpi "," by ",1," a "]"
#define CNT(path, ri, by) ROW(path, ri, "3", "Cae", "null", "\"" by "\"", "{\"ri\":\"" ri "\"}")
#define POL(path, ri, acpi) ROW(path, ri, "3", "Cae", "[\"" acpi "\"]", "\"Cx\"", "{\"ri\":\"" ri "\"}")
#define CIN(path, ri, pi) ROW(path, ri, "4", pi, "null", "null", "{\"ri\":\"" ri "\",\"con\":1.50}")
#define PAGE(rows) "{\"rows\":[" rows "],\"more\":null}"
#define MORE(rows) "{\"rows\":[" rows "],\"more\":\"x\"}"

/* What `records` finds. acpA lets Cae discover and retrieve, acpB lets nobody; c1 is Cae's. */
#define RECORDS                                                                                                                  \
    "{\"acpA\":{\"ri\":\"acpA\",\"pi\":\"id-in\",\"ty\":1,\"path\":\"cse-in/acpA\",\"v\":1,\"by\":\"Cx\",\"a\":"                 \
    "{\"pv\":{\"acr\":[{\"acor\":[\"Cae\"],\"acop\":34}]},\"pvs\":{\"acr\":[]}}},"                                               \
    "\"acpB\":{\"ri\":\"acpB\",\"pi\":\"id-in\",\"ty\":1,\"path\":\"cse-in/acpB\",\"v\":1,\"by\":\"Cx\",\"a\":"                  \
    "{\"pv\":{\"acr\":[]},\"pvs\":{\"acr\":[]}}},"                                                                               \
    "\"c1\":{\"ri\":\"c1\",\"pi\":\"Cae\",\"ty\":3,\"path\":\"cse-in/ae/c1\",\"v\":1,\"by\":\"Cae\",\"a\":{\"ri\":\"c1\"}},"     \
    "\"c2\":{\"ri\":\"c2\",\"pi\":\"Cae\",\"ty\":3,\"path\":\"cse-in/ae/c2\",\"v\":1,\"by\":\"Cx\",\"a\":{\"ri\":\"c2\"}},"      \
    "\"cse-in/ae/c1/sub\":{\"ri\":\"c3\",\"pi\":\"c1\",\"ty\":3,\"path\":\"cse-in/ae/c1/sub\",\"v\":1,\"by\":\"Cae\",\"a\":"     \
    "{\"ri\":\"c3\",\"cni\":2}}}"

static const struct {
    const char *name;
    int rcn, drt;
    const char *fc; /* fu 1: discovery */
    const char *pages[3];
    const char *expected;
    int cnot; /* 0 = complete */
} cases[] = {
    {"nothing",                        11, 1, "{\"fu\":1}", {PAGE("")},                                                                                                               "{\"m2m:uril\":[]}",                            0},
    {"addresses",
     11,                                   1,
     "{\"fu\":1}",                                          {PAGE(CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c2", "c2", "Cae"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1\",\"cse-in/ae/c2\"]}",                                                                                                                                                                            0},
    {"unstructured",                   11, 2, "{\"fu\":1}", {PAGE(CNT("cse-in/ae/c1", "c1", "Cae"))},                                                                                 "{\"m2m:uril\":[\"c1\"]}",                      0},
    {"references",
     6,                                    1,
     "{\"fu\":1}",                                          {PAGE(CNT("cse-in/ae/c1", "c1", "Cae"))},
     "{\"m2m:rrl\":{\"rrf\":[{\"nm\":\"c1\",\"typ\":3,\"val\":\"cse-in/ae/c1\"}]}}",                                                                                                                                                  0},
    {"creator's only",
     11,                                   1,
     "{\"fu\":1}",                                          {PAGE(CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c2", "c2", "Cx"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1\"]}",                                                                                                                                                                                             0},
    {"policies are loaded",
     11,                                   1,
     "{\"fu\":1}",                                          {PAGE(POL("cse-in/ae/a", "a", "acpA") "," POL("cse-in/ae/b", "b", "acpB") "," POL("cse-in/ae/c", "c", "acpC") "," POL(
         "cse-in/ae/d", "d", "acpA"))},
     "{\"m2m:uril\":[\"cse-in/ae/a\",\"cse-in/ae/d\"]}",                                                                                                                                                                              0},
    {"instances by their container",
     11,                                   1,
     "{\"fu\":1,\"ty\":[4]}",                               {PAGE(CIN("cse-in/ae/c1/i1", "i1", "c1") "," CIN("cse-in/ae/c1/i2", "i2", "c1") "," CIN("cse-in/ae/c2/i3", "i3", "c2"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1/i1\",\"cse-in/ae/c1/i2\"]}",                                                                                                                                                                      0},
    {"several pages",
     11,                                   1,
     "{\"fu\":1}",                                          {MORE(CNT("cse-in/ae/c1", "c1", "Cae")), MORE(""), PAGE(CNT("cse-in/ae/c2", "c2", "Cae"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1\",\"cse-in/ae/c2\"]}",                                                                                                                                                                            0},
    {"limit",
     11,                                   1,
     "{\"fu\":1,\"lim\":1}",                                {PAGE(CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c2", "c2", "Cae"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1\"]}",                                                                                                                                                                                             2},
    {"limit just enough",
     11,                                   1,
     "{\"fu\":1,\"lim\":2}",                                {PAGE(CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c2", "c2", "Cae") "," CNT("cse-in/ae/c3", "c3", "Cx"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1\",\"cse-in/ae/c2\"]}",                                                                                                                                                                            0},
    {"offset",
     11,                                   1,
     "{\"fu\":1,\"ofst\":2}",                               {PAGE(CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c2", "c2", "Cae"))},
     "{\"m2m:uril\":[\"cse-in/ae/c2\"]}",                                                                                                                                                                                             0},
    {"offset counts what may be seen",
     11,                                   1,
     "{\"fu\":1,\"ofst\":2,\"lim\":1}",                     {PAGE(CNT("cse-in/ae/c0", "c0", "Cx") "," CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c2", "c2", "Cae") "," CNT(
         "cse-in/ae/c3", "c3", "Cae"))},
     "{\"m2m:uril\":[\"cse-in/ae/c2\"]}",                                                                                                                                                                                             3},
    {"bound of the settings",
     11,                                   1,
     "{\"fu\":1}",                                          {PAGE(CNT("a/1", "c1", "Cae") "," CNT("a/2", "c2", "Cae") "," CNT("a/3", "c3", "Cae") "," CNT("a/4", "c4", "Cae"))},
     "{\"m2m:uril\":[\"a/1\",\"a/2\",\"a/3\"]}",                                                                                                                                                                                      4},
    {"relative path",
     11,                                   1,
     "{\"fu\":1,\"arp\":\"sub\"}",                          {PAGE(CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c2", "c2", "Cae"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1/sub\"]}",                                                                                                                                                                                         0},
    {"relative path to the latest",
     11,                                   1,
     "{\"fu\":1,\"arp\":\"sub/la\"}",                       {PAGE(CNT("cse-in/ae/c1", "c1", "Cae"))},
     "{\"m2m:uril\":[\"cse-in/ae/c1/sub/la\"]}",                                                                                                                                                                                      0},
    {"tree",
     4,                                    1,
     NULL,                                                  {PAGE(CNT("cse-in/ae/c1", "c1", "Cae") "," CNT("cse-in/ae/c1-b", "c2", "Cae") "," CIN("cse-in/ae/c1/i", "i", "c1"))},
     "{\"m2m:ae\":{\"ri\":\"Cae\",\"rn\":\"ae\",\"m2m:cnt\":[{\"ri\":\"c1\",\"m2m:cin\":[{\"ri\":\"i\",\"con\":1.50}]},"
     "{\"ri\":\"c2\"}]}}",                                                                                                                                                                                                            0},
    {"tree without a parent",
     4,                                    1,
     "{\"ty\":[4]}",                                        {PAGE(CIN("cse-in/ae/c1/i", "i", "c1"))},
     "{\"m2m:ae\":{\"ri\":\"Cae\",\"rn\":\"ae\",\"m2m:cin\":[{\"ri\":\"i\",\"con\":1.50}]}}",                                                                                                                                         0},
    {"empty tree",                     4,  1, NULL,         {PAGE("")},                                                                                                               "{\"m2m:ae\":{\"ri\":\"Cae\",\"rn\":\"ae\"}}",  0},
    {"children",                       8,  1, NULL,         {PAGE(CNT("cse-in/ae/c1", "c1", "Cae"))},                                                                                 "{\"m2m:ae\":{\"m2m:cnt\":[{\"ri\":\"c1\"}]}}", 0},
    {"no children",                    8,  1, NULL,         {PAGE("")},                                                                                                               "{\"m2m:ae\":{}}",                              0},
    {"child references",
     5,                                    1,
     NULL,                                                  {PAGE(CNT("cse-in/ae/c1", "c1", "Cae"))},
     "{\"m2m:ae\":{\"ri\":\"Cae\",\"rn\":\"ae\",\"ch\":[{\"nm\":\"c1\",\"typ\":3,\"val\":\"cse-in/ae/c1\"}]}}",                                                                                                                       0},
    {"malformed page",                 11, 1, "{\"fu\":1}", {"{\"rows\":[[1,2]]}"},                                                                                                   NULL,                                           0},
};

/* The shell and storage, as far as a discovery sees them. */

static struct cache *cache;
static struct str pending; /* storage's next answer */
static bool waiting;
static json_t *records;
static int page, error;

struct cache *job_cache(void)
{
    return cache;
}

const struct str *job_need(const struct job *job)
{
    (void)job;
    return NULL;
}

bool job_calls(struct job *job, const char *stage, void (*on_reply)(struct job *job, const struct store_reply *reply))
{
    (void)stage;
    job->on_reply = on_reply;
    return true;
}

void job_called(struct job *job, int sent)
{
    (void)job;
    ck_assert_int_eq(sent, 0);
}

bool job_reply_ok(struct job *job, const struct store_reply *reply)
{
    (void)job;
    return reply->st == STORE_OK;
}

bool job_reply_list(struct job *job, const struct store_reply *reply, struct slice *list)
{
    return job_reply_ok(job, reply) && list_open((struct slice){reply->e->body, reply->e->body_len}, list);
}

void answer_error(struct job *job, int rsc, const char *format, ...)
{
    (void)format;
    error = rsc;
    discover_free(job->discover);
    job->discover = NULL;
}

void job_replan(struct job *job)
{
    (void)job;
    ck_abort_msg("nothing here is out of date");
}

int store_commit(struct store_call *call, const struct request *req, const char *originator, const json_t *ops, int64_t at,
                 const struct str *need)
{
    (void)call;
    (void)req;
    (void)originator;
    (void)ops;
    (void)at;
    (void)need;
    ck_abort_msg("nothing here is used up");
}

const char *answer_prefix(const char *originator)
{
    (void)originator;
    return "";
}

json_t *store_record(struct slice text)
{
    return json_loadb(text.p, text.n, 0, NULL);
}

static int answer_text(const char *text)
{
    str_reset(&pending);
    str_puts(&pending, text);
    waiting = true;
    return 0;
}

int store_records(struct store_call *call, char *const *addresses, int count, const struct str *need)
{
    (void)call;
    (void)need;
    str_reset(&pending);
    for (int i = 0; i < count; i++) {
        str_putc(&pending, i == 0 ? '[' : ',');
        json_write(&pending, json_object_get(records, addresses[i]));
    }
    str_putc(&pending, ']');
    waiting = true;
    return 0;
}

int store_get(struct store_call *call, const char *to, enum address_virtual virt, const struct str *need)
{
    (void)call;
    (void)virt;
    (void)need;
    ck_assert_str_eq(to, "Cae");
    return answer_text(SELF);
}

static int now;

int store_query(struct store_call *call, const struct store_query *query, const struct str *need)
{
    (void)call;
    (void)need;
    ck_assert_int_ge(query->max, 1);
    ck_assert_str_eq(query->after ? query->after : "", page > 0 ? "x" : "");
    ck_assert(!json_object_get(query->fc, "lim") && !json_object_get(query->fc, "fu"));
    return answer_text(cases[now].pages[page++]);
}

static bool done;

static void on_done(struct job *job)
{
    (void)job;
    done = true;
}

static void run(struct job *job)
{
    discover(job, on_done);
    for (int i = 0; i < 100 && waiting; i++) {
        struct envelope e = {.body = pending.data, .body_len = pending.len};
        struct store_reply reply = {STORE_OK, &e};
        auto_free char *copy = xstrndup(pending.data, pending.len);

        e.body = copy;
        waiting = false;
        job->on_reply(job, &reply);
    }
}

START_TEST(test_case)
{
    json_auto_t *target =
        json_pack("{ss ss si ss si ss s{}}", "ri", "Cae", "pi", "id-in", "ty", 2, "path", "cse-in/ae", "v", 1, "by", "Cae", "a");
    struct job job = {.cnst = ABSENT, .cnot = ABSENT};

    now = _i;
    page = error = 0;
    done = waiting = false;
    cache = cache_new(16);
    records = json_loads(RECORDS, 0, NULL);
    ck_assert_ptr_nonnull(records);
    snapshot_add(&job.snap, "Cae", resource_new(target));
    request_init(&job.req);
    job.req.drt = cases[_i].drt;
    job.plan.kind = PLAN_QUERY;
    job.plan.rcn = cases[_i].rcn;
    job.plan.fc = cases[_i].fc ? json_loads(cases[_i].fc, 0, NULL) : NULL;
    job.plan.discover = json_int(job.plan.fc, "fu", 0) == 1;
    job.plan.target = job.snap.found[0];
    job.plan.originator = (char *)"Cae";
    job.plan.who.originator = "Cae";
    run(&job);
    if (cases[_i].expected) {
        ck_assert_msg(done && error == 0, "%s: error %d", cases[_i].name, error);
        ck_assert_msg(strcmp(str_text(&job.text), cases[_i].expected) == 0, "%s: %s", cases[_i].name, str_text(&job.text));
        ck_assert_msg(job.cnst == (cases[_i].cnot ? 1 : ABSENT), "%s: cnst %d", cases[_i].name, job.cnst);
        ck_assert_msg(job.cnot == (cases[_i].cnot ? cases[_i].cnot : ABSENT), "%s: cnot %d", cases[_i].name, job.cnot);
    } else {
        ck_assert_msg(!done && error != 0, "%s: %s", cases[_i].name, str_text(&job.text));
    }
    snapshot_forget(&job.snap);
    str_done(&job.text);
    json_decref(job.plan.fc);
    json_decref(records);
    cache_free(cache);
    str_done(&pending);
}
END_TEST

/* The first result always fits; what comes behind the bound is told, not lost. */
START_TEST(test_bytes)
{
    struct results r;
    struct row row = {
        .path = {"\"cse-in/a\"", 10},
          .ri = {"\"a\"",        3 },
          .pi = {"\"p\"",        3 },
          .ty = 3
    };
    auto_str struct str out = STR_EMPTY;

    results_init(&r, RESULTS_URIS);
    r.bytes_max = 5;
    r.prefix = "/id-in/";
    ck_assert(results_add(&r, &row));
    ck_assert(!results_add(&r, &row));
    ck_assert(r.cut);
    results_write(&r, rtype_by_ty(3), (struct slice){NULL, 0}, &out);
    ck_assert_str_eq(str_text(&out), "{\"m2m:uril\":[\"/id-in/cse-in/a\"]}");
    results_done(&r);
}
END_TEST

/* A deep and wide tree: every node is found again while the table grows. */
START_TEST(test_large_tree)
{
    struct results r;
    auto_str struct str out = STR_EMPTY;
    json_auto_t *content = NULL;
    char path[64], ri[32];

    results_init(&r, RESULTS_CHILDREN);
    for (int i = 0; i < 2000; i++) {
        struct row row = {
            .ty = 3, .pi = {"\"p\"", 3},
                 .a = {"{}",    2}
        };

        row.path.n = (size_t)snprintf(path, sizeof path, i % 10 ? "\"cse/c%d/d%d\"" : "\"cse/c%d\"", i / 10, i % 10);
        row.path.p = path;
        row.ri.n = (size_t)snprintf(ri, sizeof ri, "\"r%d\"", i);
        row.ri.p = ri;
        ck_assert(results_add(&r, &row));
    }
    results_write(&r, rtype_by_ty(3), (struct slice){NULL, 0}, &out);
    content = json_loadb(out.data, out.len, 0, NULL);
    content = content ? content : json_null();
    ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(content, "m2m:cnt"), "m2m:cnt")), 200);
    ck_assert_uint_eq(json_array_size(json_object_get(
                          json_array_get(json_object_get(json_object_get(content, "m2m:cnt"), "m2m:cnt"), 199), "m2m:cnt")),
                      9);
    results_done(&r);
}
END_TEST

int main(void)
{
    static const struct config_row own[] = {
        {"orchestrator.results",      CONFIG_INT,  "3",      1, 100,     "results"},
        {"orchestrator.response.max", CONFIG_INT,  "100000", 1, 1000000, "bytes"  },
        {NULL,                        CONFIG_TEXT, NULL,     0, 0,       NULL     },
    };
    static const struct config_row *const tables[] = {own, cse_config, NULL};
    Suite *suite = suite_create("discover");
    TCase *tc = tcase_create("discover");
    SRunner *runner = srunner_create(suite);
    int failed;

    config_load("orchestrator", tables, 0, NULL);
    discover_start();
    tcase_add_loop_test(tc, test_case, 0, (int)ARRAY_LEN(cases));
    tcase_add_test(tc, test_bytes);
    tcase_add_test(tc, test_large_tree);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
