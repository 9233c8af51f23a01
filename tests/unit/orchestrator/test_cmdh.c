/* Policies of communication management and delivery handling: what they add to requests, forbid, and let pass. */
#include "cmdh.h"
#include "fixture.h"

#define ROW(ri, ty, a) "['cse-in/n/" ri "','" ri "'," #ty ",'n',null,null,1,{" a "}]"
#define LINK(ri) "{'nm':'" ri "','typ':1014,'val':'" ri "'}"
#define ACTIVE ROW("act", 13, "'mgd':1012,'acmlk':'/id-in/cse-in/n/pol'")
#define WHOLE(links) ROW("pol", 13, "'mgd':1011,'cpn':'p','cmlk':[" links "]")
#define EC(ri, od, who, ec) ROW(ri, 13, "'mgd':1014,'od':" #od ",'ror':['" who "'],'dev':" #ec)
#define VALUES ROW("val", 13, "'mgd':1015,'aec':[0],'dqet':5000,'dset':9000,'doet':0,'drp':-1,'dda':true")
#define VALUES_4 ROW("val4", 13, "'mgd':1015,'aec':[4],'dqet':7000,'dset':-1,'doet':10,'drp':20,'dda':false")
#define DEFAULTS                                                                                                                 \
    "[" ACTIVE "," WHOLE(LINK("def")) "," ROW(                                                                                   \
        "def", 13,                                                                                                               \
        "'mgd':1013,'cmlk':[" LINK("e2") "," LINK("e1") "," LINK("val") "," LINK(                                                \
            "val4") "]") "," EC("e1", 1, "Cspecial", 4) "," EC("e2", 2, "localAE", 100) "," VALUES "," VALUES_4 "]"

/* clang-format off */
static const struct {
    const char *name, *rows, *request, *result; /* ec rqet rset oet rp da */
} completions[] = {
    {"no policy", "[]", "'fr':'Cae'", "-1 - - - - -1"},
    {"active one that leads nowhere", "[" ACTIVE "]", "'fr':'Cae'", "-1 - - - - -1"},
    {"defaults of all", DEFAULTS, "'fr':'Cae'", "100 5000 9000 - - 1"},
    {"the first in order", DEFAULTS, "'fr':'Cspecial'", "4 7000 - 10 20 0"},
    {"as others write it", DEFAULTS, "'fr':'/id-in/Cspecial'", "4 7000 - 10 20 0"},
    {"what is given stays", DEFAULTS, "'fr':'Cspecial','ec':3,'rqet':'1','oet':'2','da':false", "3 1 9000 2 - 0"},
    {"a result that expires before", DEFAULTS, "'fr':'Cae','rset':'4000'", "100 - 4000 - - 1"},
    {"a request that lives longer than results", DEFAULTS, "'fr':'Cae','rqet':'10000'", "100 10000 - - - 1"},
    {"of another CSE", DEFAULTS, "'fr':'/id-mn/Cae'", "-1 - - - - -1"},
    {"of the administrator", DEFAULTS, "'fr':'CAdmin'", "-1 - - - - -1"},
    {"of nobody", DEFAULTS, "'to':'x'", "-1 - - - - -1"},
};
/* clang-format on */

static json_t *json_of(const char *text)
{
    auto_free char *quoted = fixture_quotes(text);
    char why[256] = "";
    json_t *json = json_parse(quoted, strlen(quoted), why, sizeof why);

    ck_assert_msg(json != NULL, "%s: %s", why, text);
    return json;
}

static json_t *policy_of(const char *rows)
{
    json_auto_t *list = json_of(rows);

    return cmdh_resolve(list);
}

struct read {
    struct str text;
    struct envelope e;
    struct request req;
};

static void read_request(struct read *r, const char *members)
{
    auto_free char *text = xasprintf("{'op':2,'rqi':'1',%s}", members), *quoted = fixture_quotes(text);
    char why[256] = "";

    *r = (struct read){0};
    str_puts(&r->text, quoted);
    str_puts(&r->text, "\n\n");
    ck_assert_int_gt(envelope_parse(&r->e, r->text.data, r->text.len), 0);
    ck_assert_msg(request_decode(&r->req, &r->e, why, sizeof why) == 0, "%s", why);
}

static const char *shown(const char *text)
{
    return text ? text : "-";
}

START_TEST(completed)
{
    json_auto_t *policy = policy_of(completions[_i].rows);
    struct cmdh_texts texts;
    struct read r;
    auto_free char *result = NULL;

    read_request(&r, completions[_i].request);
    cmdh_complete(policy, &r.req, &texts);
    result = xasprintf("%d %s %s %s %s %d", r.req.ec, shown(r.req.rqet), shown(r.req.rset), shown(r.req.oet), shown(r.req.rp),
                       r.req.da);
    ck_assert_msg(strcmp(result, completions[_i].result) == 0, "%s: %s", completions[_i].name, result);
    str_done(&r.text);
}
END_TEST

#define LIMIT(ri, od, who, ec, most, da)                                                                                         \
    ROW(ri, 13,                                                                                                                  \
        "'mgd':1016,'od':" #od ",'ror':['" who "'],'lec':[" #ec "],'lqet':[100," #most                                           \
        "],'lset':[-1,-1],'loet':[0,0],'lrp':[-1,1000],'lda':[" da "]")
