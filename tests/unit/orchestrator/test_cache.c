/* The cache: found by id and by path, bounded, the least recently used goes first. */
#include "cache.h"
#include "mem.h"

#include <check.h>

static struct resource *make(const char *ri, const char *path, int v)
{
    json_auto_t *record =
        json_pack("{ss ss si ss si s{ss}}", "ri", ri, "pi", "id-in", "ty", 3, "path", path, "v", v, "a", "ri", ri);

    return resource_new(record);
}

static void put(struct cache *cache, const char *ri, const char *path, int v)
{
    struct resource *r = make(ri, path, v);

    ck_assert_ptr_nonnull(r);
    cache_put(cache, r);
    resource_free(r);
}

/* The version found at `address`, 0 when there is none. */
static int64_t version(struct cache *cache, const char *address)
{
    struct resource *r = cache_get(cache, address);
    int64_t v = r ? r->v : 0;

    resource_free(r);
    return v;
}

/* Steps: "+ri path v" put, "-ri" drop, "?address v" look up (v 0 = absent), "#n" count. */
static const struct {
    const char *name;
    int limit;
    const char *steps[12];
} cases[] = {
    {"by id and by path",            4, {"+c1 cse/c1 1", "?c1 1", "?cse/c1 1", "?cse/c2 0", "#1"}                           },
    {"replaced",                     4, {"+c1 cse/c1 1", "+c1 cse/c1 2", "?c1 2", "?cse/c1 2", "#1"}                        },
    {"another resource at the path", 4, {"+c1 cse/c 1", "+c2 cse/c 7", "?c1 0", "?c2 7", "?cse/c 7", "#1"}                  },
    {"the id at another path",       4, {"+c1 cse/a 1", "+c1 cse/b 2", "?cse/a 0", "?cse/b 2", "#1"}                        },
    {"both taken at once",           4, {"+c1 cse/a 1", "+c2 cse/b 1", "+c1 cse/b 3", "?cse/a 0", "?c2 0", "?cse/b 3", "#1"}},
    {"dropped",                      4, {"+c1 cse/c1 1", "-c1", "?c1 0", "?cse/c1 0", "-c1", "#0"}                          },
    {"the oldest goes",              2, {"+a cse/a 1", "+b cse/b 1", "+c cse/c 1", "?a 0", "?b 1", "?c 1", "#2"}            },
    {"use makes young",              2, {"+a cse/a 1", "+b cse/b 1", "?cse/a 1", "+c cse/c 1", "?a 1", "?b 0", "?c 1"}      },
    {"one",                          1, {"+a cse/a 1", "+b cse/b 1", "?a 0", "?b 1", "-b", "+a cse/a 2", "?a 2", "#1"}      },
    {"no instances",                 4, {"+i cse/c/i 0", "?i 0", "#0"}                                                      },
};

static void step(struct cache *cache, const char *name, const char *text)
{
    char first[64] = "", second[64] = "";
    int v = 0;

    if (*text == '+' && sscanf(text + 1, "%63s %63s %d", first, second, &v) == 3)
        put(cache, first, second, v);
    else if (*text == '-')
        cache_drop(cache, text + 1);
    else if (*text == '?' && sscanf(text + 1, "%63s %d", first, &v) == 2)
        ck_assert_msg(version(cache, first) == v, "%s: %s", name, text);
    else if (*text == '#')
        ck_assert_msg(cache_count(cache) == strtoul(text + 1, NULL, 10), "%s: %s", name, text);
    else
        ck_abort_msg("%s: no step: %s", name, text);
}

START_TEST(test_steps)
{
    struct cache *cache = cache_new((size_t)cases[_i].limit);

    for (int i = 0; cases[_i].steps[i]; i++)
        step(cache, cases[_i].name, cases[_i].steps[i]);
    cache_free(cache);
}
END_TEST

START_TEST(test_many)
{
    struct cache *cache = cache_new(1000);
    char ri[32], path[32];

    for (int i = 1; i <= 5000; i++) {
        snprintf(ri, sizeof ri, "c%d", i);
        snprintf(path, sizeof path, "cse/c%d", i);
        put(cache, ri, path, i);
    }
    ck_assert_uint_eq(cache_count(cache), 1000);
    ck_assert_int_eq(version(cache, "c4000"), 0);
    ck_assert_int_eq(version(cache, "cse/c4001"), 4001);
    cache_free(cache);
    cache_free(NULL);
}
END_TEST

/* Somebody still holds what the cache has let go. */
START_TEST(test_held)
{
    struct cache *cache = cache_new(1);
    struct resource *held;

    put(cache, "a", "cse/a", 1);
    held = cache_get(cache, "a");
    put(cache, "b", "cse/b", 1);
    ck_assert_str_eq(held->path, "cse/a");
    cache_put(cache, held);
    resource_free(held);
    ck_assert_int_eq(version(cache, "cse/a"), 1);
    cache_free(cache);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cache");
    TCase *tc = tcase_create("cache");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_steps, 0, (int)ARRAY_LEN(cases));
    tcase_add_test(tc, test_many);
    tcase_add_test(tc, test_held);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
