/* JSON texts in which ' stands for ". */
#ifndef TIMING_TEST_FIXTURE_H
#define TIMING_TEST_FIXTURE_H

#include "json.h"
#include "mem.h"

#include <check.h>

/* The caller owns it. NULL stays NULL. */
static inline json_t *fixture_json(const char *text)
{
    auto_free char *quoted = text ? xstrdup(text) : NULL;
    json_t *json;
    char why[160] = "";

    for (char *p = quoted; p && *p; p++)
        if (*p == '\'')
            *p = '"';
    json = quoted ? json_parse(quoted, strlen(quoted), why, sizeof why) : NULL;
    ck_assert_msg(!text || json, "%s: %s", why, text);
    return json;
}

static inline int fixture_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
