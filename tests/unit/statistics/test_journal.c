/* The files: what was appended without being kept is cut off, what was kept stays. */
#include "clock.h"
#include "journal.h"
#include "json.h"
#include "mem.h"

#include <check.h>
#include <unistd.h>

#define NOW INT64_C(1767225600000) /* 20260101T000000 */
#define DAY INT64_C(86400000)

static char directory[64];

static void setup(void)
{
    snprintf(directory, sizeof directory, "/tmp/tessera-journal-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    journal_open(directory);
    json_decref(journal_read());
}

static char *path_of(const char *name)
{
    return xasprintf("%s/%s", directory, name);
}

static void teardown(void)
{
    static const char *const names[] = {"state.json", "state.json.new", "records-20260101.jsonl", "records-20260102.jsonl"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        auto_free char *path = path_of(names[i]);

        unlink(path);
    }
    rmdir(directory);
}

static char *content(const char *name)
{
    auto_free char *path = path_of(name);
    FILE *f = fopen(path, "r");
    char *text = xcalloc(1, 256);

    if (f) {
        ck_assert_uint_lt(fread(text, 1, 255, f), 255);
        fclose(f);
    }
    return text;
}

static void append(const char *name, const char *text)
{
    auto_free char *path = path_of(name);
    FILE *f = fopen(path, "a");

    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void keep(const char *record, int64_t now)
{
    auto_str struct str records = STR_EMPTY, members = STR_EMPTY;
    char why[256] = "";

    str_puts(&records, record);
    str_puts(&members, ",\"totals\":[]");
    ck_assert_msg(journal_write(&records, &members, now, why, sizeof why) == 0, "%s", why);
}

#define FIRST "records-20260101.jsonl"
#define SECOND "records-20260102.jsonl"

/* clang-format off */
static const struct {
    const char *name;
    const char *kept, *torn, *torn_in, *after;
    int64_t then;
    const char *first, *second; /* the two files in the end */
} cases[] = {
    {"appended", "a\n", NULL, NULL, "b\n", NOW, "a\nb\n", ""},
    {"torn", "a\n", "half", FIRST, "b\n", NOW, "a\nb\n", ""},
    {"another day", "a\n", NULL, NULL, "b\n", NOW + DAY, "a\n", "b\n"},
    {"torn on another day", "a\n", "half", SECOND, "b\n", NOW + DAY, "a\n", "b\n"},
    {"nothing yet", NULL, "old\n", FIRST, "b\n", NOW, "old\nb\n", ""},
    {"nothing to tell", "a\n", NULL, NULL, "", NOW + DAY, "a\n", ""},
};
/* clang-format on */

START_TEST(files)
{
    auto_free char *first = NULL, *second = NULL;

    if (cases[_i].kept)
        keep(cases[_i].kept, NOW);
    if (cases[_i].torn)
        append(cases[_i].torn_in, cases[_i].torn);
    json_decref(journal_read()); /* another process goes on */
    keep(cases[_i].after, cases[_i].then);
    first = content(FIRST);
    second = content(SECOND);
    ck_assert_msg(strcmp(first, cases[_i].first) == 0, "%s: %s", cases[_i].name, first);
    ck_assert_msg(strcmp(second, cases[_i].second) == 0, "%s: %s", cases[_i].name, second);
}
END_TEST

START_TEST(clock_set_back)
{
    auto_free char *first = NULL;

    keep("a\n", NOW);
    keep("b\n", NOW + DAY);
    keep("c\n", NOW);
    first = content(FIRST);
    ck_assert_str_eq(first, "a\nc\n");
}
END_TEST

START_TEST(cannot_write)
{
    auto_str struct str records = STR_EMPTY, members = STR_EMPTY;
    auto_free char *path = NULL, *text = NULL;
    char why[256] = "";

    keep("a\n", NOW);
    path = path_of("state.json.new");
    ck_assert_int_eq(symlink("/nowhere/at/all", path), 0);
    str_puts(&records, "b\n");
    ck_assert_int_lt(journal_write(&records, &members, NOW, why, sizeof why), 0);
    unlink(path);
    ck_assert_int_eq(journal_write(&records, &members, NOW, why, sizeof why), 0);
    text = content(FIRST);
    ck_assert_str_eq(text, "a\nb\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *all = tcase_create("files");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, files, 0, ARRAY_LEN(cases));
    tcase_add_test(all, clock_set_back);
    tcase_add_test(all, cannot_write);
    suite_add_tcase(suite, all);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
