/* Semantic mashups and the validation at an ontologyRepository: what is asked, and what follows from the answers. */
#include "fixture.h"

#define SMJP "{'m2m:smjp':{'mbft':'ASK {?s ?p ?o}','uptd':'QUI=','fucd':'QVNLIHt9'}}"
#define SMI(more) "{'m2m:smi':{'rn':'m','mjid':'cse-in/job','jpin':'QUI=','mst':1" more "}}"
#define CREATE(ty) "'op':1,'ty':" ty ",'to':'cse-in/ae','fr':'Cae'"
#define NAMED ",'msm':{'mmbr':[{'muri':'cse-in/ae/c'}]}"
#define SMV "'op':3,'to':'cse-in/onts/smv','fr':'CAdmin'"

/* What others answer: a job, what is found, members with and without a descriptor, and the service semantics. */
static const struct fixture_reply replies[] = {
    {"semantics:check",       2000, ""                                                                    },
    {"semantics:match",       2000, "[]"                                                                  },
    {"semantics:mashup",      2000, "{'boolean':true}"                                                    },
    {"semantics:validate",    4120, "{'m2m:dbg':'<urn:x> is not in the ontology'}"                        },
    {"cse-in/job",            2000, "{'m2m:smjp':{'ty':40,'mbft':'ASK {?s ?p ?o}','fucd':'QVNLIHt9'}}"    },
    {"/id-in",                2000, "{'m2m:uril':['cse-in/ae/c','/id-mn/cse-mn/x']}"                      },
    {"/id-in/cse-in/ae/c",    2000, "{'m2m:cnt':{'ty':3,'ri':'cnt1','m2m:smd':[{'dcrp':5,'dsp':'Zm9v'}]}}"},
    {"cse-in/ae/c",           2000, "{'m2m:cnt':{'ty':3,'ri':'cnt1'}}"                                    },
    {"/id-in/cse-in/ae/c/la", 2000, "{'m2m:cin':{'con':'21.5'}}"                                          },
    {"cse-in/ae/c/la",        4004, "{}"                                                                  },
    {"/id-mn/cse-mn/x",       2000, "{'m2m:cin':{'ty':4,'ri':'cin5','con':true}}"                         },
    {"/id-in/cnt1",           2000, "{'m2m:cnt':{'ty':3,'ri':'cnt1'}}"                                    },
    {"/id-in/cnt1/la",        2000, "{'m2m:cin':{'con':7}}"                                               },
    {NULL,                    0,    NULL                                                                  },
};

