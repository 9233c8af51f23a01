/* Transactions: what is locked, what each control leads to, and one step of a <transactionMgmt>. */
#include "fixture.h"

#define CONTROL(who, control) "'op':3,'to':'" who "','fr':'Cae'", "{'m2m:trac':{'tctl':" control "}}"
#define LEAD(who, control) "'op':3,'to':'" who "','fr':'Cae'", "{'m2m:tram':{'tctl':" control "}}"
#define STEP(who) "'op':5,'to':'" who "','fr':'/id-in'", "{'m2m:tram':{'tries':0}}"
#define TRIED(who, tries) "'op':5,'to':'" who "','fr':'/id-in'", "{'m2m:tram':{'tries':" tries "}}"
#define CHANGE(to) "'op':3,'to':'" to "','fr':'Cae'", "{'m2m:cnt':{'lbl':['x']}}"
#define NOBODY                                                                                                                   \
    {                                                                                                                            \
        {                                                                                                                        \
            NULL, 0, NULL                                                                                                        \
        }                                                                                                                        \
    }
#define HELD(a)                                                                                                                  \
    {                                                                                                                            \
        {                                                                                                                        \
            "tlock", 2000, "{'m2m:cnt':{'m2m:trac':[{'trst':1},{" a "}]}}"                                                       \
        }                                                                                                                        \
    }
#define BY_ONE HELD("'trst':2")
#define FREED "{'op':'mark','ri':'tlock','on':0,'off':2097152}"
#define REACHED(state)                                                                                                           \
    {                                                                                                                            \
        {"t1", 2004, "{'m2m:trac':{'trst':" state "}}"},                                                                         \
        {                                                                                                                        \
            "t2", 2004, "{'m2m:trac':{'trst':" state "}}"                                                                        \
        }                                                                                                                        \
    }

