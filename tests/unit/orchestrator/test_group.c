/* Groups: what becomes of members, and of requests to the fanOutPoint, with given answers of the members. */
#include "fixture.h"

#define CREATE "'op':1,'to':'cse-in/ae','fr':'Cae','ty':9"
#define UPDATE(to) "'op':3,'to':'" to "','fr':'Cae'"
#define AGAIN(to) "'op':3,'to':'" to "','fr':'/id-in'"
#define GET(to) "'op':2,'to':'" to "','fr':'Cae'"
#define POST(to) "'op':1,'to':'" to "','fr':'Cae','ty':4"
#define CIN "{'m2m:cin':{'con':1.50}}"
#define TELL(fr) "'op':5,'to':'grp4','fr':'" fr "'"

/* What those elsewhere answer; all here answer with what is in records.h. */
static const struct fixture_reply replies[] = {
    {"/mn/cse-mn/x",        2000, "{'m2m:cnt':{'ri':'cnt9','ty':3}}"            },
    {"/mn/cse-mn/ae",       2000, "{'m2m:ae':{'ri':'Cfar','ty':2}}"             },
    {"/mn/cse-mn/no",       4103, "{}"                                          },
    {"/mn/cse-mn/slow",     0,    ""                                            },
    {"cse-in/other/closed", 4103, "{}"                                          },
    {"flex1",               2000, "{'x:y':{'ri':'flex1','ty':28,'cnd':'org.x'}}"},
    {"flex2",               2000, "{'x:z':{'ri':'flex2','ty':28,'cnd':'org.z'}}"},
    {"cse-in/ae/c/la",      2000, "{'m2m:cin':{'con':1.50}}"                    },
    {"cnt2/la",             4103, "{'m2m:dbg':'no'}"                            },
    {"cnt1/late",           0,    ""                                            },
    {"/mn/cse-mn/x/late",   5103, "{'m2m:dbg':'away'}"                          },
    {"cse-in/ae/c/slow",    0,    ""                                            },
    {"cnt2/slow",           2000, "{'m2m:cnt':{}}"                              },
    {"grp1/fopt",           2000, "{'m2m:agr':{'m2m:rsp':[]}}"                  },
    {"grp1/fopt/x",         2000, "{'m2m:agr':{'m2m:rsp':[]}}"                  },
    {"cnt1/x",              2000, "{}"                                          },
    {"Cother",              2000, "{'m2m:ae':{'ri':'Cother','ty':2}}"           },
    {NULL,                  0,    NULL                                          },
};

