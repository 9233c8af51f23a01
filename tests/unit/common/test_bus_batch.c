/* Batches: when they are cut, what stays together, how a message is taken apart. */
#include "bus_batch.h"
#include "mem.h"

#include <check.h>

static const struct {
    const char *name;
    int count;
    size_t bytes, more;
    bool kept, fits;
} cuts[] = {
    {"the first",             0,  0,                10,              false, true },
    {"a huge first one",      0,  0,                BATCH_BYTES * 4, false, true },
    {"the 64th",              63, 1000,             10,              false, true },
    {"the 65th",              64, 1000,             10,              false, false},
    {"up to the last byte",   5,  BATCH_BYTES - 10, 10,              false, true },
    {"one byte more",         5,  BATCH_BYTES - 10, 11,              false, false},
    {"kept beyond the bytes", 5,  BATCH_BYTES,      10,              true,  true },
    {"kept, the 65th",        64, 10,               10,              true,  false},
};

START_TEST(test_cut)
{
    ck_assert_msg(batch_fits(cuts[_i].count, cuts[_i].bytes, cuts[_i].more, cuts[_i].kept) == cuts[_i].fits, "%s", cuts[_i].name);
}
END_TEST

static char left[4000];

static void leave(const char *exchange, const char *key, struct str *text, int count)
{
    size_t len = strlen(left);

    snprintf(left + len, sizeof(left) - len, "%s/%s:%d:%s ", exchange, key, count, str_text(text));
}

static void add(const char *exchange, const char *key, const char *text)
{
    struct batch *b = batch_open(exchange, key, strlen(text), leave);

    str_puts(&b->text, text);
    b->count++;
}

START_TEST(test_gather)
{
    static const char x[] = "x", y[] = "y";

    left[0] = '\0';
    add(x, "a", "1");
    add(y, "a", "2");
    add(x, "a", "3");
    ck_assert(!batch_empty());
    batch_flush(leave);
    ck_assert(batch_empty());
    ck_assert_ptr_nonnull(strstr(left, "x/a:2:13 "));
    ck_assert_ptr_nonnull(strstr(left, "y/a:1:2 "));
    left[0] = '\0';
    batch_flush(leave);
    ck_assert_str_eq(left, "");
    add(x, "a", "4");
    batch_drop();
    batch_flush(leave);
    ck_assert_str_eq(left, "");
}
END_TEST

START_TEST(test_keep)
{
    static const char x[] = "x";

    left[0] = '\0';
    for (int i = 0; i < 60; i++)
        add(x, "a", ".");
    batch_keep(x, "a", leave);
    ck_assert_ptr_nonnull(strstr(left, "x/a:60:"));
    left[0] = '\0';
    for (int i = 0; i < 64; i++)
        add(x, "a", "-");
    ck_assert_str_eq(left, "");
    batch_keep_end();
    batch_flush(leave);
    ck_assert_ptr_nonnull(strstr(left, "x/a:64:"));
}
END_TEST

static const struct {
    const char *text;
    size_t first;
} splits[] = {
    {"{}\n\n{}\n\n", 4},
    {"{}\n[]\n",     6},
    {"{}\n[]",       5},
    {"{}\n",         3},
    {"{}",           2},
    {"",             0},
};

START_TEST(test_split)
{
    ck_assert_uint_eq(batch_split(splits[_i].text, strlen(splits[_i].text)), splits[_i].first);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bus_batch");
    TCase *tc = tcase_create("bus_batch");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_cut, 0, ARRAY_LEN(cuts));
    tcase_add_test(tc, test_gather);
    tcase_add_test(tc, test_keep);
    tcase_add_loop_test(tc, test_split, 0, ARRAY_LEN(splits));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
