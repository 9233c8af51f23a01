/* Which events concern which subscriptions. */
#include "fixture.h"
#include "match.h"

#define UPDATE "{'event':'resource','op':3,'ty':3,'path':'cse-in/ae/c'}"
#define DELETE "{'event':'resource','op':4,'ty':3,'path':'cse-in/ae/c'}"
#define CREATE "{'event':'resource','op':1,'ty':4,'path':'cse-in/ae/c/i'}"
#define EMPTY "{'event':'empty','op':2,'ty':3,'path':'cse-in/ae/c'}"
#define ATTEMPT "{'event':'attempt','op':2,'ty':3,'path':'cse-in/ae/c','fr':'Cae7'}"
#define MISSING "{'event':'missing','ty':29,'path':'cse-in/ae/ts'}"
#define RELAY "{'event':'relay','op':5,'ty':9,'path':'cse-in/ae/g'}"
#define STATE "{'ct':1000000000000,'lt':1500000000000,'et':1900000000000,'st':5,'cbs':100}"
#define BOTH "{'mod':['lbl','lt'],'self':" STATE ",'parent':" STATE "}"
#define BARE "{'mod':['lbl'],'self':{'ct':1000000000000},'parent':{}}"

enum { NO = -1, SELF = 0, PARENT = 1 };

