/* Rights beyond policies: roles that are claimed, servers that are asked. */
#include "fixture.h"

#define GET "'op':2,'to':'cse-in/ae/asks','fr':'Cother'"
#define GRANT(who, op) "{'m2m:seci':{'sit':2,'dres':{'dai':{'gp':{'acr':[{'acor':['" who "'],'acop':" op "}]}}}}}"
#define SERVER "http://das.example/1"
#define ROLE(holder, end)                                                                                                        \
    "{'m2m:cb':{'m2m:rol':[{'rlid':'keeper','tkhd':'" holder "','tknb':'20250101T000000','tkna':'" end "'}]}}"

static const struct {
    const char *name, *head;
    struct fixture_reply replies[3];
    const char *parts;
} cases[] = {
    {"server permits",         GET,                                                      {{SERVER, 2000, GRANT("Cother", "2")}},                                  "GET 2000"        },
    {"permits something else", GET,                                                      {{SERVER, 2000, GRANT("Cother", "1")}},                                  "ANSWER 4103"     },
    {"permits others",         GET,                                                      {{SERVER, 2000, GRANT("Cmute", "63")}},                                  "ANSWER 4103"     },
    {"refuses",                GET,                                                      {{SERVER, 4103, GRANT("all", "63")}},                                    "ANSWER 4103"     },
    {"is away",                GET,                                                      {{SERVER, 5103, ""}},                                                    "ANSWER 4103"     },
    {"the next one is there",  GET,                                                      {{SERVER, 5103, ""}, {"http://das.example/2", 2000, GRANT("all", "2")}}, "GET 2000"        },
    {"talks nonsense",         GET,                                                      {{SERVER, 2000, "[1]"}},                                                 "ANSWER 4103"     },
    {"its creator",            "'op':2,'to':'cse-in/ae/asks','fr':'Cae'",                {{SERVER, 4103, ""}},                                                    "GET 2000"        },
    {"role",
     "'op':2,'to':'cse-in/ae/roled','fr':'Cother','rids':['keeper']",                    {{"cse-in", 2000, ROLE("Cother", "20270101T000000")}},
     "GET 2000"                                                                                                                                                                     },
    {"role of another",
     "'op':2,'to':'cse-in/ae/roled','fr':'Cother','rids':['keeper']",                    {{"cse-in", 2000, ROLE("Cae", "20270101T000000")}},
     "ANSWER 4103"                                                                                                                                                                  },
    {"role that is over",
     "'op':2,'to':'cse-in/ae/roled','fr':'Cother','rids':['keeper']",                    {{"cse-in", 2000, ROLE("Cother", "20251231T000000")}},
     "ANSWER 4103"                                                                                                                                                                  },
    {"role not claimed",
     "'op':2,'to':'cse-in/ae/roled','fr':'Cother'",                                      {{"cse-in", 2000, ROLE("Cother", "20270101T000000")}},
     "ANSWER 4103"                                                                                                                                                                  },
    {"no roles",               "'op':2,'to':'cse-in/ae/roled','fr':'Cother','rids':[1]", {{NULL, 0, NULL}},                                                       "ANSWER 4000 rids"},
};

START_TEST(test_authorize)
{
    const struct fixture_case one = {cases[_i].name, cases[_i].head, NULL, cases[_i].parts};

    fixture_replies = cases[_i].replies;
    fixture_run(&one);
    fixture_replies = NULL;
}
END_TEST

int main(void)
{
    return fixture_main("authorize", test_authorize, ARRAY_LEN(cases));
}
