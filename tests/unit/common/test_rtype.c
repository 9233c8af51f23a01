/* The registry of resource types. */
#include "mem.h"
#include "rtype.h"

#include <check.h>

START_TEST(test_registry)
{
    int last = 0;

    for (const struct rtype *const *t = rtype_all(); *t; t++) {
        const struct rtype *type = *t;

        ck_assert_msg(type->ty > last, "%s: not ascending", type->sn);
        last = type->ty;
        ck_assert_ptr_eq(rtype_by_ty(type->ty), type);
        ck_assert_ptr_eq(rtype_by_key(type->key), type);
        ck_assert_msg(strncmp(type->key, "m2m:", 4) == 0 && strcmp(type->key + 4, type->sn) == 0, "%s", type->key);
        ck_assert(rtype_exists(type->ty));
        ck_assert(type->virtuals && type->children && type->attrs && type->name);
        for (const int *child = type->children; *child; child++)
            ck_assert_msg(rtype_exists(*child), "%s: child %d", type->sn, *child);
        for (const char *const *name = type->virtuals; *name; name++)
            ck_assert_msg(rtype_name_is_virtual(*name), "%s: %s", type->sn, *name);
        ck_assert_msg(rtype_child_allowed(type, 23) == type->subscribable, "%s: subscribable", type->sn);
        ck_assert_msg(!!rtype_attr(type, "st") == type->state_tag, "%s: st", type->sn);
        ck_assert_msg(!!rtype_attr(type, "acpi") == (type->access == ACCESS_ACPI), "%s: acpi", type->sn);
        ck_assert_msg(!!rtype_attr(type, "at") == type->announceable || type->ty == 5, "%s: at", type->sn);
        ck_assert_ptr_null(rtype_attr(type, "nonsense"));
    }
}
END_TEST

static const struct {
    const char *parent;
    int child;
    bool allowed;
} children[] = {
    {"m2m:cb",  2,  true },
    {"m2m:cb",  4,  false},
    {"m2m:cb",  16, true },
    {"m2m:cb",  5,  false},
    {"m2m:ae",  3,  true },
    {"m2m:ae",  2,  false},
    {"m2m:ae",  15, true },
    {"m2m:cnt", 3,  true },
    {"m2m:cnt", 4,  true },
    {"m2m:cnt", 2,  false},
    {"m2m:cnt", 28, true },
    {"m2m:cin", 4,  false},
    {"m2m:cin", 24, true },
    {"m2m:cin", 23, false},
    {"m2m:acp", 23, true },
    {"m2m:sub", 18, true },
    {"m2m:sub", 23, false},
};

START_TEST(test_child)
{
    const struct rtype *parent = rtype_by_key(children[_i].parent);

    ck_assert_msg(rtype_child_allowed(parent, children[_i].child) == children[_i].allowed, "%s, %d", children[_i].parent,
                  children[_i].child);
}
END_TEST

START_TEST(test_unknown)
{
    static const int none[] = {0, -1, 33, 52, 9999, 10006, 20001};
    static const int later[] = {6, 9, 13, 16, 28, 51, 58, 66, 10001, 10066};

    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        ck_assert_msg(!rtype_exists(none[i]) && !rtype_by_ty(none[i]), "%d", none[i]);
    for (size_t i = 0; i < ARRAY_LEN(later); i++)
        ck_assert_msg(rtype_exists(later[i]), "%d", later[i]);
    ck_assert_ptr_null(rtype_by_key("m2m:xyz"));
    ck_assert_ptr_null(rtype_by_key("cnt"));
    ck_assert(!rtype_name_is_virtual("lax"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rtype");
    TCase *tests = tcase_create("rtype");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, test_registry);
    tcase_add_loop_test(tests, test_child, 0, ARRAY_LEN(children));
    tcase_add_test(tests, test_unknown);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
