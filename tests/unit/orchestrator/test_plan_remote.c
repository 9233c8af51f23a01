/* Other CSEs: registration, originators behind them, retargeting; TS-0004 7.4.4 and 7.3.2.6. */
#include "fixture.h"

#include <stdlib.h>

#define CSR "{'m2m:csr':{'cb':'/id-new/cse','rr':true,'srv':['3'],'poa':['http://new:1']}}"
#define MIRROR "{'m2m:csr':{'csi':'/id-new','cb':'/id-new/cse','rr':true,'srv':['3']}}"
#define REGISTER "'op':1,'ty':16,'to':'cse-in'"

/* An IN-CSE at which /id-new, /id-mn and //other.example/id-y may register. /id-reg is another one of its remoteCSEs. */
static const struct fixture_case at_in[] = {
  /* ---- registration */
    {"a CSE registers",                           REGISTER ",'fr':'/id-new'",                                          CSR,
     "COMMIT 2001|'ri':'id-new'|'rn':'id-new'|'csi':'/id-new'|'by':'/id-new'|'path':'cse-in/id-new'"                                                                                                                                                      },
    {"with its own name",                         REGISTER ",'fr':'/id-new'",
     "{'m2m:csr':{'rn':'neighbour','csi':'/id-new','cb':'/id-new/cse','rr':true,'srv':['3']}}",                                                                                                 "'ri':'id-new'|'rn':'neighbour'"                          },
    {"its id absolute",                           REGISTER ",'fr':'//tessera.example.com/id-new'",                     CSR,                                                                     "COMMIT 2001|'csi':'/id-new'"                             },
    {"in another's name",                         REGISTER ",'fr':'/id-new'",                                          "{'m2m:csr':{'csi':'/id-mn','cb':'/id-new/cse','rr':true,'srv':['3']}}",
     "ANSWER 4000 csi: /id-mn is not the originator|/id-new"                                                                                                                                                                                              },
    {"twice",                                     REGISTER ",'fr':'/id-mn'",                                           CSR,                                                                     "ANSWER 4117 /id-mn is registered already"                },
    {"without credentials",                       REGISTER ",'fr':'/id-stranger'",                                     CSR,                                                                     "ANSWER 4107 fr: no security association"                 },
    {"of another service provider",               REGISTER ",'fr':'//other.example/id-y'",                             CSR,
     "COMMIT 2001|'csi':'//other.example/id-y'|!'ri':'/"                                                                                                                                                                                                  },
    {"an AE as a CSE",                            REGISTER ",'fr':'Cae'",                                              CSR,                                                                     "ANSWER 4005 fr: only a CSE registers as a remoteCSE"     },
    {"an AE elsewhere as a CSE",                  REGISTER ",'fr':'/id-mn/Cae'",                                       CSR,                                                                     "ANSWER 4005 fr: only a CSE"                              },
    {"not below the CSEBase",                     "'op':1,'ty':16,'to':'cse-in/ae','fr':'/id-new'",                    CSR,                                                                     "ANSWER 4108"                                             },
    {"without cb",                                REGISTER ",'fr':'/id-new'",                                          "{'m2m:csr':{'rr':true,'srv':['3']}}",                                   "ANSWER 4000 cb: mandatory"                               },
    {"made by the CSE itself",                    REGISTER ",'fr':'/id-in'",                                           MIRROR,                                                                  "COMMIT 2001|'ri':'id-new'|'by':'/id-in'"                 },
    {"made by the administrator",                 REGISTER ",'fr':'CAdmin'",                                           MIRROR,                                                                  "COMMIT 2001|'ri':'id-new'"                               },
    {"by itself, of nobody",                      REGISTER ",'fr':'/id-in'",                                           CSR,                                                                     "ANSWER 4000 csi: mandatory, missing"                     },
    {"by itself, of itself",                      REGISTER ",'fr':'/id-in'",                                           "{'m2m:csr':{'csi':'/id-in','cb':'x','rr':true,'srv':['3']}}",
     "ANSWER 4000 csi: must be"                                                                                                                                                                                                                           },
    {"by itself, of an AE",                       REGISTER ",'fr':'/id-in'",                                           "{'m2m:csr':{'csi':'/id-new/C','cb':'x','rr':true,'srv':['3']}}",
     "ANSWER 4000 csi: must be"                                                                                                                                                                                                                           },
    {"one that is a descendant so far",           REGISTER ",'fr':'/id-in'",                                           "{'m2m:csr':{'csi':'/id-asn','cb':'x','rr':true,'srv':['3']}}",
     "COMMIT 2001|'ri':'id-asn'"                                                                                                                                                                                                                          },
    {"elsewhere",                                 "'op':1,'ty':16,'to':'/id-mn','fr':'/id-new'",                       CSR,                                                                     "ANSWER 4000 to: a registration is for the CSE itself"    },
    {"an AE elsewhere",                           "'op':1,'ty':2,'to':'/id-mn','fr':'C'",                              "{}",                                                                    "ANSWER 4000 to: a registration is for the CSE itself"    },

 /* ---- originators */
    {"a CSE",                                     "'op':2,'to':'cse-in','fr':'/id-mn'",                                NULL,                                                                    "GET 2000|by=/id-mn"                                      },
    {"a CSE, absolute",                           "'op':2,'to':'cse-in','fr':'//tessera.example.com/id-mn'",           NULL,                                                                    "GET 2000|by=/id-mn"                                      },
    {"a descendant",                              "'op':2,'to':'cse-in','fr':'/id-asn'",                               NULL,                                                                    "GET 2000|by=/id-asn"                                     },
    {"an AE of a CSE",                            "'op':2,'to':'cse-in','fr':'/id-mn/Cx'",                             NULL,                                                                    "GET 2000|by=/id-mn/Cx"                                   },
    {"an AE of a descendant",                     "'op':2,'to':'cse-in','fr':'/id-asn/Cx'",                            NULL,                                                                    "GET 2000|by=/id-asn/Cx"                                  },
    {"an AE of another service provider",         "'op':2,'to':'cse-in','fr':'//other.example/id-x/Cx'",               NULL,                                                                    "GET 2000"                                                },
    {"unknown CSE",                               "'op':2,'to':'cse-in','fr':'/id-foo'",                               NULL,                                                                    "ANSWER 4107 fr: no security association with CSE /id-foo"},
    {"unknown CSE's AE",                          "'op':2,'to':'cse-in','fr':'/id-foo/Cx'",                            NULL,                                                                    "ANSWER 4106 fr: /id-foo/Cx is not registered here"       },
    {"own AE by way of another CSE",              "'op':2,'to':'cse-in','fr':'/id-in/Cae'",                            NULL,                                                                    "GET 2000|by=Cae"                                         },
    {"no right by itself",                        "'op':2,'to':'cse-in/ae/c','fr':'/id-mn/Cae'",                       NULL,                                                                    "ANSWER 4103"                                             },

 /* ---- retargeting */
    {"SP-relative",                               "'op':2,'to':'/id-mn/cse-mn/a','fr':'Cae'",                          NULL,
     "FORWARD 2000|by=Cae|poa=['http://mn:1']|csz=['application/cbor']|from=/id-in/Cae"                                                                                                                                                                   },
    {"the CSEBase",                               "'op':2,'to':'/id-mn','fr':'Cae'",                                   NULL,                                                                    "FORWARD"                                                 },
    {"absolute, own service provider",            "'op':2,'to':'//tessera.example.com/id-mn/x','fr':'Cae'",            NULL,                                                                    "FORWARD|from=/id-in/Cae"                                 },
    {"a descendant's",                            "'op':2,'to':'/id-asn/x','fr':'Cae'",                                NULL,                                                                    "FORWARD|http://mn:1"                                     },
    {"another service provider's",                "'op':2,'to':'//other.example/id-x/a','fr':'Cae'",                   NULL,
     "FORWARD|http://x:1|from=//tessera.example.com/id-in/Cae"                                                                                                                                                                                            },
    {"release 1",                                 "'op':2,'to':'/id-old/a','fr':'Cae','rvi':'3','vsi':'v'",            NULL,                                                                    "FORWARD|release 1"                                       },
    {"an S id stays without CSE",                 "'op':2,'to':'/id-mn/a','fr':'Sdev'",                                NULL,                                                                    "from=/Sdev"                                              },
    {"passing through",                           "'op':2,'to':'/id-mn/a','fr':'/id-asn/Cx'",                          NULL,                                                                    "FORWARD|from=/id-asn/Cx"                                 },
    {"the CSE's own request",                     "'op':5,'to':'/id-mn/Cx','fr':'/id-in'",                             "{'m2m:sgn':{}}",                                                        "FORWARD|from=/id-in"                                     },
    {"one attribute",                             "'op':2,'to':'/id-mn/a#lbl','fr':'Cae'",                             NULL,                                                                    "FORWARD"                                                 },
    {"what the other CSE may know",               "'op':2,'to':'/id-mn/a','fr':'Cae','rvi':'9','rcn':12,'tkns':['t']", NULL,                                                                    "FORWARD"                                                 },
    {"nobody knows it",                           "'op':2,'to':'/id-foo/a','fr':'Cae'",                                NULL,                                                                    "ANSWER 4004 to: /id-foo is not known to this CSE"        },
    {"another provider that nobody knows",        "'op':2,'to':'//far.example/id-x/a','fr':'Cae'",                     NULL,                                                                    "ANSWER 4004"                                             },
    {"no point of access",                        "'op':2,'to':'/id-dumb/a','fr':'Cae'",                               NULL,                                                                    "FORWARD 2000|ws:id-dumb"                                 },
    {"by a stranger",                             "'op':2,'to':'/id-mn/a','fr':'Cnobody'",                             NULL,                                                                    "ANSWER 4106"                                             },
    {"malformed",                                 "'op':2,'to':'/id-mn//a','fr':'Cae'",                                NULL,                                                                    "ANSWER 4000 to: empty segment"                           },
    {"too late",                                  "'op':2,'to':'/id-mn/a','fr':'Cae','rqet':'20200101T000000'",        NULL,                                                                    "ANSWER 4008"                                             },

 /* ---- notifications */
    {"subscription of an AE elsewhere to itself", "'op':1,'ty':23,'to':'cse-in/other','fr':'/id-mn/Cx'",
     "{'m2m:sub':{'nu':['/id-mn/Cx']}}",                                                                                                                                                        "ANSWER 4103"                                             },
    {"subscription for an AE elsewhere",          "'op':1,'ty':23,'to':'cse-in/ae/c','fr':'Cae'",                      "{'m2m:sub':{'nu':['/id-mn/Cx']}}",
     "COMMIT 2001|verify=[{'ri':'/id-mn/Cx','poa':['http://mn:1'],'csz':['application/cbor']}]|'cr':'/id-in/Cae'"                                                                                                                                         },
    {"subscription for an AE of nowhere",         "'op':1,'ty':23,'to':'cse-in/ae/c','fr':'Cae'",                      "{'m2m:sub':{'nu':['/id-foo/Cx']}}",
     "ANSWER 5204 nu: /id-foo/Cx is not known here"                                                                                                                                                                                                       },
    {"a CSE notifies an AE without policies",     "'op':5,'to':'Cae','fr':'/id-mn'",                                   "{'m2m:sgn':{}}",                                                        "NOTIFY 2000"                                             },
    {"an AE elsewhere does not",                  "'op':5,'to':'Cae','fr':'/id-mn/Cx'",                                "{'m2m:sgn':{}}",                                                        "ANSWER 4103"                                             },
    {"a CSE asks for an AE's own subscription",   "'op':5,'to':'Cae','fr':'/id-mn'",                                   "{'m2m:sgn':{'vrq':true,'cr':'/id-in/Cae'}}",
     "NOTIFY 2000"                                                                                                                                                                                                                                        },
    {"a CSE asks in the name of another",         "'op':5,'to':'Cae','fr':'/id-mn'",                                   "{'m2m:sgn':{'vrq':true,'cr':'/id-mn/Cx'}}",
     "ANSWER 4101 cr:"                                                                                                                                                                                                                                    },
    {"an AE elsewhere asks",                      "'op':5,'to':'Cae','fr':'/id-mn/Cx'",                                "{'m2m:sgn':{'vrq':true,'cr':'/id-mn/Cx'}}",                             "ANSWER 5205"                                             },
    {"policies let it in",                        "'op':5,'to':'Cother','fr':'/id-mn/Cx'",                             "{'m2m:sgn':{'vrq':true,'cr':'/id-mn/Cx'}}",                             "NOTIFY 2000"                                             },
};

