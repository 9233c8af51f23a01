/* filterCriteria against one resource. */
#include "filter.h"
#include "json.h"

#include <check.h>

#include "mem.h"

struct filter_case {
    const char *name;
    const char *fc;
    int match; /* -1: malformed */
};

static const char self_text[] = "{\"lbl\":[\"a\",\"room:12\",\"kind:temp\"],\"rn\":\"c1\",\"mni\":10,\"x\":1.5,\"on\":true,"
                                "\"cnf\":\"text/plain:0\",\"con\":\"{\\\"t\\\":21}\",\"loc\":{\"typ\":1,\"crd\":[5,5]}}";
static const char parent_text[] = "{\"lbl\":[\"p\"],\"apn\":\"app\"}";
static const char child_text[] = "{\"lbl\":[\"k\"],\"nm\":\"kid\"}";

/* Created at 20261121T020000, changed a second later, expiring in 2030, stateTag 5, size 100. */
static const struct filter_case filter_cases[] = {
    {"nothing",              "{}",                                                                                  1 },
    {"cra is inclusive",     "{\"cra\":\"20261121T020000\"}",                                                       1 },
    {"crb is exclusive",     "{\"crb\":\"20261121T020000\"}",                                                       0 },
    {"ms and us",            "{\"ms\":\"20261121T020001\",\"us\":\"20261121T020001,001\"}",                         1 },
    {"us",                   "{\"us\":\"20261121T020001\"}",                                                        0 },
    {"stb",                  "{\"stb\":5,\"sts\":6}",                                                               1 },
    {"sts",                  "{\"sts\":5}",                                                                         0 },
    {"sza",                  "{\"sza\":100,\"szb\":101}",                                                           1 },
    {"szb",                  "{\"szb\":100}",                                                                       0 },
    {"exa",                  "{\"exa\":\"20300101T000000\",\"exb\":\"20310101T000000\"}",                           1 },
    {"exb",                  "{\"exb\":\"20290101T000000\"}",                                                       0 },
    {"type",                 "{\"ty\":[2,3]}",                                                                      1 },
    {"single type",          "{\"ty\":3}",                                                                          1 },
    {"other type",           "{\"ty\":[4]}",                                                                        0 },
    {"label",                "{\"lbl\":[\"z\",\"a\"]}",                                                             1 },
    {"label pattern",        "{\"lbl\":[\"room:*\"]}",                                                              1 },
    {"no label",             "{\"lbl\":[\"room\"]}",                                                                0 },
    {"parent label",         "{\"palb\":[\"p\"]}",                                                                  1 },
    {"parent type",          "{\"pty\":[2],\"patr\":[{\"nm\":\"apn\",\"val\":\"a*\"}]}",                            1 },
    {"child label",          "{\"clbl\":[\"k\"],\"chty\":[4]}",                                                     1 },
    {"no such child",        "{\"chty\":[23]}",                                                                     0 },
    {"attribute as text",    "{\"atr\":[{\"nm\":\"mni\",\"val\":\"10\"}]}",                                         1 },
    {"attribute as number",  "{\"atr\":[{\"nm\":\"mni\",\"val\":10}]}",                                             1 },
    {"attribute as float",   "{\"atr\":[{\"nm\":\"mni\",\"val\":\"10.0\"}]}",                                       1 },
    {"boolean",              "{\"atr\":[{\"nm\":\"on\",\"val\":\"true\"}]}",                                        1 },
    {"attribute list",       "{\"atr\":[{\"nm\":\"lbl\",\"val\":\"kind*\"}]}",                                      1 },
    {"one name, two values", "{\"atr\":[{\"nm\":\"rn\",\"val\":\"q\"},{\"nm\":\"rn\",\"val\":\"c*\"}]}",            1 },
    {"two names",            "{\"atr\":[{\"nm\":\"rn\",\"val\":\"c1\"},{\"nm\":\"mni\",\"val\":\"11\"}]}",          0 },
    {"two names, or",        "{\"atr\":[{\"nm\":\"rn\",\"val\":\"c1\"},{\"nm\":\"mni\",\"val\":\"11\"}],\"fo\":2}", 1 },
    {"absent attribute",     "{\"atr\":[{\"nm\":\"none\",\"val\":\"*\"}]}",                                         0 },
    {"media type",           "{\"cty\":[\"TEXT/plain\"]}",                                                          1 },
    {"other media type",     "{\"cty\":[\"text\"]}",                                                                0 },
    {"or",                   "{\"ty\":[9],\"lbl\":[\"a\"],\"fo\":2}",                                               1 },
    {"or of none",           "{\"ty\":[9],\"lbl\":[\"b\"],\"fo\":2}",                                               0 },
    {"exactly one",          "{\"ty\":[9],\"lbl\":[\"a\"],\"fo\":3}",                                               1 },
    {"exactly one of two",   "{\"ty\":[3],\"lbl\":[\"a\"],\"fo\":3}",                                               0 },
    {"key",                  "{\"lbq\":\"room\"}",                                                                  1 },
    {"not key",              "{\"lbq\":\"NT room\"}",                                                               0 },
    {"equal",                "{\"lbq\":\"room EQ 12\"}",                                                            1 },
    {"not equal",            "{\"lbq\":\"room NE 12\"}",                                                            0 },
    {"in",                   "{\"lbq\":\"room IN (11, 12)\"}",                                                      1 },
    {"not in",               "{\"lbq\":\"room NI (11,13)\"}",                                                       1 },
    {"combined",             "{\"lbq\":\"(room EQ 13 OR kind EQ \\\"temp\\\") AND NT z\"}",                         1 },
    {"and binds closer",     "{\"lbq\":\"a OR z AND z\"}",                                                          1 },
    {"contains",             "{\"gmty\":2,\"geom\":[[4,4],[6,6]],\"gsf\":2}",                                       1 },
    {"not within",           "{\"gmty\":1,\"geom\":[5,6],\"gsf\":1}",                                               0 },
    {"location or type",     "{\"gmty\":1,\"geom\":[5,6],\"gsf\":1,\"ty\":[3],\"fo\":2}",                           1 },
    {"location, one of two", "{\"gmty\":1,\"geom\":[5,5],\"gsf\":1,\"ty\":[3],\"fo\":3}",                           0 },
    {"content",              "{\"cfs\":1,\"cfq\":\"$[?@ > 20]\"}",                                                  1 },
    {"other content",        "{\"cfs\":1,\"cfq\":\"$[?@ > 21]\"}",                                                  0 },
    {"content or type",      "{\"cfs\":1,\"cfq\":\"$.x\",\"ty\":[3],\"fo\":2}",                                     1 },
    {"bad path",             "{\"cfs\":1,\"cfq\":\"t\"}",                                                           -1},
    {"path alone",           "{\"cfq\":\"$\"}",                                                                     -1},
    {"geometry alone",       "{\"geom\":[5,5]}",                                                                    -1},
    {"bad query",            "{\"lbq\":\"room EQ\"}",                                                               -1},
    {"open list",            "{\"lbq\":\"room IN (1,\"}",                                                           -1},
    {"open quote",           "{\"lbq\":\"\\\"room\"}",                                                              -1},
    {"bad time",             "{\"crb\":\"yesterday\"}",                                                             -1},
    {"bad fo",               "{\"fo\":7}",                                                                          -1},
    {"bad atr",              "{\"atr\":[1]}",                                                                       -1},
};

