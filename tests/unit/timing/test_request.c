/* Events as they come, and the requests of actions as they go. */
#include "change.h"
#include "config.h"
#include "cse.h"
#include "fixture.h"
#include "request.h"

static const struct {
    const char *name, *head, *body;
    int result;
    const char *ri;
    const char *a, *mod; /* or NULL */
} events[] = {
    {"update",                          "{'event':'resource','op':3,'ty':3,'ri':'c','pi':'p'}",  "{'rep':{'m2m:cnt':{'mni':5}},'mod':['mni'],'subs':[]}", 0,
     "c",                                                                                                                                                           "{'mni':5}",   "['mni']"},
    {"what cannot be read is left out", "{'event':'resource','op':1,'ty':30,'ri':'t','pi':'p'}",
     "{'rep':{'m2m:tsi':{'con':1e999,'dgt':'x'}},'subs':[]}",                                                                                             0,  "t",  "{'dgt':'x'}", NULL     },
    {"another event",                   "{'event':'clock','fr':'Cae'}",                          "{}",                                                    0,  NULL, NULL,          NULL     },
    {"a sign",                          "{'event':'tick'}",                                      "",                                                      0,  NULL, NULL,          NULL     },
    {"no event",                        "{'op':3}",                                              "{}",                                                    -1, NULL, NULL,          NULL     },
    {"no id",                           "{'event':'resource','op':3,'ty':3,'pi':'p'}",           "{}",                                                    -1, NULL, NULL,          NULL     },
    {"no type",                         "{'event':'resource','op':3,'ri':'c','pi':'p'}",         "{}",                                                    -1, "c",  NULL,          NULL     },
    {"broken content",                  "{'event':'resource','op':3,'ty':3,'ri':'c','pi':'p'}",  "{'rep':",                                               -1, "c",  NULL,          NULL     },
    {"content is a list",               "{'event':'resource','op':3,'ty':3,'ri':'c','pi':'p'}",  "[]",                                                    -1, "c",  NULL,          NULL     },
};

static void quotes(char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            *text = '"';
}

static void same(const char *name, const json_t *is, const char *should)
{
    json_auto_t *wanted = fixture_json(should);

    ck_assert_msg(is == wanted || (is && wanted && json_equal(is, wanted)), "%s", name);
}

START_TEST(reading)
{
    auto_free char *text = xasprintf("%s\n%s\n", events[_i].head, events[_i].body);
    struct envelope e;
    struct change change;
    char why[160] = "";

    quotes(text);
    ck_assert(envelope_parse(&e, text, strlen(text)) > 0);
    ck_assert_msg(change_read(&change, &e, why, sizeof why) == events[_i].result, "%s: %s", events[_i].name, why);
    ck_assert_msg((events[_i].result < 0) == (*why != '\0'), "%s: why", events[_i].name);
    ck_assert_msg(!change.ri == !events[_i].ri && (!change.ri || strcmp(change.ri, events[_i].ri) == 0), "%s: ri",
                  events[_i].name);
    same(events[_i].name, change.a, events[_i].a);
    same(events[_i].name, change.mod, events[_i].mod);
    change_done(&change);
}
END_TEST

START_TEST(touching)
{
    static const char *const names[] = {"mni", "mbs", NULL};
    struct change change = {.mod = fixture_json("['lbl','mbs']")}, other = {.mod = fixture_json("['lbl']")}, none = {0};

    ck_assert(change_touches(&change, names));
    ck_assert(!change_touches(&other, names));
    ck_assert(!change_touches(&none, names));
    change_done(&change);
    change_done(&other);
}
END_TEST

static const struct {
    const char *name, *apv, *head, *body;
} requests[] = {
    {"create",                 "{'op':1,'fr':'Cae','to':'old','ty':4,'rqi':'theirs','pc':{'m2m:cin':{'con':1.50}}}",
     ",'tenant':'main','identity':{'by':'none'},'op':1,'fr':'Cae','ty':4,'to':'cnt3','rqi':'t1','rvi':'3'", "{'m2m:cin':{'con':1.5}}"},
    {"retrieve with a filter", "{'op':2,'fr':'Cae','fc':{'fu':1},'da':true,'rids':['a'],'rvi':'4'}",
     ",'tenant':'main','identity':{'by':'none'},'op':2,'fr':'Cae','fc':{'fu':1},'da':true,'rids':['a'],'to':'cnt3','rqi':'t1','"
     "rvi':'4'",                                                                                            ""                       },
};

START_TEST(writing)
{
    const struct config_row *const tables[] = {cse_config, NULL};
    char program[] = "tessera-timing";
    char *argv[] = {program, NULL};
    json_auto_t *apv = fixture_json(requests[_i].apv);
    auto_free char *wanted = xstrdup(requests[_i].head), *content = xstrdup(requests[_i].body);
    auto_str struct str head = STR_EMPTY, body = STR_EMPTY;

    config_load(program, tables, 1, argv);
    quotes(wanted);
    quotes(content);
    request_head(&head, apv, "cnt3", "t1");
    request_body(&body, apv);
    ck_assert_str_eq(str_text(&head), wanted);
    ck_assert_str_eq(str_text(&body), content);
}
END_TEST

/* Each text that is the name becomes the value, as it is. */
START_TEST(input)
{
    json_auto_t *apv = fixture_json("{'to':'NOW','pc':{'m2m:cin':{'con':'NOW','lbl':['NOW','NOW!'],'mni':1,'NOW':true}}}");
    json_auto_t *value = fixture_json("{'n':[1,2]}");
    json_auto_t *made = request_with_input(apv, "NOW", value);

    same("changed", made, "{'to':'NOW','pc':{'m2m:cin':{'con':{'n':[1,2]},'lbl':[{'n':[1,2]},'NOW!'],'mni':1,'NOW':true}}}");
    same("as it was", apv, "{'to':'NOW','pc':{'m2m:cin':{'con':'NOW','lbl':['NOW','NOW!'],'mni':1,'NOW':true}}}");
}
END_TEST

START_TEST(results)
{
    auto_free char *text =
        xstrdup("{'id':'x','rsc':2001,'rqi':'t1','rvi':'3','to':'Cae','loc':'x','retry':3}\n{'m2m:cin':{'con':1}}\n");
    json_auto_t *result = NULL, *failure = request_failure(4008, "t1");
    struct envelope e;

    quotes(text);
    ck_assert(envelope_parse(&e, text, strlen(text)) > 0);
    result = request_result(&e);
    same("result", result, "{'rsc':2001,'rqi':'t1','rvi':'3','to':'Cae','pc':{'m2m:cin':{'con':1}}}");
    same("failure", failure, "{'rsc':4008,'rqi':'t1'}");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request");
    TCase *tcase = tcase_create("request");

    tcase_add_loop_test(tcase, reading, 0, ARRAY_LEN(events));
    tcase_add_test(tcase, touching);
    tcase_add_loop_test(tcase, writing, 0, ARRAY_LEN(requests));
    tcase_add_test(tcase, input);
    tcase_add_test(tcase, results);
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