#define LIMITS                                                                                                                   \
    "[" ACTIVE "," WHOLE(LINK("l2") "," LINK("l1")) "," LIMIT("l1", 1, "Cspecial", 3, -1,                                        \
                                                              "true,false") "," LIMIT("l2", 2, "localAE", 3, 5000, "false") "]"

/* clang-format off */
static const struct {
    const char *name, *request, *why; /* NULL: allowed */
} limits[] = {
    {"nothing asked", "'fr':'Cae'", NULL},
    {"within", "'fr':'Cae','rqet':'5000'", NULL},
    {"too long", "'fr':'Cae','rqet':'5001'", "rqet"},
    {"too short", "'fr':'Cae','rqet':'99'", "rqet"},
    {"a moment", "'fr':'Cae','rqet':'20260101T000006'", "rqet"},
    {"no limit", "'fr':'Cae','rset':'999999'", NULL},
    {"later", "'fr':'Cae','oet':'10'", "oet"},
    {"kept too long", "'fr':'Cae','rp':'1001'", "rp"},
    {"aggregated", "'fr':'Cae','da':true", "da"},
    {"another category", "'fr':'Cae','ec':4,'rqet':'5001'", NULL},
    {"the first in order", "'fr':'Cspecial','rqet':'5001','da':true", NULL},
    {"of another CSE", "'fr':'/id-mn/Cae','rqet':'5001'", NULL},
};
/* clang-format on */

START_TEST(limited)
{
    json_auto_t *policy = policy_of(LIMITS);
    char why[128] = "";
    struct read r;
    bool allowed;

    read_request(&r, limits[_i].request);
    allowed = cmdh_allows(policy, &r.req, NOW, why, sizeof why);
    ck_assert_msg(allowed == !limits[_i].why, "%s: %s", limits[_i].name, why);
    if (limits[_i].why)
        ck_assert_msg(strncmp(why, limits[_i].why, strlen(limits[_i].why)) == 0, "%s: %s", limits[_i].name, why);
    str_done(&r.text);
}
END_TEST

#define BACK_OFF "'bop':{'bops':[{'nwa':1,'ibt':1,'abt':1,'mbt':1},{'nwa':5,'ibt':100,'abt':50,'mbt':220,'rbt':30}]}"
#define RULE(ri, more) ROW(ri, 13, "'mgd':1018,'ttn':['net'],'swt':40," BACK_OFF "," more)
#define ACCESS                                                                                                                      \
    "[" ACTIVE                                                                                                                      \
    "," WHOLE(LINK("a") "," LINK("b") "," LINK("c")) "," ROW("a", 13, "'mgd':1017,'aecs':[4],'cmlk':[" LINK("night") "]") "," RULE( \
        "night",                                                                                                                    \
        "'mrv':0,'cmlk':" LINK(                                                                                                     \
            "hours")) "," ROW("hours", 18,                                                                                          \
                              "'se':{'sce':['* * 22-23 * * * *']}") "," ROW("b", 13,                                                \
                                                                            "'mgd':1017,'aecs':[100],'cmlk':[" LINK(                \
                                                                                "big") "]") "," RULE("big",                         \
                                                                                                     "'mrv':1000") "," ROW("c",     \
                                                                                                                           13,      \
                                                                                                                           "'mg"    \
                                                                                                                           "d':"    \
                                                                                                                           "101"    \
                                                                                                                           "7,'"    \
                                                                                                                           "aec"    \
                                                                                                                           "s':"    \
                                                                                                                           "[10"    \
                                                                                                                           "1]") "]"

/* clang-format off */
static const struct {
    const char *name;
    int ec, hour;
    size_t volume;
    bool may;
} sends[] = {
    {"no rule for it", 3, 0, 0, true},
    {"none given", ABSENT, 0, 0, true},
    {"in its hours", 4, 22, 0, true},
    {"outside its hours", 4, 21, 0, false},
    {"not enough", 100, 0, 999, false},
    {"enough", 100, 0, 1000, true},
    {"rules without a rule", 101, 0, 5000, false},
};
/* clang-format on */

START_TEST(sent)
{
    json_auto_t *policy = policy_of(ACCESS);
    int64_t now = NOW + sends[_i].hour * INT64_C(3600000);

    ck_assert_msg(cmdh_may_send(policy, sends[_i].ec, now, sends[_i].volume) == sends[_i].may, "%s", sends[_i].name);
    ck_assert(cmdh_may_send(NULL, sends[_i].ec, now, 0));
}
END_TEST

START_TEST(pauses)
{
    static const int64_t expected[] = {100, 150, 200, 220, 220};
    json_auto_t *policy = policy_of(ACCESS);
    int64_t random = 0;

    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        ck_assert_int_eq(cmdh_back_off(policy, 4, (int)i + 1, &random), expected[i]);
    ck_assert_int_eq(random, 30);
    ck_assert_int_eq(cmdh_spread(policy, 4), 40);
    ck_assert_int_eq(cmdh_back_off(policy, 3, 1, &random), -1);
    ck_assert_int_eq(cmdh_spread(NULL, 3), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cmdh");
    TCase *all = tcase_create("policies");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(all, fixture_begin, NULL);
    tcase_add_loop_test(all, completed, 0, ARRAY_LEN(completions));
    tcase_add_loop_test(all, limited, 0, ARRAY_LEN(limits));
    tcase_add_loop_test(all, sent, 0, ARRAY_LEN(sends));
    tcase_add_test(all, pauses);
    suite_add_tcase(suite, all);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
