/* What notifications say. */
#include "build.h"
#include "fixture.h"
#include "note.h"

#define CIN "{'event':'resource','op':1,'ty':4,'path':'cse-in/ae/c/i'}"
#define CNT "{'event':'resource','op':3,'ty':3,'path':'cse-in/ae/c'}"
#define SUR ",'sur':'/id-in/cse-in/ae/c/sub'}"

static const struct {
    const char *name, *head, *body, *sub;
    int net;
    const char *expected;
} cases[] = {
    {"all, numbers as they are",             CIN,                                                          "{'rep':{'m2m:cin':{'con':5.0,'x':21.50,'y':1e3}}}",                         "{}",                   3,
     "{'nev':{'rep':{'m2m:cin':{'con':5.0,'x':21.50,'y':1e3}},'net':3}" SUR                                                                                                                                                                                                            },
    {"nct 1",                                CNT,                                                          "{'rep':{'m2m:cnt':{'lbl':['a']}},'mod':['lbl']}",                           "{'nct':1}",            1,
     "{'nev':{'rep':{'m2m:cnt':{'lbl':['a']}},'net':1}" SUR                                                                                                                                                                                                                            },
    {"nct 2: changed only, removed as null", CNT,                                                          "{'rep':{'m2m:cnt':{'rn':'c','mni':5,'lbl':['a',{}]}},'mod':['lbl','mbs']}",
     "{'nct':2}",                                                                                                                                                                                               1, "{'nev':{'rep':{'m2m:cnt':{'lbl':['a',{}],'mbs':null}},'net':1}" SUR},
    {"nct 2 of an update of nothing",        CNT,                                                          "{'rep':{'m2m:cnt':{'rn':'c'}},'mod':[]}",                                   "{'nct':2}",            1,
     "{'nev':{'rep':{'m2m:cnt':{}},'net':1}" SUR                                                                                                                                                                                                                                       },
    {"nct 2 is for updates",                 CIN,                                                          "{'rep':{'m2m:cin':{'con':'x'}}}",                                           "{'nct':2}",            3,
     "{'nev':{'rep':{'m2m:cin':{'con':'x'}},'net':3}" SUR                                                                                                                                                                                                                              },
    {"nct 3: the address",                   CIN,                                                          "{'rep':{'m2m:cin':{'con':'x'}}}",                                           "{'nct':3}",            3,
     "{'nev':{'rep':{'m2m:uri':'/id-in/cse-in/ae/c/i'},'net':3}" SUR                                                                                                                                                                                                                   },
    {"unknown nct",                          CIN,                                                          "{'rep':{'m2m:cin':{}}}",                                                    "{'nct':9}",            4, "{'nev':{'rep':{'m2m:cin':{}},'net':4}" SUR                         },
    {"creator",                              CIN,                                                          "{'rep':{'m2m:cin':{}}}",                                                    "{'cr':'Cae'}",         3,
     "{'nev':{'rep':{'m2m:cin':{}},'net':3},'sur':'/id-in/cse-in/ae/c/sub','cr':'Cae'}"                                                                                                                                                                                                },
    {"forwarding",                           CIN,                                                          "{'rep':{'m2m:cin':{}}}",                                                    "{'nfu':'http://x'}",   3,
     "{'nev':{'rep':{'m2m:cin':{}},'net':3},'sur':'/id-in/cse-in/ae/c/sub','nfu':'http://x'}"                                                                                                                                                                                          },
    {"forwarding as a list",                 CIN,                                                          "{'rep':{'m2m:cin':{}}}",                                                    "{'nfu':['http://x']}", 3,
     "{'nev':{'rep':{'m2m:cin':{}},'net':3},'sur':'/id-in/cse-in/ae/c/sub','nfu':'http://x'}"                                                                                                                                                                                          },
    {"empty container",                      "{'event':'empty','op':2,'ty':3,'path':'cse-in/ae/c'}",       "{}",                                                                        "{}",                   5, "{'nev':{'net':5}" SUR                                              },
    {"empty container, its address",         "{'event':'empty','op':2,'ty':3,'path':'cse-in/ae/c'}",       "{}",                                                                        "{'nct':3}",            5,
     "{'nev':{'rep':{'m2m:uri':'/id-in/cse-in/ae/c'},'net':5}" SUR                                                                                                                                                                                                                     },
    {"missing data",                         "{'event':'missing','ty':29,'path':'cse-in/ae/ts'}",
     "{'rep':{'m2m:tsn':{'mdlt':['20260101T000000'],'mdc':1}}}",                                                                                                                        "{'nct':5}",            8,
     "{'nev':{'rep':{'m2m:tsn':{'mdlt':['20260101T000000'],'mdc':1}},'net':8}" SUR                                                                                                                                                                                                     },
    {"attempt to retrieve",                  "{'event':'attempt','op':2,'path':'cse-in/ae/c','fr':'Cae'}", "{}",                                                                        "{}",                   0,
     "{'nev':{'om':{'op':2,'or':'Cae'}}" SUR                                                                                                                                                                                                                                           },
    {"attempt to update",                    "{'event':'attempt','op':3,'path':'cse-in/ae/c','fr':'Cae'}", "{}",                                                                        "{}",                   0,
     "{'nev':{'om':{'op':3,'or':'Cae'},'net':1}" SUR                                                                                                                                                                                                                                   },
    {"attempt of nobody",                    "{'event':'attempt','op':4,'path':'cse-in/ae/c'}",            "{}",                                                                        "{'nct':3}",            0,
     "{'nev':{'rep':{'m2m:uri':'/id-in/cse-in/ae/c'},'om':{'op':4,'or':''},'net':2}" SUR                                                                                                                                                                                               },
};

