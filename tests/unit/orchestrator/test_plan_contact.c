/* AEs whose ids the service provider gives: at the IN-CSE, at a CSE below it; TS-0001 10.2.2.2, 9.6.44 and 9.6.45. */
#include <stdlib.h>

#define TESSERA_TEST_RECORDS_H
static const char *const fixture_records[] = {
    "{'ri':'id-in','pi':'','ty':5,'path':'cse-in','a':{'rn':'cse-in','ty':5,'ri':'id-in','pi':''}}",
    "{'ri':'Cae','pi':'id-in','ty':2,'path':'cse-in/ae','by':'Cae','a':{'rn':'ae','ri':'Cae','aei':'Cae'}}",
    "{'ri':'cnt1','pi':'Cae','ty':3,'path':'cse-in/ae/c','by':'Cae','a':{'rn':'c','ri':'cnt1'}}",
    "{'ri':'Shere','pi':'id-in','ty':2,'path':'cse-in/here','by':'Shere','a':{'rn':'here','ri':'Shere','aei':'Shere','rr':true,"
    "'poa':['http://here:1']}}",
    "{'ri':'id-mn','pi':'id-in','ty':16,'path':'cse-in/id-mn','a':{'ri':'id-mn','csi':'/id-mn','rr':true,'poa':['http://mn:1']}}",
    "{'ri':'id-reg','pi':'id-in','ty':16,'path':'cse-in/id-reg','a':{'ri':'id-reg','csi':'/id-reg','rr':true,'poa':['http://"
    "reg:1']}}",
    "{'ri':'id-old','pi':'id-in','ty':16,'path':'cse-in/id-old','a':{'ri':'id-old','csi':'/id-old','rr':true,'poa':['http://"
    "old:1']}}",
    "{'ri':'aeA-Smn','pi':'id-in','ty':10002,'path':'cse-in/aeA-Smn','by':'/id-mn','a':{'ri':'aeA-Smn','aei':'Smn','lnk':'/id-mn/"
    "Smn'}}",
    "{'ri':'aeA-Sgone','pi':'id-in','ty':10002,'path':'cse-in/aeA-Sgone','by':'/id-mn','a':{'ri':'aeA-Sgone','aei':'Sgone',"
    "'lnk':'INACTIVE','_was':'/id-old'}}",
    "{'ri':'alst','pi':'id-in','ty':43,'path':'cse-in/AEContactList','a':{'ri':'alst','nic':2}}",
    "{'ri':'alpc-id-mn','pi':'alst','ty':44,'path':'cse-in/AEContactList/alpc-id-mn','a':{'ri':'alpc-id-mn','csi':'/id-mn','ail':"
    "['Smn','Sother']}}",
    "{'ri':'alpc-id-old','pi':'alst','ty':44,'path':'cse-in/AEContactList/alpc-id-old','a':{'ri':'alpc-id-old','csi':'/"
    "id-old','ail':"
    "['Sgone']}}",
};

#include "fixture.h"

#define REGISTER(fr) "'op':1,'to':'cse-in','fr':'" fr "','ty':2"
#define ASK(fr) "'op':1,'to':'cse-in','fr':'" fr "','ty':10002"
#define AE "{'m2m:ae':{'api':'N.x','rr':true}}"
#define COPY(lnk) "{'m2m:aeA':{'lnk':'" lnk "','api':'N.x'}}"
#define NOTIFY(to, fr) "'op':5,'to':'" to "','fr':'" fr "'"
#define MOVED(stem) "{'m2m:moved':{'id':'" stem "'}}"
#define LISTS                                                                                                                    \
    "{'m2m:alst':{'m2m:alpc':[{'ri':'alpc-id-mn','csi':'/id-mn','ail':['Smn','Sother']},{'ri':'alpc-id-old','csi':'/"            \
    "id-old','ail':"                                                                                                             \
    "['Sgone']}]}}"

/* `reply`: what is answered to questions. */
struct contact_case {
    struct fixture_case plan;
    struct fixture_reply reply[2];
};