/* An MN-CSE whose registrar is /id-reg. */
static const struct fixture_case at_mn[] = {
    {"to its registrar",                      "'op':2,'to':'/id-reg/x','fr':'Cae'",              NULL, "FORWARD|http://reg:1"                },
    {"what it does not know goes up",         "'op':2,'to':'/id-foo/x','fr':'Cae'",              NULL, "FORWARD|http://reg:1|from=/id-in/Cae"},
    {"other service providers, too",          "'op':2,'to':'//far.example/id-foo/x','fr':'Cae'", NULL,
     "FORWARD|http://reg:1|from=//tessera.example.com/id-in/Cae"                                                                             },
    {"from below upwards",                    "'op':2,'to':'/id-foo/x','fr':'/id-asn/Cx'",       NULL, "FORWARD|http://reg:1|from=/id-asn/Cx"},
    {"from above downwards",                  "'op':2,'to':'/id-asn/x','fr':'/id-far/Cx'",       NULL, "FORWARD|http://mn:1|from=/id-far/Cx" },
    {"what came from above is not sent back", "'op':2,'to':'/id-foo/x','fr':'/id-far/Cx'",       NULL,
     "ANSWER 4004 to: /id-foo is not known"                                                                                                  },
    {"nor what the registrar asks",           "'op':2,'to':'/id-foo/x','fr':'/id-reg'",          NULL, "ANSWER 4004 to: /id-foo is not known"},
    {"originators behind the registrar",      "'op':2,'to':'cse-in','fr':'/id-far/Cx'",          NULL, "GET 2000|by=/id-far/Cx"              },
    {"nobody may register",                   REGISTER ",'fr':'/id-new'",                        CSR,  "ANSWER 4107"                         },
};

