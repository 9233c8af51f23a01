/* Geometries of geo-queries: what they are, and how two of them lie to each other. */
#include "geometry.h"
#include "json.h"

#include <check.h>

#include "mem.h"

#define SQUARE "[[[0,0],[10,0],[10,10],[0,10],[0,0]]]"
#define RING "[[0,0],[10,0],[10,10],[0,10],[0,0]]"
#define HOLED "[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]"

enum { WITHIN = GEOMETRY_WITHIN, CONTAINS = GEOMETRY_CONTAINS, MEETS = GEOMETRY_INTERSECTS };

/* Columns: name, type and coordinates asked for, relation, the resource's type and coordinates, whether it matches. */
static const struct relation_case {
    const char *name;
    int gmty;
    const char *geom;
    int gsf;
    int typ;
    const char *crd;
    bool match;
} relations[] = {
    {"point within polygon",         1, "[5,5]",                       WITHIN,   3, SQUARE,                                true },
    {"point on the edge is not",     1, "[0,5]",                       WITHIN,   3, SQUARE,                                false},
    {"but meets it",                 1, "[0,5]",                       MEETS,    3, SQUARE,                                true },
    {"point outside",                1, "[11,5]",                      WITHIN,   3, SQUARE,                                false},
    {"point in a hole",              1, "[5,5]",                       WITHIN,   3, HOLED,                                 false},
    {"point beside the hole",        1, "[2,2]",                       WITHIN,   3, HOLED,                                 true },
    {"longitude comes first",        1, "[9,1]",                       WITHIN,   3, "[[[8,0],[10,0],[10,2],[8,2],[8,0]]]", true },
    {"a ring alone",                 1, "[5,5]",                       WITHIN,   3, RING,                                  true },
    {"coordinates as text",          1, "\"[5,5]\"",                   WITHIN,   3, "\"" RING "\"",                        true },
    {"height counts for nothing",    1, "[5,5,900]",                   WITHIN,   3, SQUARE,                                true },
    {"polygon contains point",       3, SQUARE,                        CONTAINS, 1, "[5,5]",                               true },
    {"polygon does not contain",     3, SQUARE,                        CONTAINS, 1, "[5,15]",                              false},
    {"polygon contains polygon",     3, SQUARE,                        CONTAINS, 3, "[[[1,1],[2,1],[2,2],[1,1]]]",         true },
    {"polygon contains itself",      3, SQUARE,                        CONTAINS, 3, SQUARE,                                true },
    {"polygon does not contain all", 3, SQUARE,                        CONTAINS, 4, "[[1,1],[11,1]]",                      false},
    {"but meets it",                 3, SQUARE,                        MEETS,    4, "[[1,1],[11,1]]",                      true },
    {"polygon within polygons",      3, "[[[1,1],[2,1],[2,2],[1,1]]]", WITHIN,   6, "[" SQUARE "]",                        true },
    {"rings for polygons",           3, "[[[1,1],[2,1],[2,2],[1,1]]]", WITHIN,   6, "[" RING "]",                          true },
    {"lines that cross",             2, "[[2,1],[1,2]]",               MEETS,    2, "[[1,1],[2,2]]",                       true },
    {"lines that do not",            2, "[[3,3],[4,4]]",               MEETS,    2, "[[1,1],[2,2]]",                       false},
    {"line contains line",           2, "[[1,1],[2,2]]",               CONTAINS, 2, "[[1,1],[2,2]]",                       true },
    {"an end is not within",         1, "[1,1]",                       WITHIN,   2, "[[1,1],[2,2]]",                       false},
    {"the middle is",                1, "[1.5,1.5]",                   WITHIN,   2, "[[1,1],[2,2]]",                       true },
    {"one of several lines",         1, "[3.5,3.5]",                   WITHIN,   5, "[[[1,1],[2,2]],[[3,3],[4,4]]]",       true },
    {"one of several points",        1, "[3,4]",                       WITHIN,   4, "[[1,2],[3,4]]",                       true },
    {"a hole keeps out",             3, HOLED,                         MEETS,    1, "[5,5]",                               false},
};

