/* Subscriptions: criteria, notification targets and their verification. */
#include "fixture.h"

#define ON(to, fr) "'op':1,'to':'" to "','fr':'" fr "','ty':23"
#define HERE ON("cse-in/ae/c", "Cae")
#define ENC(enc) "{'m2m:sub':{'rn':'n','nu':['Cae'],'enc':" enc "}}"
#define NU(nu) "{'m2m:sub':{'rn':'n','nu':" nu "}}"
#define CHANGE "'op':3,'to':'sub1','fr':'Cae'"

static const struct fixture_case cases[] = {
    {"default criteria",                                                             HERE,              NU("['Cae']"),
     "COMMIT 2001|'ri':'sub|'pi':'cnt1','ty':23,'path':'cse-in/ae/c/n','by':'Cae'|'enc':{'net':[1]}|'nu':['Cae']|!verify|!'cr':"                                                                                                         },
    {"creator asked for",                                                            HERE,              "{'m2m:sub':{'nu':['Cae'],'cr':null}}",                                                   "'cr':'Cae'"                           },
    {"events",                                                                       HERE,              ENC("{'net':[1,2,3,4,5]}"),                                                               "COMMIT 2001|'enc':{'net':[1,2,3,4,5]}"},
    {"criteria without events",                                                      HERE,              ENC("{'atr':['mni']}"),                                                                   "'enc':{'atr':['mni'],'net':[1]}"      },
    {"operation monitor",                                                            HERE,              ENC("{'om':[{'ops':2}]}"),                                                                "COMMIT 2001|'enc':{'om':[{'ops':2}]}" },
    {"net and om",                                                                   HERE,              ENC("{'net':[1],'om':[{'ops':2}]}"),                                                      "ANSWER 4000 enc: net and om"          },
    {"net out of range",                                                             HERE,              ENC("{'net':[11]}"),                                                                      "ANSWER 4000 enc"                      },
    {"trigger",                                                                      HERE,              ENC("{'net':[6]}"),                                                                       "ANSWER 4000 enc.net: 6"               },
    {"blocking update",                                                              HERE,              ENC("{'net':[7]}"),                                                                       "COMMIT 2001|'ri':'sub7.cnt1'|'nct':2" },
    {"missing data without md",                                                      HERE,              ENC("{'net':[8]}"),                                                                       "ANSWER 4000 enc.net: 8"               },
    {"missing data of a container",                                                  HERE,              ENC("{'net':[8],'md':{'num':1,'dur':'PT1S'}}"),                                           "ANSWER 4000 enc: missing data"        },
    {"md without a time series",                                                     HERE,              ENC("{'net':[1],'md':{'num':1,'dur':'PT1S'}}"),                                           "ANSWER 4000 enc: missing data"        },
    {"child type",                                                                   HERE,              ENC("{'net':[3],'chty':[4]}"),                                                            "COMMIT 2001"                          },
    {"child type that cannot be",                                                    HERE,              ENC("{'net':[3],'chty':[2]}"),                                                            "ANSWER 4000 enc.chty: 2"              },
    {"nct 1 fits all",                                                               HERE,              "{'m2m:sub':{'nu':['Cae'],'nct':1,'enc':{'net':[1,3]}}}",                                 "COMMIT 2001"                          },
    {"nct 2 of updates",                                                             HERE,              "{'m2m:sub':{'nu':['Cae'],'nct':2,'enc':{'net':[1]}}}",                                   "COMMIT 2001"                          },
    {"nct 2 of children",                                                            HERE,              "{'m2m:sub':{'nu':['Cae'],'nct':2,'enc':{'net':[1,3]}}}",
     "ANSWER 4000 nct: 2 does not fit net 3"                                                                                                                                                                                             },
    {"nct 4",                                                                        HERE,              "{'m2m:sub':{'nu':['Cae'],'nct':4}}",                                                     "ANSWER 4000 nct: 4 does not fit net 1"},
    {"no nu",                                                                        HERE,              "{'m2m:sub':{}}",                                                                         "ANSWER 4000 nu: mandatory"            },
    {"empty nu",                                                                     HERE,              NU("[]"),                                                                                 "ANSWER 4000 nu"                       },
    {"exc of zero",                                                                  HERE,              "{'m2m:sub':{'nu':['Cae'],'exc':0}}",                                                     "ANSWER 4000 exc"                      },
    {"previous notifications",                                                       HERE,              "{'m2m:sub':{'nu':['Cae'],'enc':{'net':[1,3],'chty':[4]},'psn':3}}",
     "COMMIT 2001|{'op':'earlier','ri':'sub|'count':3,'instances':true,'ty':[4]}|!psn"                                                                                                                                                   },
    {"previous notifications of updates",                                            HERE,              "{'m2m:sub':{'nu':['Cae'],'psn':3}}",                                                     "ANSWER 5001 psn"                      },
    {"batches and rates",                                                            HERE,              "{'m2m:sub':{'nu':['Cae'],'bn':{'num':3},'rl':{'mnn':1,'tww':'PT1S'},'pn':1,'ln':true}}",
     "COMMIT 2001"                                                                                                                                                                                                                       },
    {"empty batch",                                                                  HERE,              "{'m2m:sub':{'nu':['Cae'],'bn':{}}}",                                                     "ANSWER 4000 bn"                       },
    {"advanced query",                                                               HERE,              ENC("{'aq':'x'}"),                                                                        "ANSWER 4000 enc.aq"                   },
 /* targets */
    {"self in other forms",                                                          HERE,              NU("['/id-in/Cae','cse-in/ae','//tessera.example.com/id-in/Cae']"),                       "COMMIT 2001|!verify"                  },
    {"URL",                                                                          HERE,              NU("['http://h:1/x?ct=json']"),                                                           "COMMIT 2001|!verify"                  },
    {"another AE",                                                                   HERE,              NU("['Cother']"),
     "COMMIT "
     "2001|verify=[{'ri':'Cother','poa':['http://127.0.0.1:9/o'],'csz':['json']}]|sgn={'vrq':true,'sur':'/id-in/sub|'cr':'Cae'}"                                                                                                         },
    {"two forms of one AE",                                                          HERE,              NU("['http://h:1','/id-in/Cother']"),                                                     "verify=[{'ri':'Cother'"               },
    {"an AE that does not allow it",                                                 ON("cse-in/other", "Cother"),                                                                                NU("['Cae']"),                           "ANSWER 4103"},
    {"an AE without the right",                                                                              HERE,                                                                       NU("['Sdev']"),                                                                              "ANSWER 4101 nu: Sdev has no acpi"                                },
    {"an AE that is not reachable",                                                                              HERE,                                                                   NU("['Cmute']"),                                                                          "COMMIT 2001|ws:Cmute"},
    {"nobody",                                                                              HERE,                                                                                        NU("['Cnone']"),                                                                                               "ANSWER 5204 nu: Cnone is not known"                                },
    {"no AE",                                                                              HERE,                                                                                         NU("['cnt1']"),                                                                                                "ANSWER 5204 nu: cnt1 is no AE"},
    {"an AE of another CSE",                                                                              HERE,                                                                          NU("['/mn/Cx']"),                                                                                 "ANSWER 5204"                              },
    {"neither id nor URL",                                                                              HERE,                                                                            NU("['a//b']"),                                                                                   "ANSWER 4000 nu"  },
 /* the parent */
    {"on the AE",                                                                              ON("cse-in/ae",                                                                                     "Cae"),                                                                                  NU("['Cae']"),                             "COMMIT 2001"},
    {"on a policy",                                                                 ON("acp1",                                                                                  "Cae"),                                                                                                                                                              NU("['Cae']"),                                                                                                "COMMIT 2001"},
    {"on an instance",                                                                 ON("cin1",                                                                     "Cae"),NU("['Cae']"),"ANSWER 5203 no subscription below a contentInstance"},
    {"on a subscription",                                                                        ON("sub1",        "Cae"),                                            NU("['Cae']"),                                                                                                                                                           "ANSWER 5203"},
    {"without CREATE on the parent",ON("cse-in/ae/c",  "Cother"),                                  NU("['Cother']"),"ANSWER 4103"},
    {"on the CSEBase",                                                 ON("cse-in",                                                     "CAdmin"),                                                                                                                                   NU("['http://h:1']"),                                                                                                                         "COMMIT 2001"},
 /* later */
    {"retrieve",                                                                              "'op':2,'to':'sub1','fr':'Cae'",                                                                                NULL,                                                                                                             "GET 2000"                                                                                      },
    {"new target",                                                                 CHANGE,                                                                                  "{'m2m:sub':{'nu':['Cae','Cother']}}",
     "COMMIT 2004|'nu':['Cae','Cother']|verify=[{'ri':'Cother'|'sur':'/id-in/sub1'"},
    {"the same target",                                                                    CHANGE,                                                                                     "{'m2m:sub':{'nu':['Cae']}}",                                                      "COMMIT 2004|!verify"},
    {"other events", CHANGE,                  "{'m2m:sub':{'enc':{'net':[1,2]}}}",                                                                                          "'set':{'enc':{'net':[1,2]}}"                                                                                    },
    {"events by default",                                                         CHANGE,                                                                          "{'m2m:sub':{'enc':null}}",                                                                                                "'set':{'enc':{'net':[1]}},'del':[]"                                                                                                                                                                                                },
    {"blocking update by UPDATE",                                                 CHANGE,                                                                  "{'m2m:sub':{'enc':{'net':[7]}}}",                                               "ANSWER 4000 enc.net: 7"},
    {"nct that does not fit what is there",                                          CHANGE,                                                           "{'m2m:sub':{'nct':2}}",                          "ANSWER 4000 nct: 2 does not fit net 3"},
    {"nct that does",                                                      CHANGE,                                                                       "{'m2m:sub':{'nct':3}}",                                                                             "COMMIT 2004"                                                                                                                                 },
    {"no more targets",                                       CHANGE,                                                        "{'m2m:sub':{'nu':null}}",                                                                                                         "ANSWER 4000 nu"                                                                                                                                                                                                                                                                          },
    {"counter removed",                                                                 CHANGE,                                                                                  "{'m2m:sub':{'exc':null}}",                                                                              "'del':['exc']"},
    {"delete",                                                              "'op':4,'to':'sub1','fr':'Cae'",                                                                               NULL,                                               "'op':'delete','ri':'sub1'"},
};

/* orchestrator.verify.urls */
static const struct fixture_case asked[] = {
    {"URL asked first",     HERE,   NU("['http://h:1/x']"),                "COMMIT 2001|verify=[{'url':'http://h:1/x'}]|sgn={'vrq':true"},
    {"self not",            HERE,   NU("['Cae']"),                         "COMMIT 2001|!verify"                                        },
    {"new URL asked first", CHANGE, "{'m2m:sub':{'nu':['http://h:1/x']}}", "verify=[{'url':'http://h:1/x'}]"                            },
};

START_TEST(test_subscription)
{
    if (_i < (int)ARRAY_LEN(cases)) {
        fixture_run(&cases[_i]);
        return;
    }
    plan_configure(true);
    fixture_run(&asked[_i - (int)ARRAY_LEN(cases)]);
    plan_configure(false);
}
END_TEST

int main(void)
{
    return fixture_main("plan_sub", test_subscription, ARRAY_LEN(cases) + ARRAY_LEN(asked));
}