static const struct fixture_case at_asn[] = {
    {"no CSE registers",       REGISTER ",'fr':'/id-new'", CSR,    "ANSWER 4005 no CSE registers at an ASN-CSE"},
    {"its registrar's mirror", REGISTER ",'fr':'/id-in'",  MIRROR, "COMMIT 2001"                               },
};

static void begin_in(void)
{
    setenv("TESSERA_CSE_PEERS", "/id-new,/id-mn,//other.example/id-y", 1);
    fixture_begin();
}

static void begin_mn(void)
{
    setenv("TESSERA_CSE_TYPE", "MN", 1);
    setenv("TESSERA_CSE_REGISTRAR_ID", "/id-reg", 1);
    setenv("TESSERA_CSE_REGISTRAR_URL", "http://reg:1", 1);
    fixture_begin();
}

static void begin_asn(void)
{
    setenv("TESSERA_CSE_TYPE", "ASN", 1);
    setenv("TESSERA_CSE_PEERS", "*", 1);
    fixture_begin();
}

START_TEST(in)
{
    fixture_run(&at_in[_i]);
}
END_TEST

START_TEST(mn)
{
    fixture_run(&at_mn[_i]);
}
END_TEST

START_TEST(asn)
{
    fixture_run(&at_asn[_i]);
}
END_TEST

static void add(Suite *suite, const char *name, void (*begin)(void), const TTest *test, int count)
{
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, begin, fixture_end);
    tcase_add_loop_test(tests, test, 0, count);
    suite_add_tcase(suite, tests);
}

int main(void)
{
    Suite *suite = suite_create("plan_remote");
    SRunner *runner;
    int failed;

    add(suite, "IN", begin_in, in, (int)ARRAY_LEN(at_in));
    add(suite, "MN", begin_mn, mn, (int)ARRAY_LEN(at_mn));
    add(suite, "ASN", begin_asn, asn, (int)ARRAY_LEN(at_asn));
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
