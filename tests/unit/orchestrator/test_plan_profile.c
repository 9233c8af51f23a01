/* Primitive profiles: who may have which, whose requests they change and how, and what they make of responses. */
#include "fixture.h"

#include "profile.h"

#define CREATE(to, fr) "'op':1,'ty':62,'to':'" to "','fr':'" fr "'"
#define PRP(more) "{'m2m:prp':{" more "}}"
#define ASK(op, ty, to) "'op':" op ",'ty':" ty ",'to':'" to "','fr':'Cprof'"
#define CNT(more) "{'m2m:cnt':{" more "}}"

/* clang-format off */
static const struct fixture_case cases[] = {
    /* who may have which */
    {"of one's own", CREATE("cse-in/ae", "Cae"), PRP("'rn':'p','idl':['Cae'],'adds':[{'nm':'lbl','val':['x']}]"),
     "COMMIT 2001|'path':'cse-in/ae/p'|{'op':'mark','ri':'Cae','on':16384,'fresh':true},{'op':'count','ri':'Cae','set':{'_prp':{'prp"},
    {"by another name of one's own", CREATE("cse-in/ae", "Cae"), PRP("'idl':['/id-in/Cae']"), "COMMIT 2001"},
    {"for somebody else", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cother']"), "ANSWER 4000 idl: Cother"},
    {"for many, below an AE", CREATE("cse-in/ae", "Cae"), PRP("'idl':['*']"), "ANSWER 4000 idl"},
    {"for a CSE and its AEs", CREATE("cse-in/id-mn", "CAdmin"), PRP("'idl':['/id-mn','/id-mn/*']"), "COMMIT 2001"},
    {"of a CSE for others", CREATE("cse-in/id-mn", "CAdmin"), PRP("'idl':['/id-mnx']"), "ANSWER 4000 idl"},
    {"below the CSEBase", CREATE("cse-in", "CAdmin"), PRP("'idl':['Cother','/id-mn/Cx','Clater']"),
     "COMMIT 2001|{'op':'mark','ri':'Cother','on':16384},{'op':'mark','ri':'id-mn','on':16384},{'op':'mark','ri':'id-in',|'_prp':{'prp2':"
     "|!prp9|!Clater','on'"},
    {"below the CSEBase, by anybody", CREATE("cse-in", "Cae"), PRP("'idl':['Cae']"), "ANSWER 4103"},
    {"neither attribute nor parameter", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'adds':[{'nm':'nothing','val':1}]"), "ANSWER 4000 adds: nothing"},
    {"who asks is not changed", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'adds':[{'nm':'fr','val':'CAdmin'}]"), "ANSWER 4000 adds: fr"},
    {"nor what for", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'dels':['op']"), "ANSWER 4000 dels: op"},
    {"nor by which token", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'adds':[{'nm':'tids','val':['x']}]"), "ANSWER 4000 adds: tids"},
    {"a parameter's value", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'adds':[{'nm':'rcn','val':'x'}]"), "ANSWER 4000 adds: rcn"},
    {"a parameter of responses is left out", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'dels':['ot','to']"), "COMMIT 2001"},
    {"but not added", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'adds':[{'nm':'ot','val':'x'}]"), "ANSWER 4000 adds: ot"},
    {"for what", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'appl':['1','RESPONSES_FROM_CSE']"), "COMMIT 2001"},
    {"for nothing known", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'appl':['3']"), "ANSWER 4000 appl"},
    {"for notifications", CREATE("cse-in/ae", "Cae"), PRP("'idl':['Cae'],'appl':['4']"), "ANSWER 5001 appl"},
    {"update", "'op':3,'to':'cse-in/prof/p','fr':'Cprof'", PRP("'dels':['lbl']"), "COMMIT 2004|'dels':['lbl']|'count','ri':'Cprof'"},
    {"update for somebody else", "'op':3,'to':'cse-in/prof/p','fr':'Cprof'", PRP("'idl':['Cae']"), "ANSWER 4000 idl"},
    {"delete", "'op':4,'to':'cse-in/prof/p','fr':'Cprof'", NULL, "COMMIT 2002|{'op':'delete','ri':'prp1'}|'set':{'_prp':{}}"},
    {"who registers later", "'op':1,'ty':2,'to':'cse-in','fr':'C9x'", "{'m2m:ae':{'api':'Nx','rr':false}}", "COMMIT 2001|{'op':'mark','ri':'C9x','on':16384}"},
    {"who registers and is not named", "'op':1,'ty':2,'to':'cse-in','fr':'C8x'", "{'m2m:ae':{'api':'Nx','rr':false}}", "COMMIT 2001|!mark"},

    /* what they do to requests */
    {"additions to a CREATE", ASK("1", "3", "cse-in/prof"), CNT("'rn':'d','mbs':5"), "COMMIT 2001 rcn=0|'rn':'d'|'lbl':['x'],'mni':5|!mbs"},
    {"what is given stays", ASK("1", "3", "cse-in/prof") ",'rcn':2", CNT("'mni':9"), "COMMIT 2001 rcn=2|'mni':9|'lbl':['x']"},
    {"an instance has no such attribute", ASK("1", "4", "cse-in/prof/c"), "{'m2m:cin':{'con':1.50}}", "APPEND 2001 rcn=0|given={'con':1.50,'lbl':['x']}"},
    {"UPDATE, two profiles", "'op':3,'to':'cse-in/prof/c','fr':'Cprof'", CNT("'mia':1"), "COMMIT 2004 rcn=0|'mia':1,'mni':5,'lbl':['x']"},
    {"another release", "'op':3,'to':'cse-in/prof/c','fr':'Cprof','rvi':'4','prpi':'prp2'", CNT("'mia':1"), "COMMIT 2004 rcn=1|!mni|!lbl"},
    {"another type", ASK("1", "9", "cse-in/prof"), "{'m2m:grp':{'mnm':1,'mid':['cnt80']}}", "COMMIT 2001 rcn=1|!lbl"},
    {"another operation", "'op':2,'to':'cse-in/prof/c','fr':'Cprof'", NULL, "GET 2000"},
    {"another originator", "'op':1,'ty':3,'to':'cse-in/ae','fr':'Cae'", CNT(""), "COMMIT 2001 rcn=1|!mni"},
    {"a profile asked for", "'op':3,'to':'cse-in/prof/c','fr':'Cprof','prpi':'cse-in/p'", CNT("'mia':1"), "COMMIT 2004 rcn=1|'mia':1,'lbl':['y'],'mni':7"},
    {"one that does not name him", "'op':2,'to':'cse-in/ae','fr':'Cae','prpi':'prp1'", NULL, "ANSWER 4103 prpi"},
    {"one that is none", "'op':2,'to':'cse-in/ae','fr':'Cae','prpi':'cnt1'", NULL, "ANSWER 4000 prpi"},
    {"one that is not there", "'op':2,'to':'cse-in/ae','fr':'Cae','prpi':'gone'", NULL, "ANSWER 4000 prpi"},
    {"one for another resource", "'op':1,'ty':3,'to':'cse-in/prof','fr':'Cprof','prpi':'prp2'", CNT(""), "COMMIT 2001 rcn=1|!mni"},
    {"content that is none", ASK("1", "3", "cse-in/prof"), "[]", "ANSWER 4000 pc"},
};
/* clang-format on */

START_TEST(test_plan)
{
    fixture_run(&cases[_i]);
}
END_TEST

/* clang-format off */
static const struct {
    const char *name, *profiles, *content, *expected; /* NULL: as it was */
} answers[] = {
    {"left out", "[{'dels':['lt','ct']}]", "{'m2m:cnt':{'rn':'c','ct':'x','lt':'y','st':1.50}}", "{'m2m:cnt':{'rn':'c','st':1.50}}"},
    {"all left out", "[{'dels':['rn']}]", "{'m2m:cnt':{'rn':'c'}}", "{'m2m:cnt':{}}"},
    {"added", "[{'adds':[{'nm':'lbl','val':['x']}]},{'adds':[{'nm':'lbl','val':['y']}]}]", "{'m2m:cnt':{'rn':'c'}}", "{'m2m:cnt':{'rn':'c','lbl':['x']}}"},
    {"there already", "[{'adds':[{'nm':'lbl','val':['x']}]}]", "{'m2m:cnt':{'lbl':['z']}}", NULL},
    {"replaced", "[{'dels':['lbl'],'adds':[{'nm':'lbl','val':['x']}]}]", "{'m2m:cnt':{'lbl':['z']}}", "{'m2m:cnt':{'lbl':['x']}}"},
    {"not of the type", "[{'adds':[{'nm':'con','val':1}]}]", "{'m2m:cnt':{'rn':'c'}}", NULL},
    {"no resource", "[{'dels':['rn']}]", "{'m2m:uril':['a']}", NULL},
    {"an explanation", "[{'dels':['rn']}]", "{'m2m:dbg':'why'}", NULL},
    {"nothing", "[{'dels':['rn']}]", "", NULL},
};
/* clang-format on */

START_TEST(test_answer)
{
    auto_free char *profiles = fixture_quotes(answers[_i].profiles);
    auto_free char *text = fixture_quotes(answers[_i].content);
    auto_free char *expected = fixture_quotes(answers[_i].expected ? answers[_i].expected : answers[_i].content);
    json_auto_t *list = json_loads(profiles, 0, NULL);
    struct slice content = {text, strlen(text)};
    auto_str struct str memory = STR_EMPTY;
    struct response rsp;

    response_init(&rsp);
    rsp.ot = "now";
    profile_answer(list, &rsp, &content, &memory);
    ck_assert_msg(content.n == strlen(expected) && memcmp(content.p, expected, content.n) == 0, "%s: %.*s", answers[_i].name,
                  (int)content.n, content.p);
    ck_assert_str_eq(rsp.ot, "now");
}
END_TEST

START_TEST(test_answer_parameters)
{
    json_auto_t *list = json_pack("[{s[ssss]}]", "dels", "ot", "to", "ec", "rcn");
    struct slice content = {"", 0};
    auto_str struct str memory = STR_EMPTY;
    struct response rsp;

    response_init(&rsp);
    rsp.ot = rsp.to = rsp.fr = "x";
    rsp.ec = 2;
    profile_answer(list, &rsp, &content, &memory);
    ck_assert(!rsp.ot && !rsp.to && rsp.ec == ABSENT);
    ck_assert_str_eq(rsp.fr, "x");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan_profile");
    TCase *tests = tcase_create("plan_profile");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, fixture_begin, fixture_end);
    tcase_add_loop_test(tests, test_plan, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tests, test_answer, 0, ARRAY_LEN(answers));
    tcase_add_test(tests, test_answer_parameters);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
