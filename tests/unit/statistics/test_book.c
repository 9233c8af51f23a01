/* Which requests a rule collects, which records follow, and that nothing is lost or told twice by a restart. */
#include "book.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "primitive.h"
#include "rule.h"

#include <check.h>

#define NOW INT64_C(1767225600000) /* 20260101T000000, a Thursday */

static json_t *json_of(const char *text)
{
    auto_free char *quoted = text ? xstrdup(text) : NULL;
    json_t *json;
    char why[160] = "";

    for (char *p = quoted; p && *p; p++)
        if (*p == '\'')
            *p = '"';
    json = quoted ? json_parse(quoted, strlen(quoted), why, sizeof why) : NULL;
    ck_assert_msg(!text || json, "%s: %s", why, text);
    return json;
}

/* An append to cse-in/ae/c by Cae: 10 bytes asked, 20 answered. */
static struct usage usage_of(const char *id, int op, int rsc)
{
    return (struct usage){id, "Cae", "cse-in/ae/c", "r1", "cnt1", "cse-in/ae/c", NOW, 10, 20, op, 4, rsc};
}

/* clang-format off */
static const struct {
    const char *name, *rule, *event;
    int op, rsc;
    bool collects;
} rules[] = {
    {"everything of everybody", "{'srs':1}", NULL, OP_CREATE, 2001, true},
    {"a refusal too", "{'srs':1}", NULL, OP_CREATE, 4103, true},
    {"inactive", "{'srs':2}", NULL, OP_CREATE, 2001, false},
    {"its entity", "{'srs':1,'cdi':['Cother','Cae']}", NULL, OP_CREATE, 2001, true},
    {"its entity as others write it", "{'srs':1,'cdi':['/id-in/Cae']}", NULL, OP_CREATE, 2001, true},
    {"another entity", "{'srs':1,'cdi':['Cother']}", NULL, OP_CREATE, 2001, false},
    {"in its period", "{'srs':1,'cp':{'sce':['* * 0 * * * *']}}", NULL, OP_CREATE, 2001, true},
    {"outside its period", "{'srs':1,'cp':{'sce':['* * 1 * * * *']}}", NULL, OP_CREATE, 2001, false},
    {"one of two periods", "{'srs':1,'cp':{'sce':['* * 1 * * * *','* * * 1 * * *']}}", NULL, OP_CREATE, 2001, true},
    {"its operation", "{'srs':1}", "{'evt':1,'opt':[1,3]}", OP_UPDATE, 2004, true},
    {"another operation", "{'srs':1}", "{'evt':1,'opt':[1,3]}", OP_RETRIEVE, 2000, false},
    {"its type", "{'srs':1}", "{'evt':1,'erts':[3,4]}", OP_CREATE, 2001, true},
    {"another type", "{'srs':1}", "{'evt':1,'erts':[3]}", OP_CREATE, 2001, false},
    {"its resource by id", "{'srs':1}", "{'evt':1,'eris':['cnt1']}", OP_CREATE, 2001, true},
    {"its resource by path", "{'srs':1}", "{'evt':1,'eris':['/id-in/cse-in/ae/c']}", OP_CREATE, 2001, true},
    {"its resource by dash", "{'srs':1}", "{'evt':1,'eris':['-/ae/c']}", OP_CREATE, 2001, true},
    {"another resource", "{'srs':1}", "{'evt':1,'eris':['cnt2']}", OP_CREATE, 2001, false},
    {"of another CSE", "{'srs':1}", "{'evt':1,'eris':['/id-mn/cnt1']}", OP_CREATE, 2001, false},
    {"before it begins", "{'srs':1}", "{'evt':1,'evs':'20260101T000001'}", OP_CREATE, 2001, false},
    {"as it begins", "{'srs':1}", "{'evt':1,'evs':'20260101T000000'}", OP_CREATE, 2001, true},
    {"as it ends", "{'srs':1}", "{'evt':3,'eve':'20260101T000000'}", OP_CREATE, 2001, false},
    {"stored", "{'srs':1}", "{'evt':2,'ds':5}", OP_CREATE, 2001, true},
    {"not stored", "{'srs':1}", "{'evt':2,'ds':5}", OP_CREATE, 5207, false},
    {"a read stores nothing", "{'srs':1}", "{'evt':2,'ds':5}", OP_RETRIEVE, 2000, false},
};
/* clang-format on */

START_TEST(collects)
{
    json_auto_t *rule = json_of(rules[_i].rule), *event = json_of(rules[_i].event);
    struct usage u = usage_of("1", rules[_i].op, rules[_i].rsc);

    ck_assert_msg(rule_collects(rule, event, &u) == rules[_i].collects, "%s", rules[_i].name);
}
END_TEST

static void add(const char *rule, const char *event)
{
    json_auto_t *a = json_of(rule), *e = json_of(event);

    book_forget();
    if (e)
        book_event("evcg1", e);
    book_rule("stcl1", a);
}

static int lines(void)
{
    int count = 0;

    for (const char *p = str_text(book_records()); (p = strchr(p, '\n')); p++)
        count++;
    return count;
}