/* clang-format off */
static const struct contact_case at_in[] = {
    {{"an id is asked for", ASK("/id-mn/S"), COPY("/id-mn/S"), "COMMIT 2001|'op':'create'|'ri':'aeA-S|'by':'/id-mn'|'aei':'S|'lnk':'/id-mn/S|!'lnk':'/id-mn/S'"}, {{0}}},
    {{"a certain one", ASK("/id-mn/Snew"), COPY("/id-mn/Snew"), "COMMIT 2001|'ri':'aeA-Snew'|'aei':'Snew'|'lnk':'/id-mn/Snew'"}, {{0}}},
    {{"again", ASK("/id-mn/Smn"), COPY("/id-mn/Smn"), "COMMIT 2001|{'op':'update','ri':'aeA-Smn'|!'op':'create'"}, {{0}}},
    {{"it was gone", ASK("/id-mn/Sgone"), COPY("/id-mn/Sgone"), "COMMIT 2001|{'op':'update','ri':'aeA-Sgone'|'lnk':'/id-mn/Sgone'|'_was':'/id-old'"}, {{0}}},
    {{"it is elsewhere", ASK("/id-old/Smn"), COPY("/id-old/Smn"), "ANSWER 4117 fr: Smn is registered already, at /id-mn"}, {{"/id-mn/Smn", 4103, ""}}},
    {{"perhaps it is", ASK("/id-old/Smn"), COPY("/id-old/Smn"), "ANSWER 4117"}, {{"/id-mn/Smn", 5103, ""}}},
    {{"it was elsewhere", ASK("/id-old/Smn"), COPY("/id-old/Smn"), "COMMIT 2001|'lnk':'/id-old/Smn'|'_was':'/id-mn'"}, {{"/id-mn/Smn", 4004, ""}}},
    {{"it is here", ASK("/id-mn/Shere"), COPY("/id-mn/Shere"), "ANSWER 4117|at /id-in"}, {{0}}},
    {{"of another CSE", ASK("/id-mn/S"), COPY("/id-old/S"), "ANSWER 4000 lnk: must be an AE of /id-mn"}, {{0}}},
    {{"no S", ASK("/id-mn/Cx"), COPY("/id-mn/Cx"), "ANSWER 4103"}, {{0}}},
    {{"here, from elsewhere", REGISTER("Smn"), AE, "ANSWER 4117|at /id-mn"}, {{"/id-mn/Smn", 2000, ""}}},
    {{"here, after it was elsewhere", REGISTER("Sgone"), AE, "COMMIT 2001|'ri':'Sgone'|'_was':'/id-old'|{'op':'delete','ri':'aeA-Sgone'}"}, {{0}}},
    {{"inactive", "'op':3,'to':'aeA-Smn','fr':'/id-mn'", COPY("INACTIVE"), "COMMIT 2004|'lnk':'INACTIVE'|'_was':'/id-mn'"}, {{0}}},
    {{"inactive, says who has it no more", "'op':3,'to':'aeA-Smn','fr':'/id-old'", COPY("INACTIVE"), "ANSWER 4103"}, {{0}}},

    {{"originator elsewhere", "'op':2,'to':'cse-in','fr':'/Smn'", NULL, "GET 2000|by=Smn"}, {{0}}},
    {{"originator nowhere", "'op':2,'to':'cse-in','fr':'/Sgone'", NULL, "ANSWER 4106"}, {{0}}},
    {{"originator elsewhere, as if here", "'op':2,'to':'cse-in','fr':'Smn'", NULL, "ANSWER 4106"}, {{0}}},
    {{"for one that is elsewhere", NOTIFY("/Smn", "Cae"), "{}", "FORWARD 2000|poa=['http://mn:1']"}, {{0}}},
    {{"by its id alone", NOTIFY("Smn", "Cae"), "{}", "FORWARD 2000|poa=['http://mn:1']"}, {{0}}},
    {{"for one that was elsewhere", NOTIFY("/id-old/Smn", "Cae"), "{}", "FORWARD 2000|poa=['http://mn:1']"}, {{0}}},
    {{"for one that has come here", "'op':2,'to':'/id-mn/Shere','fr':'Shere'", NULL, "GET 2000|target=Shere"}, {{0}}},
    {{"for one that is nowhere", NOTIFY("/Sgone", "Cae"), "{}", "ANSWER 4004"}, {{0}}},
    {{"subscription", "'op':1,'ty':23,'to':'cnt1','fr':'Cae'", "{'m2m:sub':{'nu':['/Smn']}}", "COMMIT 2001|verify=[{'ri':'/id-mn/Smn','poa':['http://mn:1']}]"}, {{0}}},
    {{"subscription for nobody", "'op':1,'ty':23,'to':'cnt1','fr':'Cae'", "{'m2m:sub':{'nu':['/Sgone']}}", "ANSWER 5204"}, {{0}}},

    {{"listed already", NOTIFY("id-in", "/id-in"), MOVED("Smn"), "ANSWER 2000"}, {{"alst", 2000, LISTS}}},
    {{"comes here", NOTIFY("id-in", "/id-in"), MOVED("Shere"), "COMMIT 2000|'op':'update','ri':'alst','set':{'nic':3}|'ri':'alpc-id-in'|'csi':'/id-in'|'ail':['Shere']"}, {{"alst", 2000, LISTS}}},
    {{"is gone", NOTIFY("id-in", "/id-in"), MOVED("Sgone"), "COMMIT 2000|'set':{'nic':1}|{'op':'delete','ri':'alpc-id-old'}"}, {{"alst", 2000, LISTS}}},
    {{"one of several is gone", NOTIFY("id-in", "/id-in"), MOVED("Sother"), "COMMIT 2000|'ri':'alpc-id-mn','set':{'ail':['Smn']}|!'nic'"}, {{"alst", 2000, LISTS}}},
    {{"no other says so", NOTIFY("id-in", "CAdmin"), MOVED("Smn"), "ANSWER 4005"}, {{0}}},
};