static const struct {
    const char *name, *head, *body, *sub;
    int side, net; /* net: NO when it does not match */
} cases[] = {
    {"default is update",           UPDATE,  BOTH,         "{}",                                              SELF,   1 },
    {"default is not create",       CREATE,  BOTH,         "{}",                                              PARENT, NO},
    {"enc without net",             UPDATE,  BOTH,         "{'enc':{'sza':1}}",                               SELF,   1 },
    {"update not asked for",        UPDATE,  BOTH,         "{'enc':{'net':[2,3]}}",                           SELF,   NO},
    {"update of a child",           UPDATE,  BOTH,         "{'enc':{'net':[1,3,4]}}",                         PARENT, NO},
    {"delete",                      DELETE,  BOTH,         "{'enc':{'net':[2]}}",                             SELF,   2 },
    {"child created",               CREATE,  BOTH,         "{'enc':{'net':[3]}}",                             PARENT, 3 },
    {"child deleted",               DELETE,  BOTH,         "{'enc':{'net':[4]}}",                             PARENT, 4 },
    {"child of the type",           CREATE,  BOTH,         "{'enc':{'net':[3],'chty':[3,4]}}",                PARENT, 3 },
    {"child of another type",       CREATE,  BOTH,         "{'enc':{'net':[3],'chty':[3]}}",                  PARENT, NO},
    {"attribute in the list",       UPDATE,  BOTH,         "{'enc':{'net':[1],'atr':['mni','lbl']}}",         SELF,   1 },
    {"attribute not in the list",   UPDATE,  BOTH,         "{'enc':{'net':[1],'atr':['mni','lb']}}",          SELF,   NO},
    {"empty container",             EMPTY,   BOTH,         "{'enc':{'net':[5]}}",                             SELF,   5 },
    {"empty not asked for",         EMPTY,   BOTH,         "{'enc':{'net':[1]}}",                             SELF,   NO},
    {"monitor any",                 ATTEMPT, BOTH,         "{'enc':{'om':[{}]}}",                             SELF,   0 },
    {"monitor operation",           ATTEMPT, BOTH,         "{'enc':{'om':[{'ops':2}]}}",                      SELF,   0 },
    {"monitor other operation",     ATTEMPT, BOTH,         "{'enc':{'om':[{'ops':13}]}}",                     SELF,   NO},
    {"monitor originator",          ATTEMPT, BOTH,         "{'enc':{'om':[{'ops':1},{'or':'Ca*7'}]}}",        SELF,   0 },
    {"monitor other originator",    ATTEMPT, BOTH,         "{'enc':{'om':[{'or':'Cb*'},{'or':'Cae'}]}}",      SELF,   NO},
    {"monitor needs both",          ATTEMPT, BOTH,         "{'enc':{'om':[{'ops':1,'or':'Cae7'}]}}",          SELF,   NO},
    {"no monitor",                  ATTEMPT, BOTH,         "{'enc':{'net':[1]}}",                             SELF,   NO},
    {"monitor is no update",        UPDATE,  BOTH,         "{'enc':{'om':[{}]}}",                             SELF,   NO},
    {"crb holds",                   UPDATE,  BOTH,         "{'enc':{'crb':'20200101T000000'}}",               SELF,   1 },
    {"crb fails",                   UPDATE,  BOTH,         "{'enc':{'crb':'20000101T000000'}}",               SELF,   NO},
    {"cra holds at the moment",     UPDATE,  BOTH,         "{'enc':{'cra':'20010909T014640'}}",               SELF,   1 },
    {"crb fails at the moment",     UPDATE,  BOTH,         "{'enc':{'crb':'20010909T014640'}}",               SELF,   NO},
    {"ms holds",                    UPDATE,  BOTH,         "{'enc':{'ms':'20170101T000000'}}",                SELF,   1 },
    {"us fails",                    UPDATE,  BOTH,         "{'enc':{'us':'20170101T000000'}}",                SELF,   NO},
    {"sts holds",                   UPDATE,  BOTH,         "{'enc':{'sts':6}}",                               SELF,   1 },
    {"sts fails",                   UPDATE,  BOTH,         "{'enc':{'sts':5}}",                               SELF,   NO},
    {"stb holds",                   CREATE,  BOTH,         "{'enc':{'net':[3],'stb':5}}",                     PARENT, 3 },
    {"stb fails",                   CREATE,  BOTH,         "{'enc':{'net':[3],'stb':6}}",                     PARENT, NO},
    {"exb holds",                   UPDATE,  BOTH,         "{'enc':{'exb':'20400101T000000'}}",               SELF,   1 },
    {"exa fails",                   UPDATE,  BOTH,         "{'enc':{'exa':'20400101T000000'}}",               SELF,   NO},
    {"exa of what never expires",   UPDATE,  BARE,         "{'enc':{'exa':'20400101T000000'}}",               SELF,   1 },
    {"exb of what never expires",   UPDATE,  BARE,         "{'enc':{'exb':'20400101T000000'}}",               SELF,   NO},
    {"sza holds",                   CREATE,  BOTH,         "{'enc':{'net':[3],'sza':100}}",                   PARENT, 3 },
    {"szb fails",                   CREATE,  BOTH,         "{'enc':{'net':[3],'szb':100}}",                   PARENT, NO},
    {"no state tag",                UPDATE,  BARE,         "{'enc':{'stb':0}}",                               SELF,   NO},
    {"bad timestamp",               UPDATE,  BOTH,         "{'enc':{'cra':'yesterday'}}",                     SELF,   NO},
    {"and: both",                   UPDATE,  BOTH,         "{'enc':{'sts':6,'sza':1}}",                       SELF,   1 },
    {"and: one",                    UPDATE,  BOTH,         "{'enc':{'sts':6,'sza':101}}",                     SELF,   NO},
    {"or: one",                     UPDATE,  BOTH,         "{'enc':{'sts':6,'sza':101,'fo':2}}",              SELF,   1 },
    {"or: none",                    UPDATE,  BOTH,         "{'enc':{'sts':1,'sza':101,'fo':2}}",              SELF,   NO},
    {"xor: one",                    UPDATE,  BOTH,         "{'enc':{'sts':6,'sza':101,'fo':3}}",              SELF,   1 },
    {"xor: both",                   UPDATE,  BOTH,         "{'enc':{'sts':6,'sza':1,'fo':3}}",                SELF,   NO},
    {"missing data",                MISSING, "{}",         "{'enc':{'net':[8],'md':{'num':1,'dur':'PT1S'}}}", SELF,   8 },
    {"missing data, not asked for", MISSING, "{}",         "{'enc':{'net':[1]}}",                             SELF,   NO},
    {"passed on by a group",        RELAY,   "{'rep':{}}", "{'nu':['http://h/']}",                            SELF,   0 },
    {"or does not replace net",     UPDATE,  BOTH,         "{'enc':{'net':[2],'sts':6,'fo':2}}",              SELF,   NO},
};

