/* What an MN-CSE does otherwise than an IN-CSE. */
#include "fixture.h"

#define CREATE(ty) "'op':1,'to':'cse-in','fr':'CAdmin','ty':" ty

static const struct fixture_case cases[] = {
    {"eventConfig",                   CREATE("7"),                               "{'m2m:evcg':{'evt':1}}",  "ANSWER 4005 a eventConfig is for IN-CSEs only"},
    {"m2mServiceSubscriptionProfile", CREATE("11"),                              "{'m2m:mssp':{}}",         "ANSWER 4005 a m2mServiceSubscription"         },
    {"serviceSubscribedAppRule",      CREATE("19"),                              "{'m2m:asar':{}}",         "ANSWER 4005 a serviceSubscribedAppRule"       },
    {"serviceSubscribedNode",         CREATE("20"),                              "{'m2m:svsn':{'ni':'x'}}", "ANSWER 4005 a serviceSubscribedNode"          },
    {"statsCollect",                  CREATE("21"),                              "{'m2m:stcl':{}}",         "ANSWER 4005 a statsCollect"                   },
    {"statsConfig",                   CREATE("22"),                              "{'m2m:stcg':{}}",         "ANSWER 4005 a statsConfig"                    },
    {"AEContactList",                 CREATE("43"),                              "{'m2m:alst':{}}",         "ANSWER 4005"                                  },
    {"triggerRequest",                CREATE("47"),                              "{'m2m:tgr':{}}",          "ANSWER 4005 a triggerRequest"                 },
    {"backgroundDataTransfer",        CREATE("49"),                              "{'m2m:bdt':{}}",          "ANSWER 4005 a backgroundDataTransfer"         },
    {"before the originator's right", "'op':1,'to':'cse-in','fr':'Cae','ty':22", "{'m2m:stcg':{}}",         "ANSWER 4005"                                  },
    {"others",                        CREATE("14"),                              "{'m2m:nod':{'ni':'x'}}",  "COMMIT 2001|'ri':'nod"                        },
};

START_TEST(test_middle)
{
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    setenv("TESSERA_CSE_TYPE", "MN", 1);
    return fixture_main("plan_middle", test_middle, ARRAY_LEN(cases));
}
