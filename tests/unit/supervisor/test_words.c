/* The reason why a process has ended, from the log that all of them write. */
#include "words.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define LINE(level, service, rest) "{\"t\":\"x\",\"level\":\"" level "\",\"service\":\"" service "\",\"event\":\"e.v\"" rest "}\n"

static const struct words_case {
    const char *name, *log;
    bool foreign;
    const char *words;
} cases[] = {
    {"its last error",
     LINE("error",                                                   "storage.1",                                         ",\"why\":\"old\"") LINE("error",                                                                          "storage.1", ",\"why\":\"new\"") LINE("info", "storage.1", ""),
     false, "new"},
    {"not that of others", LINE("error",                  "storage.1",                                                                  ",\"why\":\"mine\"") LINE("error",                                                                                                                                                                                                                          "storage.10", ",\"why\":\"no\""), false,
     "mine"},
    {"an error number",                                LINE("error",                                         "storage.1",                                                                                ",\"error\":\"No space\""),                                                                                                                                                             false, "e.v: No space"},
    {"an event alone",                    LINE("error",                              "storage.1",                                                                            ""),                                                                                                                                                                                                                         false, "e.v"},
    {"a setting",                LINE("info", "storage.1", "") "TESSERA_X: must be a number\n", false, "TESSERA_X: must be a number"},
    {"errors before text",                 LINE("error",                                             "storage.1",                                                                                 ",\"why\":\"w\"") "a library\n",                                                                                                                                                           false, "w"},
    {"nothing",                             LINE("info",                                                    "storage.1",                       "") LINE("warn","storage.1", ""), false, NULL},
    {"an empty log",      "",                       false,                                       NULL                                                                                                                                          },
    {"no line feed",                                "torn",                                         false,                                                                "torn"                                                                                                                 },
    {"a broken line",                           "{\"level\":\"error\"\n",                                                    false,                                                                                                       NULL                                             },
    {"a foreign program",                     "one\n{two}\n\n",true, "one"                                                                                                                                                                                               },
};

START_TEST(words)
{
    const struct words_case *c = &cases[_i];
    auto_free char *found = words_find(c->log, strlen(c->log), "storage.1", c->foreign);

    ck_assert_msg((found == NULL) == (c->words == NULL) && (!found || strcmp(found, c->words) == 0), "%s: %s", c->name,
                  found ? found : "none");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("words");
    TCase *tcase = tcase_create("words");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, words, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