static const json_t *attributes(const struct view *view)
{
    return view->context;
}

static struct view view_of(json_t *a, int ty)
{
    return (struct view){.ty = ty,
                         .ct = 1795226400000,
                         .lt = 1795226401000,
                         .et = 1900000000000,
                         .st = 5,
                         .cs = 100,
                         .attributes = attributes,
                         .context = a};
}

static struct view parent, child;

static const struct view *get_parent(void *context)
{
    (void)context;
    return &parent;
}

static bool any_child(void *context, view_test *test, const void *argument)
{
    (void)context;
    return test(&child, argument);
}

START_TEST(cases)
{
    char why[100];
    json_auto_t *a = json_parse(self_text, strlen(self_text), why, sizeof why);
    json_auto_t *p = json_parse(parent_text, strlen(parent_text), why, sizeof why);
    json_auto_t *k = json_parse(child_text, strlen(child_text), why, sizeof why);
    struct view self = view_of(a, 3);
    struct relatives relatives = {NULL, get_parent, any_child};

    parent = view_of(p, 2);
    child = view_of(k, 4);
    for (size_t i = 0; i < ARRAY_LEN(filter_cases); i++) {
        const struct filter_case *c = &filter_cases[i];
        json_auto_t *fc = json_parse(c->fc, strlen(c->fc), why, sizeof why);
        struct filter *filter = filter_new(fc, why, sizeof why);

        ck_assert_msg(fc != NULL, "%s", c->name);
        ck_assert_msg((filter == NULL) == (c->match < 0), "%s", c->name);
        if (filter)
            ck_assert_msg(filter_match(filter, &self, &relatives) == c->match, "%s", c->name);
        filter_free(filter);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filter");
    TCase *tcase = tcase_create("filter");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, cases);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
