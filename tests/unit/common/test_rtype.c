/* The registry of resource types. */
#include "attr.h"
#include "mem.h"
#include "rtype.h"

#include <check.h>

/* What holds for plain types, announced ones and variants. */
static void check_type(const struct rtype *type)
{
    ck_assert_ptr_eq(rtype_by_key(type->key), type);
    ck_assert(type->children && type->attrs && type->name && type->sn);
    for (const int *child = type->children; *child; child++)
        ck_assert_msg(rtype_by_ty(*child) != NULL, "%s: child %d", type->key, *child);
    for (const int *child = type->children_annc; child && *child; child++)
        ck_assert_msg(type->announceable && rtype_by_ty(*child), "%s: announced child %d", type->key, *child);
    for (const char *const *name = type->virtuals; name && *name; name++)
        ck_assert_msg(rtype_name_is_virtual(*name), "%s: %s", type->key, *name);
    ck_assert_msg(rtype_child_allowed(type, 23) == type->subscribable, "%s: subscribable", type->key);
    ck_assert_msg(!!rtype_attr(type, "st") == type->state_tag, "%s: st", type->key);
    ck_assert_msg(!!rtype_attr(type, "acpi") == (type->access == ACCESS_ACPI), "%s: acpi", type->key);
    ck_assert_msg(!!rtype_attr(type, "at") == type->announceable || type->ty == 5, "%s: at", type->key);
    ck_assert_msg(!!rtype_attr(type, "lnk") == (type->ty > TY_ANNOUNCED), "%s: lnk", type->key);
    ck_assert_ptr_null(rtype_attr(type, "nonsense"));
}

static void check_enum(const char *key, const struct attr *attr)
{
    const int *values = attr->detail;

    ck_assert_msg(values && *values >= 0, "%s.%s: no values", key, attr->name);
    for (; values[1] >= 0; values++)
        ck_assert_msg(values[1] > values[0], "%s.%s: not ascending", key, attr->name);
}

/* Rows that the checks can work with. */
static void check_rows(const char *key, const struct attr *attr)
{
    for (const struct attr *first = attr; attr->name; attr++) {
        int kind = attr->kind & ~LIST;

        ck_assert_msg(kind >= ANY && kind <= OBJECT, "%s.%s: kind", key, attr->name);
        ck_assert_msg(attr->create >= M && attr->create <= NP && attr->update >= O && attr->update <= NP, "%s.%s: presence", key,
                      attr->name);
        ck_assert_msg(!!attr->detail == (kind == ENUM || kind == OBJECT), "%s.%s: detail", key, attr->name);
        if (kind == ENUM)
            check_enum(key, attr);
        else if (kind == OBJECT)
            check_rows(attr->name, attr->detail);
        for (const struct attr *other = first; other < attr; other++)
            ck_assert_msg(strcmp(other->name, attr->name) != 0, "%s.%s twice", key, attr->name);
    }
}

static void check_defaults(const struct rtype *type)
{
    for (const struct attr_default *given = type->defaults; given && given->name; given++) {
        const struct attr *attr = rtype_attr(type, given->name);
        char why[256] = "";
        json_auto_t *value = given->source == DEFAULT_VALUE ? json_loads(given->json, JSON_DECODE_ANY, NULL) : json_string("x");

        ck_assert_msg(attr && attr->create != M, "%s.%s: default", type->key, given->name);
        ck_assert_msg(given->source == DEFAULT_FROM || attr_value_ok(attr, value, why, sizeof why), "%s.%s: default: %s",
                      type->key, given->name, why);
    }
}

START_TEST(test_registry)
{
    int last = 0;

    for (const struct rtype *const *t = rtype_all(); *t; t++) {
        const struct rtype *type = *t;

        ck_assert_msg(type->ty > last, "%s: not ascending", type->sn);
        last = type->ty;
        ck_assert_ptr_eq(rtype_by_ty(type->ty), type);
        ck_assert_msg(strncmp(type->key, "m2m:", 4) == 0 && strcmp(type->key + 4, type->sn) == 0, "%s", type->key);
        check_type(type);
        check_rows(type->key, type->attrs);
        check_defaults(type);
    }
}
END_TEST

START_TEST(test_variants)
{
    for (const struct rtype *const *t = rtype_variants(); *t; t++) {
        const struct rtype *type = *t, *plain = rtype_by_ty(type->ty);
        long mgd = strtol(type->selected, NULL, 10);
        json_auto_t *attrs = json_pack("{sssi}", "rn", "x", type->selector, (int)mgd);

        check_type(type);
        check_rows(type->key, type->attrs);
        check_defaults(type);
        ck_assert_ptr_eq(rtype_of(type->ty, attrs), type);
        ck_assert_str_eq(type->sn, plain->sn);
        ck_assert_str_eq(type->selector, plain->selector);
        for (const struct attr *attr = plain->attrs; attr->name; attr++)
            ck_assert_msg(rtype_attr(type, attr->name) != NULL, "%s: no %s", type->key, attr->name);
    }
}
END_TEST

