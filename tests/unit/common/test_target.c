/* Where something is to be sent, and in which serialization. */
#include "target.h"

#include <check.h>

#include "mem.h"

static const char *const schemes[] = {"http", "https", NULL};

static const struct {
    const char *url, *sent, *target; /* `sent` NULL: refused */
    enum serialization wanted;
} urls[] = {
    {"http://h/p",             "http://h/p",          "http://h",    SERIALIZATION_NONE},
    {"HTTPS://h:1/p?x=1",      "HTTPS://h:1/p?x=1",   "HTTPS://h:1", SERIALIZATION_NONE},
    {"http://h?ct=json",       "http://h",            "http://h",    SERIALIZATION_JSON},
    {"http://h/p?ct=cbor",     "http://h/p",          "http://h",    SERIALIZATION_CBOR},
    {"http://h/p?x=1&ct=cbor", "http://h/p?x=1",      "http://h",    SERIALIZATION_CBOR},
    {"http://h/p?ct=xml",      "http://h/p",          "http://h",    SERIALIZATION_NONE},
    {"http://h/p?ct=other",    "http://h/p?ct=other", "http://h",    SERIALIZATION_NONE},
    {"http://h/p?act=json",    "http://h/p?act=json", "http://h",    SERIALIZATION_NONE},
    {"http://h/p#f",           "http://h/p",          "http://h",    SERIALIZATION_NONE},
    {"http://h",               "http://h",            "http://h",    SERIALIZATION_NONE},
    {"http:///p",              NULL,                  NULL,          SERIALIZATION_NONE},
    {"http://",                NULL,                  NULL,          SERIALIZATION_NONE},
    {"http://h/a b",           NULL,                  NULL,          SERIALIZATION_NONE},
    {"http://h/a\r\nb",        NULL,                  NULL,          SERIALIZATION_NONE},
    {"ftp://h/p",              NULL,                  NULL,          SERIALIZATION_NONE},
    {"file:///etc/passwd",     NULL,                  NULL,          SERIALIZATION_NONE},
    {"",                       NULL,                  NULL,          SERIALIZATION_NONE},
};

START_TEST(target)
{
    struct target_url t;
    char why[100] = "";
    int result = target_parse(&t, urls[_i].url, schemes, why, sizeof why);

    ck_assert_msg((result == 0) == (urls[_i].sent != NULL), "%s: %s", urls[_i].url, why);
    if (result == 0) {
        ck_assert_str_eq(str_text(&t.url), urls[_i].sent);
        ck_assert_msg(strncmp(urls[_i].url, urls[_i].target, t.host) == 0 && strlen(urls[_i].target) == t.host, "%s",
                      urls[_i].url);
        ck_assert_int_eq(t.wanted, urls[_i].wanted);
    }
    target_done(&t);
}
END_TEST

START_TEST(serialization)
{
    static const struct {
        const char *csz;
        enum serialization is;
    } rows[] = {
        {"",                                           SERIALIZATION_JSON},
        {"[\"application/xml\",\"application/cbor\"]", SERIALIZATION_CBOR},
        {"[\"cbor\",\"json\"]",                        SERIALIZATION_CBOR},
        {"[\"application/vnd.onem2m-ntfy+json\"]",     SERIALIZATION_JSON},
        {"[\"application/vnd.onem2m-preq+cbor\"]",     SERIALIZATION_CBOR},
        {"[\"application/vnd.onem2m-other+cbor\"]",    SERIALIZATION_JSON},
        {"[1,\"xml\"]",                                SERIALIZATION_JSON},
        {"nonsense",                                   SERIALIZATION_JSON},
    };
    struct target_url t;
    char why[100];

    target_parse(&t, "http://h", schemes, why, sizeof why);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_int_eq(target_serialization(&t, (struct slice){rows[i].csz, strlen(rows[i].csz)}), rows[i].is);
    target_done(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("target");
    TCase *tc = tcase_create("target");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, target, 0, (int)ARRAY_LEN(urls));
    tcase_add_test(tc, serialization);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
