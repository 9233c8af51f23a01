/* Events and subscriptions from JSON texts in which ' stands for ". */
#ifndef NOTIFICATION_TEST_FIXTURE_H
#define NOTIFICATION_TEST_FIXTURE_H

#include "event.h"
#include "json.h"
#include "mem.h"
#include "subscription.h"

#include <check.h>

/* The caller frees. */
static inline char *fixture_quotes(const char *text)
{
    char *out = xstrdup(text);

    for (char *p = out; *p; p++)
        if (*p == '\'')
            *p = '"';
    return out;
}

struct fixture_event {
    struct envelope envelope;
    struct event event;
    char *text;
};

/* Two lines. */
static inline void fixture_event_init(struct fixture_event *f, const char *head, const char *body)
{
    auto_free char *both = xasprintf("%s\n%s\n", head, body);
    char why[160] = "";

    f->text = fixture_quotes(both);
    ck_assert_msg(envelope_parse(&f->envelope, f->text, strlen(f->text)) > 0, "no envelope: %s", head);
    ck_assert_msg(event_read(&f->event, &f->envelope, why, sizeof why) == 0, "%s: %s", why, body);
}

static inline struct subscription *fixture_subscription(const char *attributes)
{
    auto_free char *a = fixture_quotes(attributes);
    struct event_sub entry = {
        .ri = {"sub1",            4        },
        .path = {"cse-in/ae/c/sub", 15       },
        .a = {a,                 strlen(a)},
    };
    struct subscription *sub = subscription_new(&entry);

    ck_assert_msg(sub != NULL, "no subscription: %s", attributes);
    return sub;
}

/* A file of tests/contract. */
static inline json_t *fixture_contract(const char *name)
{
    auto_free char *path = xasprintf("tests/contract/%s", name);
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);

    ck_assert_msg(json != NULL, "%s: %s", path, error.text);
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