/* clang-format off */
static const struct fixture_case cases[] = {
    {"profile", CREATE("40"), "{'m2m:smjp':{'mbft':'x','uptd':'QUI=','fucd':'QVNLIHt9'}}", "ANSWER 4108"}, /* not below an AE */
    {"profile, asked about", "'op':1,'ty':40,'to':'cse-in','fr':'CAdmin'", SMJP, "COMMIT 2001|'to':'semantics:match'|{'smf':['ASK {?s ?p ?o}'],'sets':[]}|{'fn':{'d':'QVNLIHt9'},'members':[]}"},

    {"instance", CREATE("41"), SMI(",'rgt':2"),
     "COMMIT 2001|'msm':{'mmbr':[{'muri':'/id-in/cnt1'},{'muri':'/id-mn/cse-mn/x'}]}|!'mvl'|!'ty':42|'fc':{'fu':1,'smf':['ASK {?s ?p ?o}'],'lim':101}|{'f':5,'d':'QUI='}"},
    {"with values", CREATE("41"), "{'m2m:smi':{'rn':'m','mjid':'cse-in/job','jpin':'QUI=','mst':2,'rgt':2}}", "{'muri':'/id-in/cnt1','mvl':21.5},{'muri':'/id-mn/cse-mn/x'}"},
    {"with a result", CREATE("41"), SMI(",'rgt':[1,4]"),
     "COMMIT 2001|{'op':'create','r':{'ri':'smr|'path':'cse-in/ae/m/smr|'by':'Cae'|'mrf':['application/json'],'mrt':'eyJib29sZWFuIjp0cnVlfQ=='|{'op':'mark','ri':'cnt1','on':1073741824}|!cin5','on"
     "|{'uri':'/id-in/cnt1','value':'21.5','set':[{'f':5,'d':'Zm9v'}]},{'uri':'/id-mn/cse-mn/x','value':true,'set':[]}|'input':{'f':5,'d':'QUI='}"},
    {"with members of one's own", CREATE("41"), SMI(",'rgt':2" NAMED), "COMMIT 2001|'mmbr':[{'muri':'/id-in/cnt1'}]"},
    {"with one that is not there", CREATE("41"), SMI(",'rgt':2,'msm':{'mmbr':[{'muri':'cse-in/gone'}]}"), "ANSWER 4121 msm: cse-in/gone"},
    {"of nothing", CREATE("41"), "{'m2m:smi':{'mjid':'cse-in/none','jpin':'QUI=','mst':1,'rgt':2}}", "ANSWER 4000 mjid"},
    {"of something else", CREATE("41"), "{'m2m:smi':{'mjid':'cse-in/ae','jpin':'QUI=','mst':1,'rgt':2}}", "ANSWER 4000 mjid"},
    {"without a period", CREATE("41"), SMI(",'rgt':3"), "ANSWER 4000 prg"},
    {"with one", CREATE("41"), SMI(",'rgt':3,'prg':'PT1M'"), "COMMIT 2001"},

    {"on request", "'op':2,'to':'cse-in/ae/mash/msp','fr':'Cae'", NULL,
     "COMMIT 2000|{'op':'create','r':{'ri':'smr|'acpi':['acp80']|{'op':'mark','ri':'smi1','on':0,'fresh':true},{'op':'count','ri':'smi1','set':{'_smr':['smr0','smr|!'op':'delete'"},
    {"by who may only retrieve", "'op':2,'to':'cse-in/ae/mash/msp','fr':'Cother'", NULL, "COMMIT 2000|'by':'Cae'|'fr':'Cae'"},
    {"by who may not", "'op':2,'to':'cse-in/ae/mash/msp','fr':'Sdev'", NULL, "ANSWER 4103"},
    {"with children", "'op':2,'to':'cse-in/ae/mash/msp','fr':'Cae','rcn':4", NULL, "ANSWER 4000 rcn"},
    {"not on request", "'op':2,'to':'cse-in/ae/old/msp','fr':'Cae'", NULL, "ANSWER 2000 {'m2m:smr':{'ri':'smr0','mrt':'e30='}}"},
    {"not on request, but by the CSE", "'op':2,'to':'cse-in/ae/old/msp','fr':'/id-in'", NULL, "COMMIT 2000|'by':'Cae'"},
    {"update", "'op':3,'to':'cse-in/ae/mash','fr':'Cae'", "{'m2m:smi':{'lbl':['x']}}", "COMMIT 2004|!msm"},
    {"update of members", "'op':3,'to':'cse-in/ae/mash','fr':'Cae'", "{'m2m:smi':{'msm':null}}", "COMMIT 2004|'set':{'msm':{'mmbr':[{'muri':'/id-in/cnt1'},|'del':[]"},
    {"delete", "'op':4,'to':'cse-in/ae/mash','fr':'Cae'", NULL, "COMMIT 2002|{'op':'delete','ri':'smi1'}"},
    {"mashup of no instance", "'op':2,'to':'cse-in/ae/c/msp','fr':'Cae'", NULL, "ANSWER 4004"},

    {"validation", SMV, "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','or':'cse-in/onts/o'}}", "ANSWER 4120 dsp: <urn:x> is not in|'semantics:validate'|{'set':[{'f':5,'d':'Zm9v'}],'ontologies':[{'f':5,'t':'text'}]}"},
    {"by an unknown ontology", SMV, "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v','or':'cse-in/onts/iri'}}", "ANSWER 4118 or"},
    {"without any", SMV, "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v'}}", "ANSWER 4118 ontr1"},
    {"of nothing", SMV, "{'m2m:smd':{'dcrp':5}}", "ANSWER 4000 dsp"},
    {"by nobody", "'op':3,'to':'cse-in/onts/smv','fr':'Cae'", "{'m2m:smd':{'dcrp':5,'dsp':'Zm9v'}}", "ANSWER 4103"},
    {"retrieved", "'op':2,'to':'cse-in/onts/smv','fr':'CAdmin'", NULL, "ANSWER 4005 smv can only be updated"},
};
/* clang-format on */

START_TEST(test_plan)
{
    fixture_replies = replies;
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("plan_mashup", test_plan, ARRAY_LEN(cases));
}
