/* Result content to response content. */
#include "json.h"
#include "mem.h"
#include "render.h"

#include <check.h>

static struct slice of(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}

static const struct {
    const char *name, *rep, *names, *expected; /* NULL = no representation */
} some[] = {
    {"one",            "{\"m2m:cnt\":{\"rn\":\"c\",\"ri\":\"c1\",\"cni\":2}}", "[\"ri\"]",         "{\"m2m:cnt\":{\"ri\":\"c1\"}}"   },
    {"order kept",     "{\"m2m:cnt\":{\"rn\":\"c\",\"ri\":\"c1\",\"cni\":2}}", "[\"cni\",\"rn\"]",
     "{\"m2m:cnt\":{\"rn\":\"c\",\"cni\":2}}"                                                                                        },
    {"numbers kept",   "{\"m2m:cin\":{\"con\":1.50e400,\"ri\":\"i\"}}",        "[\"con\"]",        "{\"m2m:cin\":{\"con\":1.50e400}}"},
    {"none there",     "{\"m2m:cnt\":{\"rn\":\"c\"}}",                         "[\"lbl\"]",        "{\"m2m:cnt\":{}}"                },
    {"not a name",     "{\"m2m:cnt\":{\"rn\":\"c\"}}",                         "[1,null]",         "{\"m2m:cnt\":{}}"                },
    {"a list",         "[1]",                                                  "[\"ri\"]",         NULL                              },
    {"nothing inside", "{\"m2m:cnt\":7}",                                      "[\"ri\"]",         NULL                              },
};

START_TEST(test_some)
{
    auto_str struct str out = STR_EMPTY;
    json_auto_t *names = json_loads(some[_i].names, 0, NULL);
    bool is = render_some(&out, of(some[_i].rep), names);

    ck_assert_msg(is == (some[_i].expected != NULL), "%s", some[_i].name);
    if (is)
        ck_assert_msg(strcmp(str_text(&out), some[_i].expected) == 0, "%s: %s", some[_i].name, str_text(&out));
}
END_TEST

static const struct {
    const char *name, *after, *before, *asked, *expected;
} modified[] = {
    {"created",                "{\"rn\":\"c\",\"ri\":\"c1\",\"mni\":5}", NULL,                           "{\"rn\":\"c\",\"mni\":5}", "{\"m2m:cnt\":{\"ri\":\"c1\"}}"  },
    {"changed while creating", "{\"et\":\"2027\"}",                      NULL,                           "{\"et\":\"2999\"}",        "{\"m2m:cnt\":{\"et\":\"2027\"}}"},
    {"all as asked",           "{\"mni\":5}",                            NULL,                           "{\"mni\":5}",              ""                               },
    {"updated",                "{\"ri\":\"c1\",\"mni\":5,\"lt\":\"b\"}", "{\"ri\":\"c1\",\"lt\":\"a\"}", "{\"mni\":5}",
     "{\"m2m:cnt\":{\"lt\":\"b\"}}"                                                                                                                                   },
    {"asked in vain",          "{\"et\":\"2027\"}",                      "{\"et\":\"2027\"}",            "{\"et\":\"2999\"}",        "{\"m2m:cnt\":{\"et\":\"2027\"}}"},
    {"kept although asked",    "{\"mni\":5}",                            "{\"mni\":5}",                  "{\"mni\":null}",           "{\"m2m:cnt\":{\"mni\":5}}"      },
    {"deleted as asked",       "{\"lt\":\"b\"}",                         "{\"lt\":\"a\",\"mni\":5}",     "{\"mni\":null}",           "{\"m2m:cnt\":{\"lt\":\"b\"}}"   },
    {"deleted along",          "{\"lt\":\"a\"}",                         "{\"lt\":\"a\",\"mbs\":5}",     "{\"mni\":1}",              "{\"m2m:cnt\":{\"mbs\":null}}"   },
};

START_TEST(test_modified)
{
    auto_str struct str out = STR_EMPTY;
    json_auto_t *after = json_loads(modified[_i].after, 0, NULL);
    json_auto_t *before = modified[_i].before ? json_loads(modified[_i].before, 0, NULL) : NULL;
    json_auto_t *asked = json_loads(modified[_i].asked, 0, NULL);

    render_modified(&out, rtype_by_ty(3), after, before, asked);
    ck_assert_msg(strcmp(str_text(&out), modified[_i].expected) == 0, "%s: %s", modified[_i].name, str_text(&out));
}
END_TEST

START_TEST(test_shapes)
{
    auto_str struct str out = STR_EMPTY;
    json_auto_t *a = json_loads("{\"ri\":\"c1\",\"x\":5.0}", 0, NULL);

    render_debug(&out, "a \"quoted\"\ntext");
    ck_assert_str_eq(str_text(&out), "{\"m2m:dbg\":\"a \\\"quoted\\\"\\ntext\"}");
    str_reset(&out);
    render_resource(&out, rtype_by_ty(3), a);
    ck_assert_str_eq(str_text(&out), "{\"m2m:cnt\":{\"ri\":\"c1\",\"x\":5.0}}");
    str_reset(&out);
    render_uri(&out, "cse-in/ae/c");
    ck_assert_str_eq(str_text(&out), "{\"m2m:uri\":\"cse-in/ae/c\"}");
    str_reset(&out);
    render_resource_uri(&out, of("{\"m2m:cnt\":{\"ri\":\"c1\"}}"), "cse-in/ae/c");
    ck_assert_str_eq(str_text(&out), "{\"m2m:rce\":{\"m2m:cnt\":{\"ri\":\"c1\"},\"uri\":\"cse-in/ae/c\"}}");
    ck_assert(render_inside(of("{\"a\":1}")).p == NULL);
    ck_assert(render_inside(of("")).p == NULL);
    ck_assert(slice_is(render_inside(of(" {\"a\": {\"b\":1} } ")), "{\"b\":1}"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render");
    TCase *tc = tcase_create("render");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_some, 0, (int)ARRAY_LEN(some));
    tcase_add_loop_test(tc, test_modified, 0, (int)ARRAY_LEN(modified));
    tcase_add_test(tc, test_shapes);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
