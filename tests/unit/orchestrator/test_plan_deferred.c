/* Non-blocking requests: what is kept, and what may be done to a <request>. */
#include "fixture.h"

#define GET "'op':2,'to':'cse-in/ae/c','fr':'Cae'"
#define DELETE(ri) "'op':4,'to':'" ri "','fr':'Cae'"
#define REQ "{'m2m:req':{}}"

static const struct fixture_case cases[] = {
    {"synchronous",                    GET ",'rt':{'rtv':1}",                              NULL,
     "COMMIT 1001|'ty':17|'pi':'id-in'|'op':2,'tg':'cse-in/ae/c','org':'Cae','rid':'1'|'rs':3|'et':'20260102T000000,000'"                                  },
    {"asynchronous",                   GET ",'rt':{'rtv':2,'nu':['Cae']}",                 NULL, "COMMIT 1002|'mi':{'rt':{'rtv':2,'nu':['Cae']},'rvi':'3'}"},
    {"no target",                      "'op':2,'to':'cse-in/x','fr':'Cae','rt':{'rtv':1}", NULL, "ANSWER 4004"                                             },
    {"later",                          GET ",'rt':{'rtv':1},'oet':'5000','rp':'60000'",    NULL, "'oet':'20260101T000005,000'|'et':'20260101T000100,000'"  },
    {"result gone before",             GET ",'rt':{'rtv':1},'rp':'-1'",                    NULL, "ANSWER 4000 rp"                                          },
    {"on a request",                   "'op':2,'to':'req1','fr':'Cae','rt':{'rtv':1}",     NULL, "ANSWER 4000 rt"                                          },
    {"oet after rqet",                 GET ",'oet':'5000','rqet':'1000'",                  NULL, "ANSWER 4000 oet"                                         },
    {"recall while it waits",          DELETE("req2"),                                     NULL, "COMMIT 2002"                                             },
    {"recall while it is carried out", DELETE("req1"),                                     NULL, "ANSWER 5220"                                             },
    {"delete a result",                DELETE("req3"),                                     NULL, "COMMIT 2002"                                             },
    {"carried out by others",          "'op':5,'to':'req1','fr':'Cae'",                    REQ,  "ANSWER 4005"                                             },
    {"carried out already",            "'op':5,'to':'req3','fr':'/id-in'",                 REQ,  "ANSWER 2000"                                             },
};

START_TEST(test_deferred)
{
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("plan_deferred", test_deferred, ARRAY_LEN(cases));
}
