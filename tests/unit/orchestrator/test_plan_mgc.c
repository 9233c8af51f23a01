/* Management commands: their instances, who carries them out, cancelling. */
#include "fixture.h"

#define RUN(ri) "'op':3,'to':'" ri "','fr':'Cae'", "{'m2m:mgc':{'exe':true}}"
#define OFF(ri) "'op':3,'to':'" ri "','fr':'Cae'", "{'m2m:exin':{'exd':true}}"
#define MAKE(rest) "'op':1,'to':'cse-in','fr':'CAdmin','ty':12", "{'m2m:mgc':{'ext':'nod2'," rest "}}"

/* clang-format off */
static const struct {
    const char *name, *head, *content, *parts;
    struct fixture_reply replies[2];
} cases[] = {
    {"device does it", RUN("mgc1"), "COMMIT 2004|'op':'create'|'pi':'mgc1','ty':8|'exs':3,'exr':0|'ext':'nod2'", {{"Cother", 2000, ""}}},
    {"device refuses", RUN("mgc1"), "COMMIT 2004|'exs':3,'exr':2", {{"Cother", 4000, ""}}},
    {"device is away", RUN("mgc1"), "COMMIT 2004|'exs':2,'exr':31", {{"Cother", 5103, ""}}},
    {"too late", RUN("mgc1"), "COMMIT 2004|'exs':2,'exr':31", {{"Cother", 0, ""}}},
    {"what it is told", RUN("mgc1"), "'m2m:sgn':{'nev':{'rep':{'m2m:mgc':{'ri':'mgc1','cmt':2,'m2m:exin':{|'net':3},'sur':'/id-in/cse-in/cmd'", {{"Cother", 2000, ""}}},
    {"node-ID", RUN("mgc2"), "COMMIT 2004|'exs':2,'exr':31|'ext':'elsewhere'", {{NULL, 0, NULL}}},
    {"no node", RUN("mgc3"), "ANSWER 4000 ext: cnt1 is not a node", {{NULL, 0, NULL}}},
    {"with the creation", MAKE("'cmt':1,'exe':true"), "COMMIT 2001|'ty':12|'ty':8|'exs':3", {{"Cother", 2000, ""}}},
    {"not yet", MAKE("'cmt':1"), "COMMIT 2001|!'ty':8", {{NULL, 0, NULL}}},
    {"no arguments", MAKE("'cmt':3,'exe':true"), "ANSWER 6024 exra: the command 3 needs uld", {{NULL, 0, NULL}}},
    {"other arguments", MAKE("'cmt':1,'exe':true,'exra':{'rbo':[{}]}"), "ANSWER 6023 exra: rbo is not for the command 1", {{NULL, 0, NULL}}},
    {"cancel", OFF("exin1"), "COMMIT 2004|'set':{'exd':true,'exs':5}", {{NULL, 0, NULL}}},
    {"cancel what is done", OFF("exin2"), "ANSWER 6028 exd", {{NULL, 0, NULL}}},
    {"cancel what cannot be", OFF("exin3"), "ANSWER 6029 exd", {{NULL, 0, NULL}}},
};
/* clang-format on */

START_TEST(test_mgc)
{
    const struct fixture_case one = {cases[_i].name, cases[_i].head, cases[_i].content, cases[_i].parts};

    fixture_replies = cases[_i].replies;
    fixture_run(&one);
    fixture_replies = NULL;
}
END_TEST

int main(void)
{
    return fixture_main("plan_mgc", test_mgc, ARRAY_LEN(cases));
}
