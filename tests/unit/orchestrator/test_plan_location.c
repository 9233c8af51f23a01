/* locationPolicy: its container, its rules, and what a position means for a fence. */
#include "fixture.h"

#define CREATE "'op':1,'to':'cse-in/ae','fr':'Cae','ty':10"
#define CHANGE(to) "'op':3,'to':'" to "','fr':'Cae'"
#define DELETE(to) "'op':4,'to':'" to "','fr':'Cae'"
#define STORE(to) "'op':1,'to':'" to "','fr':'Cae','ty':4"
#define AREA "{'type':'Polygon','coordinates':[[[0,0],[9,0],[9,9],[0,9],[0,0]]]}"

static const struct fixture_case cases[] = {
    {"with its container",     CREATE,         "{'m2m:lcp':{'rn':'p','los':2,'lon':'places'}}",
     "COMMIT "
     "2001|'rn':'p'|'loi':'cnt|'lost':''|'lit':1|{'op':'create','r':{'ri':'cnt|'path':'cse-in/ae/"
     "places','by':'Cae'|'li':'lcp|'rn':'places','ty':3"                                                                                                              },
    {"named by the CSE",       CREATE,         "{'m2m:lcp':{'los':3}}",                                     "'path':'cse-in/ae/cnt"                                   },
    {"network, no server",     CREATE,         "{'m2m:lcp':{'los':1,'lot':'x'}}",                           "ANSWER 4000 los: 1"                                      },
    {"network",                CREATE,         "{'m2m:lcp':{'los':1,'lot':'x','lor':'http://y'}}",          "ANSWER 5001 los: 1"                                      },
    {"bad name",               CREATE,         "{'m2m:lcp':{'los':2,'lon':'a/b'}}",                         "ANSWER 4000 lon"                                         },
    {"fence",                  CREATE,         "{'m2m:lcp':{'los':2,'lit':2,'gec':1,'gta':" AREA "}}",      "COMMIT 2001"                                             },
    {"fence without an area",  CREATE,         "{'m2m:lcp':{'los':2,'lit':2,'gec':1}}",                     "ANSWER 4000 lit: 2"                                      },
    {"event without a fence",  CREATE,         "{'m2m:lcp':{'los':2,'gec':1}}",                             "ANSWER 4000 gec"                                         },
    {"area that is none",      CREATE,         "{'m2m:lcp':{'los':2,'lit':2,'gec':1,'gta':5}}",             "ANSWER 4000 gta"                                         },

    {"fence taken down",       CHANGE("lcp2"), "{'m2m:lcp':{'lit':1,'gta':null,'gec':null}}",               "COMMIT 2004|'lost':''"                                   },
    {"half a fence",           CHANGE("lcp2"), "{'m2m:lcp':{'gta':null}}",                                  "ANSWER 4000 lit: 2"                                      },
    {"other event",            CHANGE("lcp2"), "{'m2m:lcp':{'gec':1}}",                                     "'set':{'gec':1,'lost':''}"                               },
    {"the same event",         CHANGE("lcp2"), "{'m2m:lcp':{'gec':2}}",                                     "'set':{'gec':2}|!lost"                                   },
    {"expiry",                 CHANGE("lcp1"), "{'m2m:lcp':{'et':'20260801T000000'}}",
     "'ri':'lcp1'|{'op':'update','ri':'cnt20','set':{'et':'20260801T000000,000'},'del':[]}"                                                                           },
    {"deleted",                DELETE("lcp1"), NULL,                                                        "{'op':'delete','ri':'lcp1'}|{'op':'delete','ri':'cnt20'}"},
    {"deleted alone",          DELETE("lcp3"), NULL,                                                        "{'op':'delete','ri':'lcp3'}|!gone"                       },

    {"no fence",               STORE("cnt20"), "{'m2m:cin':{'con':'x'}}",                                   "APPEND 2001|!then"                                       },
    {"no position",            STORE("cnt21"), "{'m2m:cin':{'con':'x'}}",                                   "APPEND 2001|!then"                                       },
    {"still inside",           STORE("cnt21"), "{'m2m:cin':{'con':{'type':'Point','coordinates':[1,1]}}}",  "APPEND 2001|!then"                                       },
    {"leaving",                STORE("cnt21"), "{'m2m:cin':{'con':{'type':'Point','coordinates':[20,1]}}}",
     "then=[{'op':'update','ri':'lcp2','set':{'lost':'outside'},'del':[]},{'op':'append','ri':'cnt21','instance':{'ty':4,'cs':1,'"
     "a':{'cnf':'text/plain:0','con':'2'},'mni':5}}]"                                                                                                                 },
    {"on the edge is outside", STORE("cnt21"), "{'m2m:cin':{'con':{'type':'Point','coordinates':[9,1]}}}",  "'lost':'outside'"                                        },
    {"a place that is none",   STORE("cnt21"), "{'m2m:cin':{'con':{'type':'Point','coordinates':['a']}}}",  "APPEND 2001|!then"                                       },
};

START_TEST(test_location)
{
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("plan_location", test_location, ARRAY_LEN(cases));
}
