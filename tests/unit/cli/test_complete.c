/* Completion by the tables; what goes into a manual page. */
#include "complete.h"
#include "manual.h"
#include "settings.h"

#include <check.h>

#include "mem.h"

#define WORDS_MAX 6

static const struct {
    const char *words[WORDS_MAX];
    const char *offered; /* one of them, or NULL: nothing */
    const char *missing; /* none of them, or NULL */
    enum word ask;
} cases[] = {
    {{"cr"},                                "create\n",       "get",           WORD_NONE   },
    {{""},                                  "completion\n",   NULL,            WORD_NONE   },
    {{"--v"},                               "--version\n",    "--help",        WORD_NONE   },
    {{"nothing", ""},                       NULL,             NULL,            WORD_NONE   },
    {{"create", ""},                        NULL,             NULL,            WORD_ADDRESS},
    {{"create", "x", "c"},                  "cnt\n",          "cod:color",     WORD_NONE   },
    {{"create", "x", "cod:colo"},           "cod:color\n",    "cod:colorInst", WORD_NONE   },
    {{"create", "x", "cnt", "m"},           "mni=\n",         "ri=",           WORD_NONE   },
    {{"create", "x", "cnt", "mni=5", "lb"}, "lbl=\n",         NULL,            WORD_NONE   },
    {{"create", "x", "cnt", "mni="},        NULL,             NULL,            WORD_NONE   },
    {{"create", "x", "nothing", "m"},       NULL,             NULL,            WORD_NONE   },
    {{"update", "x", "m"},                  NULL,             NULL,            WORD_VALUES },
    {{"get", "x", "rc"},                    "rcn=\n",         NULL,            WORD_NONE   },
    {{"get", "-o", "Cx", ""},               NULL,             NULL,            WORD_ADDRESS},
    {{"get", "--orig"},                     "--originator\n", "--depth",       WORD_NONE   },
    {{"get", "-o", ""},                     NULL,             NULL,            WORD_NONE   },
    {{"discover", "ty=cnt,a"},              "ty=cnt,ae\n",    "ty=cnt\n",      WORD_ADDRESS},
    {{"logs", "--level", "w"},              "warn\n",         "error",         WORD_NONE   },
    {{"logs", "h"},                         NULL,             NULL,            WORD_SERVICE},
    {{"watch", "x", "up"},                  "updated\n",      "deleted",       WORD_NONE   },
    {{"tree", "x", ""},                     NULL,             NULL,            WORD_NONE   },
    {{"backup", ""},                        NULL,             NULL,            WORD_NONE   },
    {{"completion", ""},                    "bash\n",         NULL,            WORD_NONE   },
};

START_TEST(by_the_tables)
{
    char *words[WORDS_MAX];
    struct completion c;
    int count = 0;

    for (; count < WORDS_MAX && cases[_i].words[count]; count++)
        words[count] = (char *)(uintptr_t)cases[_i].words[count];
    complete_words(&c, count, words);
    if (cases[_i].offered)
        ck_assert_msg(strstr(str_text(&c.words), cases[_i].offered) != NULL, "case %d: %s", _i, str_text(&c.words));
    else
        ck_assert_msg(c.words.len == 0, "case %d: %s", _i, str_text(&c.words));
    if (cases[_i].missing)
        ck_assert_msg(!strstr(str_text(&c.words), cases[_i].missing), "case %d: %s", _i, str_text(&c.words));
    ck_assert_int_eq(c.ask, cases[_i].ask);
    str_done(&c.words);
}
END_TEST

START_TEST(parents)
{
    static const char *const paths[][2] = {
        {"cse-in/a/b", "cse-in/a/"},
        {"cse-in/",    "cse-in/"  },
        {"cse",        ""         },
        {"",           ""         },
        {"/x",         "/"        }
    };
    auto_free char *parent = complete_parent(paths[_i][0]);

    ck_assert_str_eq(parent, paths[_i][1]);
}
END_TEST

START_TEST(escapes)
{
    auto_str struct str out = STR_EMPTY;

    manual_escape(&out, ".a-b\\c\n'd'.");
    ck_assert_str_eq(str_text(&out), "\\&.a\\-b\\ec\n\\&'d\\(aq.");
}
END_TEST

START_TEST(the_page_has_every_command_and_option)
{
    auto_str struct str page = STR_EMPTY;

    manual_write(&page);
    for (const struct command *c = commands; c->name; c++) {
        auto_free char *line = xasprintf("\n.B %s", c->name);

        ck_assert_msg(strstr(str_text(&page), line) != NULL, "%s", c->name);
    }
    for (int i = 0; i < OPTIONS; i++) {
        auto_free char *line = xasprintf("\\fB\\-\\-%s\\fR", options[i].name);

        ck_assert_msg(strstr(str_text(&page), line) != NULL, "%s", options[i].name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *tests = tcase_create("complete");
    SRunner *runner = srunner_create(suite);
    int failed;

    settings_load(NULL);
    tcase_add_loop_test(tests, by_the_tables, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tests, parents, 0, 5);
    tcase_add_test(tests, escapes);
    tcase_add_test(tests, the_page_has_every_command_and_option);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
