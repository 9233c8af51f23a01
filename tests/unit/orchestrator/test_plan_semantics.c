/* Semantic descriptors and ontologies: what is asked of the service that reads them, and requests about them. */
#include "fixture.h"

#define DESCRIBE "'op':1,'to':'cse-in/ae/c','fr':'Cae','ty':24"
#define CHANGE(to) "'op':3,'to':'" to "','fr':'Cae'"
#define GET "'op':2,'to':'cse-in/ae/c','fr':'Cae'"

static const struct fixture_case cases[] = {
    {"a descriptor",                  DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v'}}",
     "COMMIT 2001|consult=[{'do':'check','about':'dsp','body':{'f':5,'d':'Zm9v'}}]|!svd"                                                                                                                                                            },
    {"validated",                     DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'or':'cse-in/onts/o','rels':['smd1']}}",
     "'svd':true|{'do':'validate','about':'vlde','body':{'set':[{'f':5,'d':'Zm9v'},{'f':5,'d':'Zm9v'}],'ontologies':[{'f':5,'t':'"
     "text'}]}}"                                                                                                                                                                                                                                    },
    {"validated without an ontology", DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true}}",                                      "'ontologies':[]}"                           },
    {"not validated",                 DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':false,'or':'gone'}}",                         "COMMIT 2001|!validate|!svd"                 },
    {"ontology that is not there",    DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'or':'gone'}}",
     "ANSWER 4118 or: gone"                                                                                                                                                                                                                         },
    {"ontology elsewhere",            DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'or':'/other/o'}}",
     "ANSWER 4118 or: /other/o"                                                                                                                                                                                                                     },
    {"ontology by IRI",               DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'or':'http://o/#'}}",                    "ANSWER 4118 or: http"                       },
    {"ontology that is only named",   DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'or':'ont3'}}",
     "ANSWER 4118 or: ont3"                                                                                                                                                                                                                         },
    {"ontology that is hidden",       DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'or':'ont2'}}",                          "ANSWER 4118 or: ont2"                       },
    {"no ontology",                   DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'or':'cnt1'}}",                          "ANSWER 4118 or: cnt1"                       },
    {"relation that is not there",    DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'rels':['gone']}}",
     "ANSWER 4119 rels: gone"                                                                                                                                                                                                                       },
    {"relation to something else",    DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','vlde':true,'rels':['ont1']}}",
     "ANSWER 4119 rels: ont1"                                                                                                                                                                                                                       },
    {"IRI is no format",              DESCRIBE,                                                                "{'m2m:smd':{'dcrp':1,'dsp':'Zm9v'}}",                                                  "ANSWER 4000 dcrp"                           },
    {"soe at creation",               DESCRIBE,                                                                "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','soe':'x'}}",                                        "ANSWER 4000 soe"                            },

    {"new content",                   CHANGE("smd1"),                                                          "{'m2m:smd':{'dsp':'YmF6'}}",
     "COMMIT 2004|consult=[{'do':'check','about':'dsp','body':{'f':5,'d':'YmF6'}}]"                                                                                                                                                                 },
    {"new format",                    CHANGE("smd1"),                                                          "{'m2m:smd':{'dcrp':4}}",                                                               "'body':{'f':4,'d':'Zm9v'}"                  },
    {"labels only",                   CHANGE("smd1"),                                                          "{'m2m:smd':{'lbl':['x']}}",                                                            "COMMIT 2004|!consult"                       },
    {"soe",                           CHANGE("smd1"),                                                          "{'m2m:smd':{'soe':'INSERT DATA {}'}}",
     "'set':{},|consult=[{'do':'update','about':'soe','body':{'f':5,'d':'Zm9v','soe':'INSERT DATA {}'},'attr':'dsp'}]"                                                                                                                              },
    {"soe with content",              CHANGE("smd1"),                                                          "{'m2m:smd':{'soe':'x','dsp':'YmF6'}}",                                                 "ANSWER 4000 soe: not together"              },
    {"soe with format",               CHANGE("smd1"),                                                          "{'m2m:smd':{'soe':'x','dcrp':4}}",                                                     "ANSWER 4000 soe: not together"              },
    {"soe of a valid one",            CHANGE("smd2"),                                                          "{'m2m:smd':{'soe':'x'}}",
     "'set':{'svd':true}|'do':'update'|'do':'validate'|'ontologies':[{'f':5,'t':'text'}]"                                                                                                                                                           },
    {"content of a valid one",        CHANGE("smd2"),                                                          "{'m2m:smd':{'dsp':'YmF6'}}",                                                           "'svd':true|'set':[{'f':5,'d':'YmF6'}]"      },
    {"other ontology",                CHANGE("smd2"),                                                          "{'m2m:smd':{'or':'gone'}}",                                                            "ANSWER 4118 or"                             },
    {"no ontology any more",          CHANGE("smd2"),                                                          "{'m2m:smd':{'or':null}}",                                                              "'do':'validate'|'ontologies':[]"            },
    {"labels of a valid one",         CHANGE("smd2"),                                                          "{'m2m:smd':{'lbl':['x']}}",                                                            "COMMIT 2004|!consult|!svd"                  },
    {"no longer validated",           CHANGE("smd2"),                                                          "{'m2m:smd':{'vlde':false}}",                                                           "'set':{'vlde':false}|'del':['svd']|!consult"},
    {"validation removed",            CHANGE("smd2"),                                                          "{'m2m:smd':{'vlde':null,'dsp':'YmF6'}}",                                               "'del':['vlde','svd']|!validate"             },
    {"validated from now on",         CHANGE("smd1"),                                                          "{'m2m:smd':{'vlde':true}}",
     "'svd':true|'do':'validate'|'set':[{'f':5,'d':'Zm9v'}]"                                                                                                                                                                                        },

    {"ontology text",                 CHANGE("ont3"),                                                          "{'m2m:ont':{'ontf':5,'ontc':'new'}}",
     "consult=[{'do':'check','about':'ontc','body':{'f':5,'t':'new'}}]"                                                                                                                                                                             },
    {"ontology of another format",    CHANGE("ont3"),                                                          "{'m2m:ont':{'ontf':3,'ontc':'new'}}",                                                  "COMMIT 2004|!consult"                       },
    {"soe of an IRI",                 CHANGE("ont3"),                                                          "{'m2m:ont':{'soe':'x'}}",                                                              "ANSWER 4000 soe: ontc is in a format"       },

    {"semantic discovery",            GET ",'fc':{'fu':1,'smf':['ASK {}']}",                                   NULL,                                                                                   "QUERY 2000 rcn=11|discover|'smf':['ASK {}']"},
    {"semantic query",                GET ",'sqi':true,'fc':{'smf':['ASK {}']}",                               NULL,                                                                                   "QUERY 2000 rcn=10"                          },
    {"rcn 10 said",                   GET ",'sqi':true,'rcn':10,'fc':{'smf':['x'],'lvl':2}",                   NULL,                                                                                   "QUERY 2000 rcn=10"                          },
    {"without a query",               GET ",'sqi':true",                                                       NULL,                                                                                   "ANSWER 4000 fc.smf"                         },
    {"two queries",                   GET ",'sqi':true,'fc':{'smf':['a','b']}",                                NULL,                                                                                   "ANSWER 4000 fc.smf"                         },
    {"another rcn",                   GET ",'sqi':true,'rcn':1,'fc':{'smf':['a']}",                            NULL,                                                                                   "ANSWER 4000 sqi"                            },
    {"in a discovery",                GET ",'sqi':true,'fc':{'fu':1,'smf':['a']}",                             NULL,                                                                                   "ANSWER 4000 sqi"                            },
    {"with other criteria",           GET ",'sqi':true,'fc':{'smf':['a'],'ty':[3]}",                           NULL,                                                                                   "ANSWER 5001 fc.ty"                          },
    {"without sqi",                   GET ",'rcn':10,'fc':{'smf':['a']}",                                      NULL,                                                                                   "ANSWER 4000 rcn: 10"                        },
    {"the target alone",              GET ",'fc':{'smf':['a']}",                                               NULL,                                                                                   "ANSWER 5001 fc.smf"                         },
    {"no right",                      "'op':2,'to':'cse-in/ae/c','fr':'Cother','sqi':true,'fc':{'smf':['a']}", NULL,                                                                                   "ANSWER 4103"                                },
    {"an instance",                   "'op':2,'to':'cin1','fr':'Cae','sqi':true,'fc':{'smf':['a']}",           NULL,                                                                                   "ANSWER 4000 rcn"                            },
};

START_TEST(test_semantics)
{
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("plan_semantics", test_semantics, ARRAY_LEN(cases));
}