START_TEST(relate)
{
    char why[160];

    for (size_t i = 0; i < ARRAY_LEN(relations); i++) {
        const struct relation_case *c = &relations[i];
        json_auto_t *geom = json_loads(c->geom, JSON_DECODE_ANY, NULL);
        json_auto_t *fc = json_pack("{si si sO}", "gmty", c->gmty, "gsf", c->gsf, "geom", geom);
        json_auto_t *crd = json_loads(c->crd, JSON_DECODE_ANY, NULL);
        json_auto_t *loc = json_pack("{si sO}", "typ", c->typ, "crd", crd);
        struct geo_query *query = geo_query_new(fc, why, sizeof why);

        ck_assert_msg(query != NULL, "%s: %s", c->name, why);
        ck_assert_msg(geo_query_match(query, loc) == c->match, "%s", c->name);
        geo_query_free(query);
    }
}
END_TEST

/* Columns: filterCriteria, and what is said about it; NULL for a good one. */
static const struct {
    const char *fc, *why;
} queries[] = {
    {"{}",                                                                                    ""                                                                      },
    {"{\"gmty\":1}",                                                                          "gmty, geom and gsf (1 to 3) belong together"                           },
    {"{\"gsf\":1,\"gmty\":1}",                                                                "gmty, geom and gsf (1 to 3) belong together"                           },
    {"{\"gsf\":4,\"gmty\":1,\"geom\":[1,2]}",                                                 "gmty, geom and gsf (1 to 3) belong together"                           },
    {"{\"gsf\":1,\"gmty\":1,\"geom\":[1,2]}",                                                 NULL                                                                    },
    {"{\"gsf\":1,\"gmty\":7,\"geom\":[1,2]}",                                                 "geom: coordinates that do not fit the type, or more than 500 positions"},
    {"{\"gsf\":1,\"gmty\":3,\"geom\":[1,2]}",                                                 "geom: coordinates that do not fit the type, or more than 500 positions"},
    {"{\"gsf\":1,\"gmty\":3,\"geom\":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}",                     "geom: Self-intersection[1 1]"                                          },
    {"{\"gsf\":1,\"gmty\":3,\"geom\":[[[0,0],[1,0],[1,1],[0,0]],[[5,5],[6,5],[6,6],[5,5]]]}",
     "geom: Hole lies outside shell[5 5]"                                                                                                                             },
    {"{\"gsf\":1,\"gmty\":3,\"geom\":[[[0,0],[1,0],[0,0],[0,0]]]}",                           "geom: Too few points in geometry component[0 0]"                       },
};

START_TEST(malformed)
{
    char why[160];

    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        json_auto_t *fc = json_parse(queries[i].fc, strlen(queries[i].fc), why, sizeof why);
        struct geo_query *query = geo_query_new(fc, why, sizeof why);

        ck_assert_msg((query != NULL) == (queries[i].why == NULL), "%s: %s", queries[i].fc, why);
        ck_assert_str_eq(why, queries[i].why ? queries[i].why : "");
        geo_query_free(query);
    }
}
END_TEST

/* What cannot be compared does not match, and nothing breaks. */
START_TEST(unusable)
{
    static const char *const locs[] = {
        "null",
        "{}",
        "[]",
        "{\"typ\":1}",
        "{\"typ\":3,\"crd\":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}",
        "{\"typ\":1,\"crd\":[1e308,-1e308]}",
    };
    char why[160];
    json_auto_t *fc = json_pack("{si si s[ii]}", "gmty", 1, "gsf", 3, "geom", 1, 1);
    struct geo_query *query = geo_query_new(fc, why, sizeof why);

    for (size_t i = 0; i < ARRAY_LEN(locs); i++) {
        json_auto_t *loc = json_loads(locs[i], JSON_DECODE_ANY, NULL);

        ck_assert_msg(!geo_query_match(query, loc), "%s", locs[i]);
    }
    geo_query_free(query);
}
END_TEST

START_TEST(bounded)
{
    char why[160];

    for (int count = GEOMETRY_POSITIONS_MAX; count <= GEOMETRY_POSITIONS_MAX + 1; count++) {
        json_auto_t *crd = json_array();
        struct geometry *geometry;

        for (int i = 0; i < count; i++)
            json_array_append_new(crd, json_pack("[ii]", i, i % 2));
        geometry = geometry_new(2, crd, why, sizeof why);
        ck_assert_msg((geometry != NULL) == (count == GEOMETRY_POSITIONS_MAX), "%d: %s", count, why);
        geometry_free(geometry);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("geometry");
    TCase *tcase = tcase_create("geometry");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, relate);
    tcase_add_test(tcase, malformed);
    tcase_add_test(tcase, unusable);
    tcase_add_test(tcase, bounded);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