START_TEST(building)
{
    auto_free char *expected = fixture_quotes(cases[_i].expected);
    auto_str struct str out = STR_EMPTY;
    struct fixture_event f;
    struct subscription *sub;

    fixture_event_init(&f, cases[_i].head, cases[_i].body);
    sub = fixture_subscription(cases[_i].sub);
    build_notification(&out, &f.event, sub, (enum net)cases[_i].net, "/id-in", false);
    ck_assert_msg(strcmp(out.data, expected) == 0, "%s: %s", cases[_i].name, out.data);
    subscription_unref(sub);
    free(f.text);
}
END_TEST

static const struct {
    const char *name, *sub, *creator;
} outsides[] = {
    {"an AE here",              "{'cr':'Cae'}",       "'cr':'/id-in/Cae'}"},
    {"of the service provider", "{'cr':'Sae'}",       "'cr':'/Sae'}"      },
    {"an AE elsewhere",         "{'cr':'/id-mn/Cx'}", "'cr':'/id-mn/Cx'}" },
};

/* The creator as another CSE knows it. */
START_TEST(outside)
{
    auto_free char *expected = fixture_quotes(outsides[_i].creator);
    auto_str struct str out = STR_EMPTY;
    struct subscription *sub = fixture_subscription(outsides[_i].sub);
    struct fixture_event f;

    fixture_event_init(&f, CIN, "{'rep':{'m2m:cin':{}}}");
    build_notification(&out, &f.event, sub, NET_CREATE_CHILD, "/id-in", true);
    ck_assert_msg(strstr(out.data, expected) != NULL, "%s: %s", outsides[_i].name, out.data);
    subscription_unref(sub);
    free(f.text);
}
END_TEST

START_TEST(envelopes)
{
    static const struct slice sgns[] = {
        {"{\"a\":5.0}", 9},
        {"{\"b\":1}",   7},
    };
    auto_str struct str out = STR_EMPTY;

    build_single(&out, sgns[0]);
    ck_assert_str_eq(out.data, "{\"m2m:sgn\":{\"a\":5.0}}");
    str_reset(&out);
    build_aggregate(&out, sgns, 2);
    ck_assert_str_eq(out.data, "{\"m2m:agn\":{\"m2m:sgn\":[{\"a\":5.0},{\"b\":1}]}}");
    str_reset(&out);
    build_deletion(&out, "cse-in/ae/c/sub", "/id-in");
    ck_assert_str_eq(out.data, "{\"sud\":true,\"sur\":\"/id-in/cse-in/ae/c/sub\"}");
}
END_TEST

/* What is kept in storage comes back the same, even if storage reads and writes the JSON around it. */
START_TEST(keeping)
{
    static const char text[] = "{\"nev\":{\"rep\":{\"m2m:cin\":{\"con\":\"a\\\"b\\u00e4\",\"x\":21.50}},\"net\":3}}";
    struct note *note = note_new(NULL, content_new(text, strlen(text), false)), *back;
    auto_str struct str out = STR_EMPTY, again = STR_EMPTY;
    json_t *json;

    snprintf(note->rqi, sizeof note->rqi, "e1f-sub1-1");
    note->number = 77;
    note->event = UINT64_C(0xfedcba9876543210);
    note->trace = xstrdup("00-aa-bb-01");
    note_write(&out, note, "notification.1-x");
    json = json_loads(out.data, 0, NULL);
    json_write(&again, json);
    json_decref(json);
    back = note_read((struct slice){again.data, again.len}, "notification.1-x");
    ck_assert_ptr_nonnull(back);
    ck_assert_str_eq(back->content->text, text);
    ck_assert_str_eq(back->rqi, note->rqi);
    ck_assert_str_eq(back->trace, note->trace);
    ck_assert(back->event == note->event && back->number == 77 && !back->foreign);
    note_free(back);
    back = note_read((struct slice){again.data, again.len}, "notification.1-y");
    ck_assert(back->foreign);
    note_free(back);
    note_free(note);
    ck_assert_ptr_null(note_read((struct slice){"{}", 2}, "x"));
    ck_assert_ptr_null(note_read((struct slice){"[]", 2}, "x"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("build");
    TCase *tcase = tcase_create("build");

    tcase_add_loop_test(tcase, building, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, outside, 0, ARRAY_LEN(outsides));
    tcase_add_test(tcase, envelopes);
    tcase_add_test(tcase, keeping);
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
