/* Event types by name, and notifications as lines. */
#include "json.h"
#include "watch.h"

#include <check.h>

#include "mem.h"

#define WORDS_MAX 4

static const struct {
    const char *words[WORDS_MAX];
    const char *events; /* NULL: refused */
    const char *why;
} events[] = {
    {{NULL},                           "[1,2,3,4]", NULL                   },
    {{"rn=x"},                         "[1,2,3,4]", NULL                   },
    {{"created"},                      "[3]",       NULL                   },
    {{"created,2", "rn=x", "missing"}, "[3,2,8]",   NULL                   },
    {{"updatd"},                       NULL,        "did you mean updated?"},
    {{"nothing"},                      NULL,        "no event; there are"  },
    {{"9"},                            NULL,        "no event"             },
    {{""},                             NULL,        "no event"             },
};

START_TEST(event_types)
{
    char *words[WORDS_MAX + 1] = {NULL};
    char why[512] = "";
    auto_str struct str text = STR_EMPTY;
    json_t *made;

    for (int i = 0; i < WORDS_MAX; i++)
        words[i] = (char *)(uintptr_t)events[_i].words[i];
    made = watch_events(words, why, sizeof why);
    ck_assert_msg((made != NULL) == (events[_i].events != NULL), "case %d: %s", _i, why);
    if (made) {
        json_write(&text, made);
        ck_assert_str_eq(str_text(&text), events[_i].events);
    } else {
        ck_assert_msg(strstr(why, events[_i].why) != NULL, "case %d: %s", _i, why);
    }
    json_decref(made);
}
END_TEST

static const struct {
    const char *sgn, *line;
} lines[] = {
    {"{\"nev\":{\"net\":3,\"rep\":{\"m2m:cin\":{\"rn\":\"c1\",\"ty\":4,\"con\":21.5}}}}", "T created   c1 cin 21.5"                   },
    {"{\"nev\":{\"net\":3,\"rep\":{\"m2m:cin\":{\"rn\":\"c1\",\"con\":\"a\\u001bb\"}}}}", "T created   c1 cin a b"                    },
    {"{\"nev\":{\"net\":1,\"rep\":{\"m2m:cnt\":{\"rn\":\"r\",\"ri\":\"x\",\"mni\":5}}}}", "T updated   r cnt {\"mni\":5}"             },
    {"{\"nev\":{\"net\":2,\"rep\":{\"cod:color\":{\"rn\":\"r\"}}}}",                      "T deleted   r cod:color {}"                },
    {"{\"nev\":{\"net\":3,\"rep\":{\"m2m:uri\":\"cse-in/x\"}}}",                          "T created   uri {\"m2m:uri\":\"cse-in/x\"}"},
    {"{\"sud\":true,\"sur\":\"x\"}",                                                      "T ended    "                               },
    {"{}",                                                                                "T notified "                               },
    {"{\"nev\":{\"net\":99}}",                                                            "T notified "                               },
};

START_TEST(line)
{
    char why[100];
    json_auto_t *sgn = json_parse(lines[_i].sgn, strlen(lines[_i].sgn), why, sizeof why);
    auto_str struct str out = STR_EMPTY;

    watch_line(&out, sgn, "T", false);
    ck_assert_str_eq(str_text(&out), lines[_i].line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *tests = tcase_create("notification");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, event_types, 0, ARRAY_LEN(events));
    tcase_add_loop_test(tests, line, 0, ARRAY_LEN(lines));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
