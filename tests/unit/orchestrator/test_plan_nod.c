/* Nodes and who lives on them; switches of management objects. */
#include "fixture.h"

#define REGISTER "'op':1,'to':'cse-in','fr':'Cnew','ty':2"
#define NODE "'op':1,'to':'cse-in','fr':'CAdmin','ty':14"
#define CHANGE(path) "'op':3,'to':'" path "','fr':'CAdmin'"

/* clang-format off */
static const struct fixture_case cases[] = {
    {"AE with a node", REGISTER, "{'m2m:ae':{'api':'N.x','rr':true,'nl':'nod1'}}",
     "COMMIT 2001|'nl':'nod1'|{'op':'update','ri':'nod1','set':{'hael':['Cnew']},'del':[]}"},
    {"by its path", REGISTER, "{'m2m:ae':{'api':'N.x','rr':true,'nl':'/id-in/cse-in/node'}}", "'ri':'nod1','set':{'hael':['Cnew']}"},
    {"no node", REGISTER, "{'m2m:ae':{'api':'N.x','rr':true,'nl':'cnt1'}}", "ANSWER 4000 nl: cnt1 is not a node"},
    {"missing node", REGISTER, "{'m2m:ae':{'api':'N.x','rr':true,'nl':'nod9'}}", "ANSWER 4000 nl: nod9 is not a node"},
    {"virtual", REGISTER, "{'m2m:ae':{'api':'N.x','rr':true,'nl':'cnt1/la'}}", "ANSWER 4000 nl"},
    {"elsewhere", REGISTER, "{'m2m:ae':{'api':'N.x','rr':true,'nl':'/id-x/nod9'}}", "COMMIT 2001|!'hael'"},
    {"link set", CHANGE("Cae"), "{'m2m:ae':{'nl':'nod1'}}", "COMMIT 2004|'ri':'nod1','set':{'hael':['Cae']}"},
    {"no link removed", CHANGE("Cae"), "{'m2m:ae':{'nl':null}}", "COMMIT 2004|!'hael'"},
    {"other change", CHANGE("Cae"), "{'m2m:ae':{'apn':'x'}}", "COMMIT 2004|!'hael'"},
    {"node with an AE", NODE, "{'m2m:nod':{'ni':'x','hael':['Cae']}}", "COMMIT 2001|'ri':'Cae','set':{'nl':'nod"},
    {"SP-relative", NODE, "{'m2m:nod':{'ni':'x','hael':['/id-in/Cae']}}", "'ri':'Cae','set':{'nl':'nod"},
    {"no such AE", NODE, "{'m2m:nod':{'ni':'x','hael':['Cnobody']}}", "ANSWER 4000 hael: Cnobody is not an AE"},
    {"AE of another CSE", NODE, "{'m2m:nod':{'ni':'x','hael':['/id-x/Cae']}}", "COMMIT 2001|!'nl'"},
    {"node with a CSE", NODE, "{'m2m:nod':{'ni':'x','hcl':'//other.example/id-x'}}", "'ri':'csr1','set':{'nl':'nod"},
    {"its own CSE", NODE, "{'m2m:nod':{'ni':'x','hcl':'/id-in'}}", "'ri':'id-in','set':{'nl':'nod"},
    {"unknown CSE", NODE, "{'m2m:nod':{'ni':'x','hcl':'/id-nowhere'}}", "COMMIT 2001|!'nl'"},
    {"AE added", CHANGE("nod1"), "{'m2m:nod':{'hael':['Cae']}}", "COMMIT 2004|'ri':'Cae','set':{'nl':'nod1'}"},
    {"who may not", "'op':3,'to':'nod1','fr':'Cae'", "{'m2m:nod':{'hael':['Cother']}}", "ANSWER 4103"},
    {"node without anybody", "'op':4,'to':'nod1','fr':'CAdmin'", NULL, "COMMIT 2002|ops=[{'op':'delete','ri':'nod1'}]"},
    {"switch", CHANGE("fwr1"), "{'m2m:fwr':{'ud':true}}", "'set':{'ud':true,'uds':{'acn':'ud','sus':3}}"},
    {"switched off", CHANGE("fwr1"), "{'m2m:fwr':{'ud':false}}", "'set':{'ud':false}"},
    {"the device's own word", CHANGE("fwr1"), "{'m2m:fwr':{'ud':true,'uds':{'acn':'ud','sus':1}}}", "'uds':{'acn':'ud','sus':1}"},
};
/* clang-format on */

START_TEST(test_nod)
{
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("plan_nod", test_nod, ARRAY_LEN(cases));
}