/* Which variant a representation is of. */
static const struct {
    int ty;
    const char *attrs, *key;
} chosen[] = {
    {13,    "{\"mgd\":1006,\"btl\":5}",       "m2m:bat"    },
    {13,    "{\"mgd\":1028}",                 "dcfg:wific" },
    {13,    "{\"mgd\":1020}",                 "m2m:mgo"    },
    {13,    "{\"mgd\":\"1006\"}",             "m2m:bat"    },
    {13,    "{\"mgd\":null}",                 "m2m:mgo"    },
    {13,    "{}",                             "m2m:mgo"    },
    {10013, "{\"mgd\":1006}",                 "m2m:batA"   },
    {3,     "{\"mgd\":1006}",                 "m2m:cnt"    },
    {28,    "{\"cnd\":\"org.example.lamp\"}", "ex:lamp"    },
    {10028, "{\"cnd\":\"org.example.lamp\"}", "ex:lampAnnc"},
    {28,    "{\"cnd\":\"org.example.none\"}", "m2m:fcnt"   },
};

START_TEST(test_chosen)
{
    json_auto_t *attrs = json_loads(chosen[_i].attrs, 0, NULL);
    static struct rtype lamp;

    lamp = *rtype_by_ty(28);
    lamp.key = "ex:lamp";
    lamp.selected = "org.example.lamp";
    ck_assert_int_eq(rtype_register(&lamp), 0);
    ck_assert_int_eq(rtype_register(&lamp), -1);
    ck_assert_str_eq(rtype_of(chosen[_i].ty, attrs)->key, chosen[_i].key);
}
END_TEST

/* Announced types: what is mandatory or optional to announce, and the link. Columns: key, attribute, is it there. */
static const struct {
    const char *key, *name;
    bool there;
} announced[] = {
    {"m2m:cntA", "lnk",  true },
    {"m2m:cntA", "acpi", true },
    {"m2m:cntA", "mni",  true },
    {"m2m:cntA", "cni",  false},
    {"m2m:cntA", "at",   false},
    {"m2m:cntA", "st",   false},
    {"m2m:cinA", "con",  true },
    {"m2m:cinA", "acpi", false},
    {"m2m:acpA", "pv",   true },
    {"m2m:acpA", "acpi", false},
    {"m2m:aeA",  "api",  true },
    {"m2m:aeA",  "mei",  false},
    {"m2m:batA", "mgd",  true },
    {"m2m:batA", "btl",  true },
    {"m2m:ontA", "acpi", true },
};

START_TEST(test_announced)
{
    const struct rtype *type = rtype_by_key(announced[_i].key);
    const struct attr *attr = rtype_attr(type, announced[_i].name);

    ck_assert_msg(!!attr == announced[_i].there, "%s.%s", announced[_i].key, announced[_i].name);
    ck_assert(!attr || attr->create == (strcmp(attr->name, "lnk") == 0 ? M : O));
    ck_assert(type->create && type->update && type->del && !type->announceable);
}
END_TEST

static const struct {
    const char *parent;
    int child;
    bool allowed;
} children[] = {
    {"m2m:cb",   2,     true },
    {"m2m:cb",   4,     false},
    {"m2m:cb",   16,    true },
    {"m2m:cb",   5,     false},
    {"m2m:cb",   10005, true },
    {"m2m:cbA",  10002, true },
    {"m2m:cbA",  2,     false},
    {"m2m:cntA", 10004, true },
    {"m2m:batA", 23,    true },
    {"m2m:nod",  13,    true },
    {"m2m:smrA", 23,    false},
    {"m2m:ae",   3,     true },
    {"m2m:ae",   2,     false},
    {"m2m:ae",   15,    true },
    {"m2m:cnt",  3,     true },
    {"m2m:cnt",  4,     true },
    {"m2m:cnt",  2,     false},
    {"m2m:cnt",  28,    true },
    {"m2m:cin",  4,     false},
    {"m2m:cin",  24,    true },
    {"m2m:cin",  23,    false},
    {"m2m:acp",  23,    true },
    {"m2m:sub",  18,    true },
    {"m2m:sub",  23,    false},
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
    static const int none[] = {0, -1, 33, 52, 9999, 10000, 10006, 10033, 20001, 20002, 2000000000, -2000000000};
    static const int known[] = {6, 9, 13, 16, 28, 51, 58, 66, 10001, 10066};

    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        ck_assert_msg(!rtype_by_ty(none[i]), "%d", none[i]);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        ck_assert_msg(rtype_by_ty(known[i]) != NULL, "%d", known[i]);
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
    tcase_add_test(tests, test_variants);
    tcase_add_loop_test(tests, test_chosen, 0, ARRAY_LEN(chosen));
    tcase_add_loop_test(tests, test_announced, 0, ARRAY_LEN(announced));
    tcase_add_loop_test(tests, test_child, 0, ARRAY_LEN(children));
    tcase_add_test(tests, test_unknown);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