START_TEST(matching)
{
    struct fixture_event f;
    struct subscription *sub;
    enum net net;
    bool matched;

    fixture_event_init(&f, cases[_i].head, cases[_i].body);
    sub = fixture_subscription(cases[_i].sub);
    matched = match_event(&f.event, sub, cases[_i].side == PARENT, &net);
    ck_assert_msg((matched ? (int)net : NO) == cases[_i].net, "%s: %d", cases[_i].name, matched ? (int)net : NO);
    subscription_unref(sub);
    free(f.text);
}
END_TEST

static const struct {
    const char *name, *head;
    bool deletion;
} deletions[] = {
    {"of a subscription", "{'event':'resource','op':4,'ty':23,'path':'p'}", true },
    {"update of one",     "{'event':'resource','op':3,'ty':23,'path':'p'}", false},
    {"of a container",    DELETE,                                           false},
    {"attempt at one",    "{'event':'attempt','op':4,'ty':23,'path':'p'}",  false},
};

START_TEST(deletion)
{
    struct fixture_event f;

    fixture_event_init(&f, deletions[_i].head, "{}");
    ck_assert_msg(match_deletion(&f.event) == deletions[_i].deletion, "%s", deletions[_i].name);
    free(f.text);
}
END_TEST

/* What is no event is refused; what is none of ours is let pass. */
static const struct {
    const char *name, *head, *body;
    int result;
} readings[] = {
    {"another event",     "{\"event\":\"tick\"}",                    "",          0 },
    {"no event at all",   "{\"op\":1}",                              "",          0 },
    {"broken content",    "{\"event\":\"resource\",\"path\":\"p\"}", "{\"rep\":", -1},
    {"no content",        "{\"event\":\"resource\",\"path\":\"p\"}", "",          -1},
    {"content is a list", "{\"event\":\"resource\",\"path\":\"p\"}", "[]",        -1},
    {"no path",           "{\"event\":\"resource\"}",                "{}",        -1},
};

START_TEST(reading)
{
    auto_free char *text = xasprintf("%s\n%s\n", readings[_i].head, readings[_i].body);
    struct envelope envelope;
    struct event event;
    char why[160];

    ck_assert(envelope_parse(&envelope, text, strlen(text)) > 0);
    ck_assert_msg(event_read(&event, &envelope, why, sizeof why) == readings[_i].result, "%s", readings[_i].name);
}
END_TEST

static const struct {
    const char *list, *elements; /* joined by | */
} lists[] = {
    {"[]",                                    ""                               },
    {"[1]",                                   "1"                              },
    {" [1]",                                  ""                               },
    {"{}",                                    ""                               },
    {"[ {\"a\":[1,2]} , \"x,]\\\"y\" ,null]", "{\"a\":[1,2]}|\"x,]\\\"y\"|null"},
};

START_TEST(elements)
{
    struct slice rest = {lists[_i].list, strlen(lists[_i].list)}, one;
    auto_str struct str out = STR_EMPTY;

    while (json_next_element(&rest, &one)) {
        if (out.len)
            str_putc(&out, '|');
        str_add(&out, one.p, one.n);
    }
    ck_assert_str_eq(str_text(&out), lists[_i].elements);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("match");
    TCase *tcase = tcase_create("match");

    tcase_add_loop_test(tcase, matching, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, deletion, 0, ARRAY_LEN(deletions));
    tcase_add_loop_test(tcase, reading, 0, ARRAY_LEN(readings));
    tcase_add_loop_test(tcase, elements, 0, ARRAY_LEN(lists));
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
