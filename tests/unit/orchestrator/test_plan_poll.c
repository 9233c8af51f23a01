/* Polling channels: who may have one and use it, and how their owners are reached. */
#include "fixture.h"

#define PCH(more) "{'m2m:pch':{" more "}}"
#define CREATE(to, fr) "'op':1,'ty':15,'to':'" to "','fr':'" fr "'"
#define POLL(to, fr) "'op':2,'to':'" to "','fr':'" fr "'"
#define ANSWER "'op':5,'to':'pchCpoll/pcu','fr':'Cpoll'"
#define NOTIFY(to) "'op':5,'to':'" to "','fr':'Cae'"
#define SUBSCRIBE "'op':1,'ty':23,'to':'cse-in/ae/c','fr':'Cae'"

static const struct fixture_case cases[] = {
    {"create",                                           CREATE("cse-in/dev","Sdev"),PCH("'rn':'ch','rqag':true"),"COMMIT 2001|'ri':'pchSdev'|'rn':'ch'|'rqag':true"},
    {"without a name",                                                  CREATE("cse-in/ae","Cae"),PCH(""),"COMMIT 2001|'ri':'pchCae'|'path':'cse-in/ae/pch"},
    {"a second one", CREATE("cse-in/own","Cown"),PCH("'rn':'other'"),"ANSWER 4105"},
    {"for another AE",                               CREATE("cse-in/dev","Cae"),                               PCH(""),                        "ANSWER 4103"},
    {"by the administrator",                                            CREATE("cse-in/dev",                    "CAdmin"),PCH(""),"ANSWER 4103 only Sdev"},
    {"below the CSEBase",CREATE("cse-in","CAdmin"),PCH(""),"ANSWER 4108"},
    {"subscribe to one",                                "'op':1,'ty':23,'to':'pchCpoll','fr':'Cpoll'","{'m2m:sub':{'nu':['Cpoll']}}",                                                            "ANSWER 5203"                                                                                                                             },
    {"retrieve",                                                  POLL("cse-in/poll/ch","Cpoll"),NULL,"GET 2000"},
    {"retrieve another's",                                                  POLL("cse-in/poll/ch","Cae"),NULL,"ANSWER 4103"},
    {"update",                                        "'op':3,'to':'pchCpoll','fr':'Cpoll'",PCH("'rqag':true"),"COMMIT 2004|'rqag':true"},
    {"update another's",                                              "'op':3,'to':'pchCpoll','fr':'Cae'",PCH("'rqag':true"),                                                               "ANSWER 4103"                                                                                                                                                                                                                                                            },
    {"delete",                                "'op':4,'to':'pchCpoll','fr':'Cpoll'",NULL,           "COMMIT 2002"},

    {"poll",                                POLL("cse-in/poll/ch/pcu","Cpoll"),NULL,"POLL 2000|poll=poll:pchCpoll|!aggregate"},
    {"poll by id",                                              POLL("/id-in/pchCpoll/pcu",   "Cpoll"),NULL,"POLL 2000|poll=poll:pchCpoll"},
    {"poll for several",                                          POLL("pchCboth/pcu","Cboth"),                        NULL,                                                                                                                                                                                                                                                                                                                                                                         "POLL 2000|poll=poll:pchCboth aggregate"},
    {"poll another's",POLL("pchCpoll/pcu","Cae"),NULL,"ANSWER 4103 only Cpoll"},
    {"poll by the administrator",                                 POLL("pchCpoll/pcu","CAdmin"),NULL,"ANSWER 4103 only Cpoll"},
    {"poll where there is no channel",                                                  POLL("pchCae/pcu","Cae"),NULL,                                                "ANSWER 4004"},
    {"poll what is no channel",                          POLL("cse-in/ae/c/pcu","Cae"),NULL,"ANSWER 4004"},
    {"poll with criteria",                                              POLL("pchCpoll/pcu","Cpoll") ",'fc':{'lbl':['a']}",                                              NULL,                                                                                                                                   "ANSWER 4000 pcu"},
    {"discover below it",                                            POLL("pchCpoll/pcu",      "Cpoll") ",'fc':{'fu':1}",                   NULL,"ANSWER 4000 pcu"},
    {"poll with rcn",   POLL("pchCpoll/pcu","Cpoll") ",'rcn':4",                                NULL,                   "ANSWER 4000 pcu"},
    {"poll an attribute",                               POLL("pchCpoll/pcu#rqi","Cpoll"),NULL,"ANSWER 4000 pcu"},
    {"create below it",                                                  "'op':1,'ty':3,'to':'pchCpoll/pcu','fr':'Cpoll'","{'m2m:cnt':{}}","ANSWER 4005 pcu"},
    {"update it",                                 "'op':3,'to':'pchCpoll/pcu','fr':'Cpoll'",PCH(""),"ANSWER 4005 pcu"},
    {"delete it",                                              "'op':4,'to':'pchCpoll/pcu','fr':'Cpoll'",NULL,"ANSWER 4005 pcu"},

    {"answer",                                          ANSWER,                                                                        "{'m2m:rsp':{'rsc':2000,'rqi':'9'}}",                                                                                                                                            "POLL 2000|answer=poll:pchCpoll"                                                                                                                                                                                                                                                                                   },
    {"answer for another","'op':5,'to':'pchCpoll/pcu','fr':'Cae'","{'m2m:rsp':{'rsc':2000,'rqi':'9'}}","ANSWER 4103"                                                                                                            },
    {"answer nothing",ANSWER,NULL,"ANSWER 4000 pc"},
    {"answer something else",ANSWER,"{'m2m:sgn':{}}","ANSWER 4000 pc"                                                                                    },
    {"answer and more",   ANSWER,"{'m2m:rsp':{'rsc':2000,'rqi':'9'},'m2m:x':1}","ANSWER 4000 pc"},
    {"answer without rqi",                                                           ANSWER,                                                       "{'m2m:rsp':{'rsc':2000}}",                                                          "ANSWER 4000 m2m:rsp: rqi"},
    {"answer without rsc",                                                                    ANSWER,                                                                "{'m2m:rsp':{'rqi':'9'}}",                                                                                 "ANSWER 4000 m2m:rsp: rsc"                                                                            },
    {"answer with a wrong rsc",                                                                                 ANSWER,                                                                       "{'m2m:rsp':{'rqi':'9','rsc':'2000'}}",                                                                         "ANSWER 4000 m2m:rsp: rsc"},

    {"notify who polls",                                          NOTIFY("Cpoll"),                                                                                                     "{'m2m:sgn':{}}",                                                                                                                                                                                                                                                                                                                                                                                                                                        "NOTIFY 2000|poa=['poll:pchCpoll']"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               },
    {"notify who polls and has a poa",NOTIFY("Cboth"),"{'m2m:sgn':{}}",
     "NOTIFY 2000|poa=['poll:pchCboth','http://127.0.0.1:9/b']"},
    {"subscribe who polls",SUBSCRIBE,"{'m2m:sub':{'nu':['Cpoll'],'enc':{'net':[3]}}}",
     "COMMIT 2001|verify=[{'ri':'Cpoll','poa':['poll:pchCpoll']}]|'vrq':true"},
    {"a channel's address is nobody's",SUBSCRIBE,"{'m2m:sub':{'nu':['poll:pchCpoll']}}","ANSWER 4000"},
};

START_TEST(test_poll)
{
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("plan_poll", test_poll, ARRAY_LEN(cases));
}
