/* The next step of a process. */
#include "fixture.h"
#include "machine.h"

#define IS(value) "'evc':{'optr':1,'sbjt':'x','thld':" #value "}"

/* Two states; what leads out of the first one is given. */
#define STATES(transitions) "[{'ri':'s1','_subject':'d','sttrs':[" transitions "]},{'ri':'s2','_subject':'d'}]"

static const struct {
    const char *name, *a, *states, *subjects;
    struct machine_step step;
    const char *wanted; /* subjects looked at */
} cases[] = {
    {"disabled",                             "{'prst':1,'inst':'s1'}",               STATES(""),                                                                        "{}",            {0, NULL, NULL},                 "{}"},
    {"enabled without conditions",           "{'prst':2,'inst':'s1'}",               STATES(""),                                                                        "{}",            {PROCESS_ACTIVATED, NULL, "s1"}, "{}"},
    {"enabled, its condition does not hold",
     "{'prst':2,'inst':'s1','atcos':[{'sri':'a'," IS(1) "}]}",
     STATES(""),
     "{'a':{'x':0}}",                                                                                                                                                                    {0, NULL, NULL},
     "{'a':null}"                                                                                                                                                                                                             },
    {"enabled, its condition holds",
     "{'prst':2,'inst':'s1','atcos':[{'sri':'a'," IS(1) "}]}",
     STATES(""),
     "{'a':{'x':1}}",                                                                                                                                                                    {PROCESS_ACTIVATED, NULL, "s1"},
     "{'a':null}"                                                                                                                                                                                                             },
    {"enabled, its initial state is gone",   "{'prst':2,'inst':'s9'}",               STATES(""),                                                                        "{}",            {PROCESS_ABORTED, NULL, NULL},   "{}"},
    {"activated, no transition",             "{'prst':3,'cust':'s2'}",               STATES(""),                                                                        "{'d':{'x':1}}", {0, NULL, NULL},                 "{}"},
    {"a transition by the action's subject",
     "{'prst':3,'cust':'s1'}",                                                       STATES("{" IS(1) ",'nxst':'s2'}"),
     "{'d':{'x':1}}",                                                                                                                                                                    {PROCESS_ACTIVATED, "s1", "s2"},
     "{'d':null}"                                                                                                                                                                                                             },
    {"a transition by its own subject",
     "{'prst':3,'cust':'s1'}",                                                       STATES("{'sri':'e'," IS(1) ",'nxst':'s2'}"),
     "{'d':{'x':0},'e':{'x':1}}",                                                                                                                                                        {PROCESS_ACTIVATED, "s1", "s2"},
     "{'e':null}"                                                                                                                                                                                                             },
    {"the first of two that hold",
     "{'prst':3,'cust':'s1'}",                                                       STATES("{" IS(0) ",'nxst':'s9'},{" IS(1) ",'nxst':'s2'},{" IS(1) ",'nxst':'s1'}"),
     "{'d':{'x':1}}",                                                                                                                                                                    {PROCESS_ACTIVATED, "s1", "s2"},
     "{'d':null}"                                                                                                                                                                                                             },
    {"a transition to itself",
     "{'prst':3,'cust':'s1'}",                                                       STATES("{" IS(1) ",'nxst':'s1'}"),
     "{'d':{'x':1}}",                                                                                                                                                                    {PROCESS_ACTIVATED, "s1", "s1"},
     "{'d':null}"                                                                                                                                                                                                             },
    {"a transition to nowhere is the end",
     "{'prst':3,'cust':'s1'}",                                                       STATES("{" IS(1) "}"),
     "{'d':{'x':1}}",                                                                                                                                                                    {PROCESS_COMPLETED, "s1", NULL},
     "{'d':null}"                                                                                                                                                                                                             },
    {"a transition to a state that is gone",
     "{'prst':3,'cust':'s1'}",                                                       STATES("{" IS(1) ",'nxst':'s9'}"),
     "{'d':{'x':1}}",                                                                                                                                                                    {PROCESS_ABORTED, "s1", NULL},
     "{'d':null}"                                                                                                                                                                                                             },
    {"its end comes before a transition",
     "{'prst':3,'cust':'s1','encos':[{'sri':'a'," IS(1) "}]}",
     STATES("{" IS(1) ",'nxst':'s2'}"),
     "{'a':{'x':1},'d':{'x':1}}",                                                                                                                                                        {PROCESS_COMPLETED, "s1", NULL},
     "{'a':null,'d':null}"                                                                                                                                                                                                    },
    {"not yet its end",
     "{'prst':3,'cust':'s1','encos':[{'sri':'a'," IS(1) "},{'sri':'b'," IS(1) "}]}",
     STATES(""),
     "{'a':{'x':1},'b':{'x':0}}",                                                                                                                                                        {0, NULL, NULL},
     "{'a':null,'b':null}"                                                                                                                                                                                                    },
    {"its state is gone",                    "{'prst':3,'cust':'s9'}",               STATES(""),                                                                        "{}",            {PROCESS_ABORTED, NULL, NULL},   "{}"},
    {"paused",                               "{'prst':4,'cust':'s1'}",               STATES("{" IS(1) ",'nxst':'s2'}"),                                                 "{'d':{'x':1}}", {0, NULL, NULL},                 "{}"},
};

static void same(const char *what, const char *name, const char *is, const char *should)
{
    ck_assert_msg(is == should || (is && should && strcmp(is, should) == 0), "%s: %s %s", name, what, is ? is : "-");
}

START_TEST(next)
{
    json_auto_t *a = fixture_json(cases[_i].a), *states = fixture_json(cases[_i].states);
    json_auto_t *subjects = fixture_json(cases[_i].subjects), *wanted = fixture_json(cases[_i].wanted), *asked = json_object();
    const struct machine process = {a, states, subjects};
    struct machine_step step;

    machine_next(&process, &step);
    ck_assert_msg(step.status == cases[_i].step.status, "%s: status %d", cases[_i].name, step.status);
    same("left", cases[_i].name, step.left, cases[_i].step.left);
    same("entered", cases[_i].name, step.entered, cases[_i].step.entered);
    machine_subjects(&process, asked);
    ck_assert_msg(json_equal(asked, wanted), "%s: subjects", cases[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machine");
    TCase *tcase = tcase_create("machine");

    tcase_add_loop_test(tcase, next, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