static const struct contact_case at_mn[] = {
    {{"given by the IN-CSE", REGISTER("S"), AE, "COMMIT 2001|'ri':'Sgiven'|'rn':'Sgiven'|'aei':'Sgiven'|by=Sgiven|'on':134217728|'op':1|'to':'/id-reg'|'fr':'/id-in'|'lnk':'/id-in/S'"}, {{"/id-reg", 2001, "{'m2m:aeA':{'ri':'x','aei':'Sgiven'}}"}}},
    {{"it says so in the link", REGISTER("S"), AE, "COMMIT 2001|'ri':'Sgiven'"}, {{"/id-reg", 2001, "{'m2m:aeA':{'ri':'x','lnk':'/id-in/Sgiven'}}"}}},
    {{"it says nothing", REGISTER("S"), AE, "ANSWER 5103|answered without an AE-ID"}, {{"/id-reg", 2001, "{'m2m:aeA':{'ri':'x'}}"}}},
    {{"of its own", REGISTER("Sown"), AE, "COMMIT 2001|'ri':'Sown'|'lnk':'/id-in/Sown'"}, {{"/id-reg", 2001, "{'m2m:aeA':{'aei':'Sown'}}"}}},
    {{"taken", REGISTER("Sown"), AE, "ANSWER 4117 fr: the IN-CSE /id-reg gives no AE-ID: 4117 why"}, {{"/id-reg", 4117, "{'m2m:dbg':'why'}"}}},
    {{"no rights there", REGISTER("Sown"), AE, "ANSWER 5103"}, {{"/id-reg", 4107, ""}}},
    {{"out of reach", REGISTER("S"), AE, "ANSWER 5103"}, {{0}}},
    {{"registered here", REGISTER("Shere"), AE, "ANSWER 4117|!'to':'/id-reg'"}, {{0}}},
    {{"wrong in itself", REGISTER("S"), "{'m2m:ae':{'rr':true}}", "ANSWER 4000|!'to':'/id-reg'"}, {{0}}},
    {{"no S", REGISTER("Cnew"), AE, "COMMIT 2001|!'to':'/id-reg'"}, {{0}}},
    {{"as the IN-CSE sees it", "'op':1,'to':'/id-reg','fr':'/id-in','ty':10002", COPY("/id-in/Sx"), "FORWARD 2000|from=/id-in/Sx"}, {{0}}},
    {{"no IN-CSE", ASK("/id-mn/S"), COPY("/id-mn/S"), "ANSWER 4005|only an IN-CSE"}, {{0}}},
    {{"originator elsewhere", "'op':2,'to':'cse-in','fr':'/Sfar'", NULL, "GET 2000|by=Sfar"}, {{0}}},
    {{"for one that is elsewhere", NOTIFY("/Sfar", "Cae"), "{}", "FORWARD 2000|poa=['http://reg:1']"}, {{0}}},
    {{"for one that has left", NOTIFY("Sfar", "Cae"), "{}", "FORWARD 2000|poa=['http://reg:1']"}, {{0}}},
    {{"it has moved", NOTIFY("id-in", "/id-reg"), "{'m2m:sgn':{'aerp':true,'tid1':'/id-in/Sx','tid2':'/id-old/Sx'}}", "ANSWER 2000"}, {{0}}},
    {{"says somebody else", NOTIFY("id-in", "/id-mn"), "{'m2m:sgn':{'aerp':true}}", "ANSWER 4005"}, {{0}}},
};
/* clang-format on */

static void run(const struct contact_case *c)
{
    fixture_replies = c->reply;
    fixture_run(&c->plan);
    fixture_replies = NULL;
}

START_TEST(in)
{
    run(&at_in[_i]);
}
END_TEST

START_TEST(mn)
{
    run(&at_mn[_i]);
}
END_TEST

static void begin_mn(void)
{
    setenv("TESSERA_CSE_TYPE", "MN", 1);
    setenv("TESSERA_CSE_REGISTRAR_ID", "/id-reg", 1);
    setenv("TESSERA_CSE_REGISTRAR_URL", "http://reg:1", 1);
    fixture_begin();
}

static void add(Suite *suite, const char *name, void (*begin)(void), const TTest *test, int count)
{
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, begin, fixture_end);
    tcase_add_loop_test(tests, test, 0, count);
    suite_add_tcase(suite, tests);
}

int main(void)
{
    Suite *suite = suite_create("plan_contact");
    SRunner *runner;
    int failed;

    add(suite, "IN", fixture_begin, in, (int)ARRAY_LEN(at_in));
    add(suite, "MN", begin_mn, mn, (int)ARRAY_LEN(at_mn));
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
