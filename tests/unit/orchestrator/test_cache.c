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

/* What was packed meanwhile is the same as before. */
START_TEST(test_packed)
{
    static const char text[] =
        "{\"ri\":\"bat1\",\"pi\":\"nod1\",\"ty\":13,\"path\":\"cse/n/b\",\"v\":77,\"subs\":4294967295,%s"
        "\"a\":{\"mgd\":1006,\"x\":[1,-2.5,5.0,true,null,\"\\u00e9\\u0000\\n\\\"\"],\"o\":{\"b\":{},\"a\":\"\"}}}";
    static const char *const creators[] = {"", "\"by\":\"\",", "\"by\":\"Cae\","};

    for (size_t i = 0; i < ARRAY_LEN(creators); i++) {
        auto_free char *record = xasprintf(text, creators[i]);
        json_auto_t *parsed = json_loads(record, JSON_ALLOW_NUL, NULL);
        struct resource *before = resource_new(parsed), *after;
        struct packed_resource *packed = resource_pack(before);

        after = resource_unpack(packed);
        ck_assert_str_eq(after->ri, "bat1");
        ck_assert_str_eq(after->pi, "nod1");
        ck_assert_str_eq(after->path, "cse/n/b");
        ck_assert_ptr_eq(after->type, before->type);
        ck_assert_int_eq(after->v, 77);
        ck_assert_uint_eq(after->subs, UINT32_MAX);
        ck_assert(!after->by == !before->by && (!after->by || strcmp(after->by, before->by) == 0));
        ck_assert(json_equal(after->a, before->a));
        free(packed);
        resource_free(before);
        resource_free(after);
    }
}
END_TEST

/* All of a cache that is larger than what is ready: found in any order, and smaller than it would be. */
START_TEST(test_old_ones_are_packed)
{
    enum { COUNT = 40 * CACHE_READY };
    struct cache *cache = cache_new(COUNT);
    char ri[32], path[32];
    size_t each = 0;

    for (int i = 1; i <= COUNT; i++) {
        snprintf(ri, sizeof ri, "c%d", i);
        snprintf(path, sizeof path, "cse/c%d", i);
        put(cache, ri, path, i);
        if (i == CACHE_READY)
            each = cache_bytes(cache) / CACHE_READY;
    }
    ck_assert_uint_eq(cache_count(cache), COUNT);
    ck_assert_uint_lt(cache_bytes(cache), COUNT * each / 2);
    for (int i = 1; i <= COUNT; i++) {
        int n = (int)(i * INT64_C(7919) % COUNT) + 1;

        snprintf(path, sizeof path, i & 1 ? "cse/c%d" : "c%d", n);
        ck_assert_int_eq(version(cache, path), n);
    }
    for (int i = 1; i <= COUNT; i += 2) {
        snprintf(ri, sizeof ri, "c%d", i);
        cache_drop(cache, ri);
    }
    ck_assert_uint_eq(cache_count(cache), COUNT / 2);
    cache_free(cache);
}
END_TEST

static struct resource *make_large(int number, size_t size)
{
    auto_free char *text = xmalloc(size + 1), *ri = xasprintf("c%d", number);
    json_auto_t *record = NULL;

    memset(text, 'x', size);
    text[size] = 0;
    record = json_pack("{ss ss si ss si s{s[s]}}", "ri", ri, "pi", "id-in", "ty", 3, "path", ri, "v", number, "a", "lbl", text);
    return resource_new(record);
}

/* A few large resources may not take the memory of all. */
START_TEST(test_bounded_by_bytes)
{
    enum { LIMIT = 100, SIZE = 40000 };
    struct cache *cache = cache_new(LIMIT);

    for (int i = 1; i <= LIMIT; i++) {
        struct resource *r = make_large(i, SIZE);

        cache_put(cache, r);
        resource_free(r);
        ck_assert_uint_lt(cache_bytes(cache), LIMIT * CACHE_BYTES_EACH + SIZE + 1000);
    }
    ck_assert_uint_le(cache_count(cache), LIMIT * CACHE_BYTES_EACH / SIZE + 1);
    ck_assert_int_eq(version(cache, "c100"), 100);
    ck_assert_int_eq(version(cache, "c1"), 0);
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
    tcase_add_test(tc, test_packed);
    tcase_add_test(tc, test_old_ones_are_packed);
    tcase_add_test(tc, test_bounded_by_bytes);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