/* clang-format off */
static const struct {
    const char *name, *event;
    int requests, records, later; /* `later`: when the clock is at 20260102T000000 */
    const char *has;
} cases[] = {
    {"each operation", "{'evt':1}", 3, 3, 3, "\"evt\":1,\"entity\":\"Cae\",\"from\":\"20260101T000000,000\""},
    {"with its request", "{'evt':1}", 1, 1, 1, "\"requests\":1,\"asked\":10,\"answered\":20,\"op\":1,\"target\":\"cse-in/ae/c\",\"ty\":4,\"rsc\":2001,\"rqi\":\"r1\",\"id\":\"1\""},
    {"each 25 bytes", "{'evt':2,'ds':25}", 7, 2, 2, "\"requests\":3,\"asked\":30"},
    {"less than that", "{'evt':2,'ds':25}", 2, 0, 0, NULL},
    {"at its end", "{'evt':3,'eve':'20260102T000000'}", 4, 0, 1, "\"evt\":3,\"entity\":\"Cae\",\"from\":\"20260101T000000,000\",\"to\":\"20260101T000000,000\",\"requests\":4,\"asked\":40"},
    {"not before", "{'evt':3,'eve':'20260102T000001'}", 4, 0, 0, NULL},
    {"nothing happened", "{'evt':3,'eve':'20260102T000000'}", 0, 0, 0, NULL},
};
/* clang-format on */

static void use(int requests)
{
    for (int i = 1; i <= requests; i++) {
        char id[16];
        struct usage u;

        snprintf(id, sizeof id, "%d", i);
        u = usage_of(id, OP_CREATE, 2001);
        book_count(&u);
    }
}

START_TEST(records)
{
    const char *name = cases[_i].name;

    add("{'srs':1,'sci':'stcl1','cei':'Cbill','evi':'evcg1'}", cases[_i].event);
    use(cases[_i].requests);
    ck_assert_msg(lines() == cases[_i].records, "%s: %s", name, str_text(book_records()));
    book_clock(NOW + INT64_C(86400000));
    book_clock(NOW + INT64_C(86400000));
    ck_assert_msg(lines() == cases[_i].later, "%s: %s", name, str_text(book_records()));
    if (cases[_i].has)
        ck_assert_msg(strstr(str_text(book_records()), cases[_i].has) != NULL, "%s: %s", name, str_text(book_records()));
    book_forget();
}
END_TEST

START_TEST(no_event)
{
    struct usage u = usage_of("1", OP_CREATE, 2001);

    add("{'srs':1,'evi':'gone'}", NULL);
    ck_assert(!book_count(&u));
    ck_assert_int_eq(lines(), 0);
    book_forget();
}
END_TEST

/* What was counted and not told yet goes on after a restart. */
START_TEST(restart)
{
    static const char rule[] = "{'srs':1,'evi':'evcg1'}", event[] = "{'evt':2,'ds':45}";
    auto_str struct str saved = STR_EMPTY;
    json_auto_t *list = NULL;

    add(rule, event);
    use(3);
    book_save(&saved);
    add(rule, event);
    list = json_of(saved.data);
    book_restore(list);
    use(1);
    ck_assert_int_eq(lines(), 0);
    use(1);
    ck_assert_int_eq(lines(), 1);
    ck_assert_ptr_nonnull(strstr(str_text(book_records()), "\"requests\":5,\"asked\":50"));
    book_forget();
}
END_TEST

static struct book_sum sum;

static void take(const char *rule, const struct book_sum *s)
{
    ck_assert_str_eq(rule, "stcl1");
    sum = *s;
}

START_TEST(sums)
{
    struct usage other = usage_of("9", OP_DELETE, 2002);

    add("{'srs':1}", NULL);
    use(2);
    other.fr = "/id-mn/Cfar";
    book_count(&other);
    book_sums(take);
    ck_assert_int_eq(sum.requests[OP_CREATE], 2);
    ck_assert_int_eq(sum.requests[OP_DELETE], 1);
    ck_assert_int_eq(sum.asked, 30);
    ck_assert_int_eq(sum.answered, 60);
    book_forget();
}
END_TEST

/* clang-format off */
static const struct {
    const char *name, *rule;
    int records;
} ends[] = {
    {"removed", NULL, 1},
    {"made inactive", "{'srs':2,'evi':'evcg1'}", 1},
    {"about something else", "{'srs':1}", 1},
    {"relabelled", "{'srs':1,'evi':'evcg1','lbl':['x']}", 0},
};
/* clang-format on */

START_TEST(end)
{
    json_auto_t *a = json_of(ends[_i].rule);

    add("{'srs':1,'evi':'evcg1'}", "{'evt':2,'ds':1000}");
    use(2);
    book_rule("stcl1", a);
    ck_assert_msg(lines() == ends[_i].records, "%s: %s", ends[_i].name, str_text(book_records()));
    book_forget();
}
END_TEST

int main(void)
{
    static char program[] = "test";
    char *argv[] = {program, NULL};
    const struct config_row *const tables[] = {cse_config, NULL};
    Suite *suite = suite_create("statistics");
    TCase *all = tcase_create("book");
    SRunner *runner;
    int failed;

    config_load("test", tables, 1, argv);
    tcase_add_loop_test(all, collects, 0, ARRAY_LEN(rules));
    tcase_add_loop_test(all, records, 0, ARRAY_LEN(cases));
    tcase_add_test(all, no_event);
    tcase_add_test(all, restart);
    tcase_add_test(all, sums);
    tcase_add_loop_test(all, end, 0, ARRAY_LEN(ends));
    suite_add_tcase(suite, all);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