/* clang-format off */
static const struct {
    const char *name, *head, *content, *parts;
    struct fixture_reply replies[3];
} cases[] = {
    {"lock", CONTROL("trac1", "2"), "COMMIT 2004|'tctl':2,'trst':2|{'op':'mark','ri':'tbox','on':2097152,'off':0}", NOBODY},
    {"execute too early", CONTROL("trac1", "3"), "ANSWER 4123 tctl: no EXECUTE in the state INITIAL", NOBODY},
    {"nothing new", CONTROL("trac1", "1"), "COMMIT 2004|!'trst'|!'mark'", NOBODY},
    {"not by others", "'op':3,'to':'trac1','fr':'Cother'", "{'m2m:trac':{'tctl':2}}", "ANSWER 4103", NOBODY},
    {"locked by another", CONTROL("trac2", "2"), "ANSWER 5222 tlock is locked by another", BY_ONE},
    {"nobody can tell", CONTROL("trac2", "2"), "ANSWER 5222", {{"tlock", 5103, ""}}},
    {"nobody holds it any more", CONTROL("trac2", "2"), "COMMIT 2004|" FREED ",{'op':'mark','ri':'tlock','on':2097152,'off':0}", NOBODY},
    {"execute an instance", CONTROL("trac3", "3"), "COMMIT 2004|'trst':3|'rsc':2001,'pc':{'m2m:cin':{|'rn':'two'|!'append'|!'mark'", BY_ONE},
    {"execute what cannot be", CONTROL("trac5", "3"), "COMMIT 2004|'trst':5|'rsc':4000,'pc':{'m2m:dbg':'mni|" FREED, BY_ONE},
    {"commit a deletion", CONTROL("trac4", "4"), "COMMIT 2004|'trst':4|" FREED ",{'op':'delete','ri':'tlock'}", BY_ONE},
    {"abort", CONTROL("trac4", "5"), "COMMIT 2004|'tctl':5,'trst':6},'del':['rsp']|" FREED, BY_ONE},
    {"abort what is not locked", CONTROL("trac1", "5"), "COMMIT 2004|'trst':6|!'mark'", NOBODY},
    {"delete while locked", "'op':4,'to':'trac3','fr':'Cae'", NULL, "ANSWER 5222 trac3 is LOCKED", BY_ONE},
    {"delete", "'op':4,'to':'trac1','fr':'Cae'", NULL, "COMMIT 2002", NOBODY},
    {"by the clock", "'op':5,'to':'trac5','fr':'/id-in'", NULL, "COMMIT 2000|'trst':5", BY_ONE},
    {"not by the clock", "'op':5,'to':'trac1','fr':'/id-in'", NULL, "ANSWER 2000 {'m2m:tram':{'wake':0,'retry':false}}", NOBODY},
    {"notified by anybody", "'op':5,'to':'trac1','fr':'Cae'", NULL, "ANSWER 4005", NOBODY},

    {"update what is locked", CHANGE("tlock"), "ANSWER 5222 tlock is locked by a transaction|'to':'tlock','fr':'/id-in'", BY_ONE},
    {"or not any more", CHANGE("tlock"), "COMMIT 2004|'lbl':['x']|" FREED, NOBODY},
    {"retrieve it", "'op':2,'to':'tlock','fr':'Cae'", NULL, "ANSWER 5222", BY_ONE},
    {"retrieve its latest", "'op':2,'to':'tlock/la','fr':'Cae'", NULL, "ANSWER 5222", BY_ONE},
    {"its instance", "'op':4,'to':'cin51','fr':'Cae'", NULL, "ANSWER 5222", BY_ONE},
    {"by the admin", "'op':2,'to':'tlock','fr':'CAdmin'", NULL, "ANSWER 5222", BY_ONE},
    {"by the CSE", "'op':2,'to':'tlock','fr':'/id-in'", NULL, "GET 2000", BY_ONE},
    {"retrieve if allowed", "'op':2,'to':'tlock','fr':'Cae'", NULL, "GET 2000", HELD("'trst':3,'tltp':2")},
    {"update if retrieving is", CHANGE("tlock"), "ANSWER 5222", HELD("'trst':3,'tltp':2")},
    {"create in it", "'op':1,'ty':3,'to':'tlock','fr':'Cae'", "{'m2m:cnt':{}}", "ANSWER 5222", BY_ONE},
    {"a transaction in it", "'op':1,'ty':51,'to':'tlock','fr':'Cae'", "{'m2m:trac':{'tid':'t','rqp':{'op':4,'to':'tlock'}}}",
     "COMMIT 2001|'fr':'Cae'|'et':'20260101T001000,000'", BY_ONE},
    {"for an instance", "'op':1,'ty':51,'to':'cin51','fr':'Cae'", "{'m2m:trac':{'tid':'t','rqp':{'op':4,'to':'cin51'}}}",
     "ANSWER 4108 a contentInstance cannot be locked", NOBODY},

    {"made", STEP("tram1"), "COMMIT 2000|{'rqi':'q1','rsc':1000,'fr':'t1'},{'rqi':'q2','rsc':1000,'fr':'t2'}|!'trst'|'tid':'/id-in/tram1'|'et':'20260102T001000,000'",
     {{"cse-in/ae/a", 2001, "{'m2m:trac':{'ri':'t1'}}"}, {"cse-in/ae/b", 2001, "{'m2m:trac':{'ri':'t2'}}"}}},
    {"one not made", STEP("tram1"), "COMMIT 2000|'trst':5,'tctl':5|{'rqi':'q1','rsc':4103,'pc':{'m2m:dbg':'no'}},{'rqi':'q2','rsc':1000,'fr':'t2'}",
     {{"cse-in/ae/a", 4103, "{'m2m:dbg':'no'}"}, {"cse-in/ae/b", 2001, "{'m2m:trac':{'ri':'t2'}}"}}},
    {"all locked", STEP("tram2"), "COMMIT 2000|'trst':2,'tctl':2", REACHED("2")},
    {"one busy", STEP("tram2"), "ANSWER 2000 {'m2m:tram':{'wake':|'retry':true}}|'tctl':5}|'tctl':1}",
     {{"t1", 2004, "{'m2m:trac':{'trst':2}}"}, {"t2", 5222, "{'m2m:dbg':'busy'}"}}},
    {"too often", TRIED("tram2", "2"), "COMMIT 2000|'trst':5,'tctl':5|{'rqi':'q2','rsc':5222,'fr':'t2','pc':{'m2m:dbg':'busy'}}",
     {{"t1", 2004, "{'m2m:trac':{'trst':2}}"}, {"t2", 5222, "{'m2m:dbg':'busy'}"}}},
    {"one gone", STEP("tram2"), "COMMIT 2000|'trst':5,'tctl':5|'rsc':4004", {{"t1", 2004, "{'m2m:trac':{'trst':2}}"}, {"t2", 4004, ""}}},
    {"all committed, one with its resource", STEP("tram3"), "COMMIT 2000|'trst':4,'tctl':4|'rsc':2004|'rsc':2002",
     {{"t1", 2004, "{'m2m:trac':{'trst':4,'rsp':{'rqi':'x','rsc':2004}}}"}, {"t2", 4004, ""}}},
    {"one out of reach", TRIED("tram3", "99"), "ANSWER 2000 {'m2m:tram':|'retry':true", {{"t1", 5103, ""}, {"t2", 4004, ""}}},
    {"one will never", STEP("tram3"), "COMMIT 2000|'trst':5|!'tctl':5|'rsc':4004", {{"t1", 4004, ""}, {"t2", 4004, ""}}},
    {"step by anybody", "'op':5,'to':'tram1','fr':'Cae'", NULL, "ANSWER 4005", NOBODY},
    {"decided", LEAD("tram3", "5"), "ANSWER 5222 tctl: it is being committed", NOBODY},
    {"delete what is decided", "'op':4,'to':'tram3','fr':'Cae'", NULL, "ANSWER 5222 tram3 is being committed", NOBODY},
    {"led by nobody but itself", LEAD("tram2", "2"), "ANSWER 4000 tctl: only ABORT", NOBODY},
    {"aborted", LEAD("tram2", "5"), "COMMIT 2004|'set':{'tctl':5}", NOBODY},
};
/* clang-format on */

START_TEST(test_transaction)
{
    const struct fixture_case one = {cases[_i].name, cases[_i].head, cases[_i].content, cases[_i].parts};

    fixture_replies = cases[_i].replies;
    fixture_run(&one);
    fixture_replies = NULL;
}
END_TEST

int main(void)
{
    return fixture_main("plan_transaction", test_transaction, ARRAY_LEN(cases));
}