static const struct fixture_case cases[] = {
  /* CREATE */
    {"members as given",             CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['cse-in/ae/c','Cae','cse-in/ae/c']}}",
     "COMMIT "
     "2001|'mt':0,'cnm':2,'mnm':5,'mid':['cse-in/ae/c','Cae'],'mtv':true,'csy':1|'to':'cse-in/ae/c'|{'m2m:atrl':['ri','ty']}"                                                                                                          },
    {"by another address",           CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['cse-in/ae/c','cnt1','/id-in/cnt1','cnt1/la']}}",
     "'cnm':2|'mid':['cse-in/ae/c','cnt1/la']"                                                                                                                                                                                         },
    {"no members",                   CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':[]}}",                                               "COMMIT 2001|'cnm':0|'mtv':true|!?{"                        },
    {"too many",                     CREATE,                                               "{'m2m:grp':{'mnm':1,'mid':['cnt1','cnt2']}}",
     "ANSWER 6010 mid: 2 members, but maxNrOfMembers is 1|!?{"                                                                                                                                                                         },
    {"more than allowed here",       CREATE,                                               "{'m2m:grp':{'mnm':9,'mid':['a','b','c','d','e']}}",
     "ANSWER 6010 mid: 5 members, this CSE allows 4"                                                                                                                                                                                   },
    {"not an address",               CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['a//b']}}",                                         "ANSWER 4000 mid: a//b: to: empty segment"                  },
    {"not there",                    CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['cnt1','nowhere']}}",                               "ANSWER 4004 mid: nowhere does not exist"                   },
    {"not to be read",               CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['cse-in/other/closed']}}",
     "ANSWER 5105 mid: Cae has no right to retrieve cse-in/other/closed"                                                                                                                                                               },
    {"not to be read, elsewhere",    CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['/mn/cse-mn/no']}}",                                "ANSWER 5105"                                               },
    {"elsewhere",                    CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'mid':['/mn/cse-mn/x','cnt1']}}",                   "'cnm':2|'mtv':true"                                        },
    {"not reached",                  CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'mid':['/mn/cse-mn/slow','/far/x','cnt1']}}",       "'cnm':3|'mtv':false"                                       },
    {"misfit is left out",           CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'mid':['cnt1','Cae']}}",
     "'mt':3,'cnm':1|'mid':['cnt1'],'mtv':true"                                                                                                                                                                                        },
    {"misfit refuses the group",     CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'csy':2,'mid':['cnt1','Cae']}}",
     "ANSWER 4110 mid: Cae is not of"                                                                                                                                                                                                  },
    {"misfit makes it mixed",        CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'csy':3,'mid':['cnt1','Cae']}}",                    "'mt':0,'cnm':2|'mtv':true"                                 },
    {"misfit elsewhere",             CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'mid':['/mn/cse-mn/ae','cnt1']}}",                  "'mid':['cnt1']"                                            },
    {"virtual counts as its parent", CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'mid':['cnt1/la']}}",                               "'cnm':1|'to':'cnt1','"                                     },
    {"sub-group of the same type",   CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'csy':2,'mid':['grp1/fopt']}}",
     "'cnm':1|{'m2m:atrl':['ri','ty','mt','spty']}"                                                                                                                                                                                    },
    {"sub-group of another type",    CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'csy':2,'mid':['grp2/fopt']}}",                     "ANSWER 4110"                                               },
    {"sub-groups",                   CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':9,'csy':2,'mid':['grp2/fopt','grp1']}}",              "'cnm':2"                                                   },
    {"specialization",               CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':28,'spty':{'cnd':'org.x'},'mid':['flex1','flex2']}}",
     "'mid':['flex1']|{'m2m:atrl':['ri','ty','cnd']}"                                                                                                                                                                                  },
    {"specialization of nothing",    CREATE,                                               "{'m2m:grp':{'mnm':5,'mt':3,'spty':{'cnd':'org.x'},'mid':[]}}",                 "ANSWER 4000 spty:"                                         },
    {"policies for the members",     CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['cnt1'],'macp':['acp1']}}",                         "COMMIT 2001|'macp':['acp1']"                               },
    {"no policies",                  CREATE,                                               "{'m2m:grp':{'mnm':5,'mid':['cnt1'],'macp':['cnt1']}}",
     "ANSWER 4000 macp: cnt1 is not an accessControlPolicy"                                                                                                                                                                            },
 /* UPDATE */
    {"one more",                     UPDATE("cse-in/ae/grp"),                              "{'m2m:grp':{'mid':['cse-in/ae/c','cnt2','cnt3']}}",
     "COMMIT 2004|'cnm':3|'mid':['cse-in/ae/c','cnt2','cnt3']|'to':'cnt3'|!'to':'cnt2'"                                                                                                                                                },
    {"one less",                     UPDATE("cse-in/ae/grp"),                              "{'m2m:grp':{'mid':['cnt2']}}",                                                 "'cnm':1|'mid':['cnt2']|!?{"                                },
    {"more than mnm",                UPDATE("cse-in/ae/grp"),                              "{'m2m:grp':{'mid':['cnt1','cnt2'],'mnm':1}}",                                  "ANSWER 6010"                                               },
    {"mnm below what is there",      UPDATE("cse-in/ae/grp"),                              "{'m2m:grp':{'mnm':1}}",                                                        "ANSWER 6010 mnm: there are 2 members"                      },
    {"mnm",                          UPDATE("cse-in/ae/grp"),                              "{'m2m:grp':{'mnm':2}}",                                                        "COMMIT 2004|'mnm':2"                                       },
    {"name",                         UPDATE("cse-in/ae/grp"),                              "{'m2m:grp':{'gn':'all'}}",                                                     "COMMIT 2004|'gn':'all'|!?{"                                },
    {"type",                         UPDATE("cse-in/ae/grp"),                              "{'m2m:grp':{'mt':2}}",                                                         "ANSWER 4000 mt"                                            },
    {"none validated before",        UPDATE("cse-in/ae/gr"),                               "{'m2m:grp':{'mid':['cnt1','/mn/cse-mn/x']}}",                                  "'mtv':true|'to':'cnt1'"                                    },
    {"validated again",              AGAIN("grp4"),                                        "{'m2m:grp':{}}",                                                               "COMMIT 2004|'set':{'mtv':true}"                            },
    {"abandoned then",               AGAIN("grp6"),                                        "{'m2m:grp':{}}",                                                               "COMMIT 2004|'op':'delete','ri':'grp6'"                     },
    {"nothing new",                  AGAIN("grp1"),                                        "{'m2m:grp':{}}",                                                               "ANSWER 2004"                                               },
 /* the fanOutPoint */
    {"to each",                      POST("cse-in/ae/grp/fopt"),                           CIN,
     "ANSWER 2000|'to':'cse-in/ae/c'|'to':'cnt2'|'rqi':'1/m|'op':1|'fr':'Cae'|!'gid'"                                                                                                                                                  },
    {"answers in order",             GET("cse-in/ae/grp/fopt/la"),                         "",
     "ANSWER 2000 "
     "{'m2m:agr':{'m2m:rsp':[{'rsc':2000,'rqi':'1/m|,'to':'Cae','fr':'cse-in/ae/c','rvi':'3','pc':{'m2m:cin':{'con':1.50}}},"
     "{'rsc':4103,|'fr':'cnt2','rvi':'3','pc':{'m2m:dbg':'no'}}]}}"                                                                                                                                                                    },
    {"one attribute of each",        GET("cse-in/ae/grp/fopt#lbl"),                        "",                                                                             "'to':'cse-in/ae/c#lbl'|'to':'cnt2#lbl'"                    },
    {"who is late is left out",      GET("cse-in/ae/grp/fopt/slow"),                       "",
     "ANSWER 2000 {'m2m:agr':{'m2m:rsp':[{'rsc':2000|'fr':'cnt2'|!'fr':'cse-in/ae/c'"                                                                                                                                                  },
    {"nobody answers",               GET("cse-in/ae/gr/fopt/late"),                        "",                                                                             "ANSWER 5209 none of the members"                           },
    {"no members",                   GET("cse-in/ae/ge/fopt"),                             "",                                                                             "ANSWER 4109"                                               },
    {"no such child below them",     "'op':1,'to':'grp1/fopt','fr':'Cae','ty':1",          "{'m2m:acp':{}}",
     "ANSWER 4108 no resource of type 1"                                                                                                                                                                                               },
    {"registration",                 "'op':1,'to':'grp1/fopt','fr':'Cae','ty':2",          "{'m2m:ae':{}}",                                                                "ANSWER 4000"                                               },
    {"not one's own group",          "'op':2,'to':'grp1/fopt','fr':'Cother'",              "",                                                                             "ANSWER 4103 grp1 has no acpi"                              },
    {"macp lets read",               "'op':2,'to':'grp2/fopt/la','fr':'Cother'",           "",                                                                             "ANSWER 2000|'fr':'Cother'"                                 },
    {"macp lets nobody write",       "'op':3,'to':'grp2/fopt','fr':'Cae'",                 "{'m2m:cnt':{}}",                                                               "ANSWER 4103"                                               },
    {"a later try for the others",   GET("grp4/fopt"),                                     "",                                                                             "ANSWER 2000|'to':'grp4','fr':'/id-in'|{'m2m:grp':{}} after"},
    {"all are known",                GET("grp1/fopt/la"),                                  "",                                                                             "! after"                                                   },
    {"identifier for sub-groups",    GET("grp5/fopt"),                                     "",                                                                             "'gid':'/id-in/t'"                                          },
    {"path to sub-groups",           GET("grp5/fopt/x"),                                   "",                                                                             "'to':'grp1/fopt/x'|'to':'cnt1/x'"                          },
    {"identifier of another",        GET("grp1/fopt/la") ",'gid':'mine'",                  "",                                                                             "ANSWER 2000|'gid':'mine'"                                  },
    {"identifier seen before",       GET("grp1/fopt/la") ",'gid':'taken'",                 "",                                                                             "ANSWER 4104"                                               },
    {"seen before by a member",      GET("cnt1") ",'gid':'taken'",                         "",                                                                             "ANSWER 4104"                                               },
    {"not seen by a member",         GET("cnt1") ",'gid':'mine'",                          "",                                                                             "GET 2000"                                                  },
    {"only some",                    GET("grp1/fopt/la") ",'grtm':['/id-in/cse-in/ae/c']", "",                                                                             "'fr':'cse-in/ae/c'|!'fr':'cnt2'"                           },
    {"some who are not members",     GET("grp1/fopt/la") ",'grtm':['cnt2','cnt3']",        "",
     "ANSWER 4000 grtm: cnt3 is no member of grp1"                                                                                                                                                                                     },
    {"some of none",                 GET("grp1/fopt/la") ",'grtm':[]",                     "",                                                                             "ANSWER 4000 grtm: an empty list"                           },
    {"some of no group",             GET("cnt1") ",'grtm':['cnt2']",                       "",                                                                             "ANSWER 4000 grtm: only for"                                },
    {"result in time",               GET("grp1/fopt/la") ",'rset':'-5'",                   "",                                                                             "ANSWER 4008"                                               },
 /* subscriptions through the group */
    {"subscription",                 "'op':1,'to':'grp1/fopt','fr':'Cae','ty':23",         "{'m2m:sub':{'nu':['http://h/n']}}",
     "{'m2m:sub':{'nu':['http://h/n'],'gpi':'/id-in/grp1'}}"                                                                                                                                                                           },
    {"collected for its maker",      "'op':1,'to':'grp1/fopt','fr':'Cae','ty':23",         "{'m2m:sub':{'nu':['Cae'],'nfu':'Cae'}}",
     "{'m2m:sub':{'nu':['/id-in/grp1'],'nfu':'Cae','gpi':'/id-in/grp1'}}|!vrq"                                                                                                                                                         },
    {"collected for another",        "'op':1,'to':'grp1/fopt','fr':'Cae','ty':23",         "{'m2m:sub':{'nu':['Cae'],'nfu':'Cother'}}",
     "'to':'Cother'|'vrq':true|'nu':['/id-in/grp1']"                                                                                                                                                                                   },
    {"collected for who is mute",    "'op':1,'to':'grp1/fopt','fr':'Cae','ty':23",         "{'m2m:sub':{'nu':['Cae'],'nfu':'Cmute'}}",
     "t/verify|to\":\"Cmute"                                                                                                                                                                                                           },
    {"target is the group",          "'op':1,'to':'cnt1','fr':'Cae','ty':23",              "{'m2m:sub':{'nu':['/id-in/grp1'],'nfu':'Cae'}}",
     "COMMIT 2001|!verify"                                                                                                                                                                                                             },
    {"target is another's group",    "'op':1,'to':'Sdev','fr':'Sdev','ty':23",             "{'m2m:sub':{'nu':['/id-in/grp1'],'nfu':'Cae'}}",
     "ANSWER 4101 nu: grp1 has no acpi"                                                                                                                                                                                                },
 /* notifications to the group */
    {"collects",                     TELL("/id-in"),                                       "{'m2m:sgn':{'nev':{'rep':{'a':1.50}},'sur':'/mn/s','nfu':'http://h/n'}}",
     "RELAY 2000 "
     "{'rep':{'nev':{'rep':{'a':1.50}},'sur':'/mn/s','nfu':'http://h/n'},'subs':[{'ri':'grp4','path':'cse-in/ae/"
     "gr','side':'self','a':{'nu':['http://h/n'],'lt':null,'nar':{'num':2}}}]}"                                                                                                                                                        },
    {"collects several",             TELL("/id-in"),                                       "{'m2m:agn':{'m2m:sgn':[{'nfu':'Ca'},{'nfu':'Cb'}]}}",
     "RELAY 2000|'nu':['Ca']|\n{'rep':{'nfu':'Cb'}|'nu':['Cb']"                                                                                                                                                                        },
    {"verification",                 TELL("/id-in"),                                       "{'m2m:sgn':{'vrq':true,'sur':'x'}}",                                           "ANSWER 2000"                                               },
    {"end of a subscription",        TELL("/id-in"),                                       "{'m2m:sgn':{'sud':true,'sur':'x'}}",                                           "ANSWER 2000"                                               },
    {"end that is told",             TELL("/id-in"),                                       "{'m2m:sgn':{'sud':true,'sur':'x','nfu':'Ca'}}",                                "RELAY 2000"                                                },
    {"for nobody",                   TELL("/id-in"),                                       "{'m2m:sgn':{'nev':{},'sur':'x'}}",                                             "ANSWER 4000 pc: a notification to a group says in nfu"     },
    {"one of several for nobody",    TELL("/id-in"),                                       "{'m2m:agn':{'m2m:sgn':[{'nfu':'Ca'},{}]}}",                                    "ANSWER 4000"                                               },
    {"nothing of the kind",          TELL("/id-in"),                                       "{'m2m:x':{}}",                                                                 "ANSWER 4000 pc: neither"                                   },
    {"from its creator",             TELL("Cae"),                                          "{'m2m:sgn':{'nfu':'Ca'}}",                                                     "RELAY 2000"                                                },
    {"from a stranger",              TELL("Cother"),                                       "{'m2m:sgn':{'nfu':'Ca'}}",                                                     "ANSWER 4103"                                               },
};

static bool claim(const char *what, const char *owner, int64_t now, int64_t until)
{
    ck_assert_str_eq(owner, "t");
    ck_assert_int_gt(until, now);
    return strncmp(what, "taken", 5) != 0;
}

START_TEST(test_group)
{
    fixture_replies = replies;
    fixture_claim = claim;
    plan_set_group_members(4);
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("group", test_group, ARRAY_LEN(cases));
}
