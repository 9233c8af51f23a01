#include "keys.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *name, *text, *why; /* NULL: it is taken */
} files[] = {
    {"one key",                 "Cme:00ff\n",                     NULL    },
    {"remarks and empty lines", "# identity:key\n\nCme:00FF\r\n", NULL    },
    {"no end of line",          "Cme:00ff",                       NULL    },
    {"colons in the identity",  "Cother:1\nurn:x:Cme:00ff",       "line 1"},
    {"an identity with colons", "urn:x:Cother:01\nCme:00ff",      NULL    },
    {"empty",                   "",                               "no key"},
    {"only remarks",            "# Cme:00ff\n",                   "no key"},
    {"no colon",                "Cme 00ff\n",                     "line 1"},
    {"no identity",             ":00ff\n",                        "line 1"},
    {"no key",                  "Cme:\n",                         "line 1"},
    {"half a byte",             "Cme:00f\n",                      "line 1"},
    {"not hexadecimal",         "Cx:00\nCme:xx\n",                "line 2"},
    {"twice the same",          "Cme:00ff\nCme:00ff\n",           "line 2"},
    {"65 bytes",
     "Cme:"
     "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "00000000\n",                                                "line 1"},
};

static bool load(const char *text, char *why, size_t size)
{
    char path[] = "/tmp/test-keys-XXXXXX";
    int fd = mkstemp(path);
    bool ok;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    ok = keys_load(path, why, size);
    unlink(path);
    return ok;
}

START_TEST(keys_are_read)
{
    char why[160] = "";
    bool ok = load(files[_i].text, why, sizeof why);
    const coap_bin_const_t *key = keys_find("Cme");

    ck_assert_msg(ok == !files[_i].why, "%s: %s", files[_i].name, why);
    ck_assert_msg(ok || strstr(why, files[_i].why), "%s: %s", files[_i].name, why);
    ck_assert_msg(ok == (key != NULL), "%s", files[_i].name);
    if (key) {
        ck_assert_uint_eq(key->length, 2);
        ck_assert_mem_eq(key->s, "\x00\xff", 2);
    }
    keys_forget();
}
END_TEST

START_TEST(a_bad_file_changes_nothing)
{
    char why[160];

    ck_assert(load("Cme:01\n", why, sizeof why));
    ck_assert(!load("Cother:02\nnonsense\n", why, sizeof why));
    ck_assert(keys_find("Cme") && !keys_find("Cother"));
    ck_assert(load("Cother:02\n", why, sizeof why));
    ck_assert(!keys_find("Cme") && keys_find("Cother"));
    ck_assert(!keys_load("/nowhere", why, sizeof why));
    ck_assert(keys_find("Cother"));
    keys_forget();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *all = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(all, keys_are_read, 0, (int)(sizeof files / sizeof *files));
    tcase_add_test(all, a_bad_file_changes_nothing);
    suite_add_tcase(suite, all);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
