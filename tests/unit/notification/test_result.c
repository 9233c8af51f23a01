/* Results of non-blocking requests: who is told, what, and how long; and how that waits in storage. */
#include "fixture.h"
#include "note.h"
#include "result.h"

#define DONE "{'event':'resource','op':3,'ty':17,'path':'cse-in/req1'}"
#define NEW "{'event':'resource','op':1,'ty':17,'path':'cse-in/req1'}"
#define OTHER "{'event':'resource','op':3,'ty':3,'path':'cse-in/req1'}"
#define REQ(MEMBERS) "{'rep':{'m2m:req':{'ri':'req1','org':'Cae'" MEMBERS "}},'subs':[]}"
#define ORS ",'ors':{'rsc':2000,'rqi':'r1','pc':{'m2m:cin':{'con':1e999}}}"
#define RSP "{'m2m:rsp':{'rsc':2000,'rqi':'r1','pc':{'m2m:cin':{'con':1e999}}}}"

static const struct {
    const char *name, *head, *body, *targets; /* NULL: nobody is told */
    int64_t until;
} cases[] = {
    {"originator",     DONE,  REQ(",'mi':{'rt':{'rtv':2}},'rs':1" ORS),                           "['Cae']",     0            },
    {"targets named",  DONE,  REQ(",'mi':{'rt':{'rtv':2,'nu':['Ca','Cb']}},'rs':1" ORS),          "['Ca','Cb']", 0            },
    {"failed",         DONE,  REQ(",'mi':{'rt':{'rtv':2}},'rs':2" ORS),                           "['Cae']",     0            },
    {"wanted until",   DONE,  REQ(",'et':'20010909T014640','mi':{'rt':{'rtv':2}},'rs':1" ORS),    "['Cae']",     1000000000000},
    {"no such moment", DONE,  REQ(",'et':'soon','mi':{'rt':{'rtv':2}},'rs':1" ORS),               "['Cae']",     0            },
    {"nobody named",   DONE,  REQ(",'mi':{'rt':{'rtv':2,'nu':[]}},'rs':1" ORS),                   NULL,          0            },
    {"synchronous",    DONE,  REQ(",'mi':{'rt':{'rtv':1}},'rs':1" ORS),                           NULL,          0            },
    {"no rt",          DONE,  REQ(",'mi':{},'rs':1" ORS),                                         NULL,          0            },
    {"pending",        DONE,  REQ(",'mi':{'rt':{'rtv':2}},'rs':3" ORS),                           NULL,          0            },
    {"forwarded",      DONE,  REQ(",'mi':{'rt':{'rtv':2}},'rs':4" ORS),                           NULL,          0            },
    {"no result",      DONE,  REQ(",'mi':{'rt':{'rtv':2}},'rs':1"),                               NULL,          0            },
    {"just made",      NEW,   REQ(",'mi':{'rt':{'rtv':2}},'rs':1" ORS),                           NULL,          0            },
    {"another type",   OTHER, REQ(",'mi':{'rt':{'rtv':2}},'rs':1" ORS),                           NULL,          0            },
    {"strange",        DONE,  "{'rep':{'m2m:req':{'rs':1,'ors':7,'mi':[],'org':[1]}},'subs':[]}", NULL,          0            },
    {"no rep",         DONE,  "{'subs':[]}",                                                      NULL,          0            },
};

START_TEST(results)
{
    auto_free char *content = fixture_quotes(RSP);
    auto_free char *targets = cases[_i].targets ? fixture_quotes(cases[_i].targets) : NULL;
    auto_str struct str told = STR_EMPTY;
    struct fixture_event f;
    struct result result;

    fixture_event_init(&f, cases[_i].head, cases[_i].body);
    ck_assert_msg(result_read(&result, &f.event) == (targets != NULL), "%s", cases[_i].name);
    if (targets) {
        json_write(&told, result.targets);
        ck_assert_msg(strcmp(told.data, targets) == 0, "%s: %s", cases[_i].name, told.data);
        ck_assert_str_eq(result.content.data, content);
        ck_assert_msg(result.until == cases[_i].until, "%s: %lld", cases[_i].name, (long long)result.until);
        result_done(&result);
    }
    free(f.text);
}
END_TEST

/* As it was when it comes back from storage. */
START_TEST(waits_in_storage)
{
    auto_str struct str text = STR_EMPTY;
    struct note *note = note_new(NULL, content_new("{\"m2m:rsp\":{}}", 14, _i == 1)), *back;

    snprintf(note->rqi, sizeof note->rqi, "e1-id-in-1");
    note->until = _i ? 1000000000000 : 0;
    note_write(&text, note, "notification.1-1");
    back = note_read((struct slice){text.data, text.len}, "notification.1-1");
    ck_assert_ptr_nonnull(back);
    ck_assert_int_eq(back->until, note->until);
    ck_assert_int_eq(back->content->whole, note->content->whole);
    ck_assert_str_eq(back->content->text, note->content->text);
    note_free(back);
    note_free(note);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("result");
    TCase *tcase = tcase_create("cases");

    tcase_add_loop_test(tcase, results, 0, (int)ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, waits_in_storage, 0, 2);
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
