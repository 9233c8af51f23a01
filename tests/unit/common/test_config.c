/* Settings: sources, their order, and the messages that refuse them. */
#include "capture.h"
#include "config.h"
#include "cse.h"

#include <check.h>

#define PATH_FILE "/tmp/tessera-test-config-%d"

static const struct config_row rows[] = {
    {"http.port",     CONFIG_INT,    "8080",   1, 65535,   "port"      },
    {"http.max_body", CONFIG_INT,    "262144", 0, 1 << 30, "bytes"     },
    {"http.cors",     CONFIG_BOOL,   "false",  0, 0,       "allow CORS"},
    {"http.name",     CONFIG_TEXT,   "x",      1, 8,       "a name"    },
    {"http.password", CONFIG_SECRET, "",       0, 64,      "a password"},
    {NULL,            CONFIG_TEXT,   NULL,     0, 0,       NULL        },
};
static const struct config_row *const tables[] = {rows, cse_config, NULL};

struct config_case {
    const char *name;
    const char *environment[4]; /* NAME=VALUE */
    const char *file;           /* its text, or NULL */
    int status;
    const char *expected; /* somewhere in the output; FILE stands for the file's path */
};

/* What a program prints whose settings are fine. */
static const struct config_case cases[] = {
    {"defaults",                      {NULL},                                                                      NULL,                                                                    0,  "8080 262144 0 x [] /id-in 1 2a"                                    },
    {"environment",                   {"TESSERA_HTTP_PORT=81", "TESSERA_HTTP_CORS=Yes", "TESSERA_HTTP_NAME=n"},    NULL,                                                                    0,  "81 262144 1 n []"                                                  },
    {"file",                          {NULL},                                                                      "# c\n\n http.port = 82  # why\nhttp.name=a b\r\nhttp.password = p#q\n", 0,  "82 262144 0 a b [p#q]"                                             },
    {"environment over file",         {"TESSERA_HTTP_PORT=81"},                                                    "http.port = 82\n",                                                      0,  "81 "                                                               },
    {"others are left alone",         {"TESSERA_STATE_DIR=x", "TESSERA_COAP_PORT=x", "TESSERA_HTTPS=x"},           "coap.port = x\n",                                                       0,  "8080 "                                                             },
    {"secret from a file",            {"TESSERA_HTTP_PASSWORD=@FILE"},                                             "# the file is the secret\n",                                            0,  "[# the file is the secret] "                                       },
    {"at sign alone",                 {"TESSERA_HTTP_PASSWORD=@x"},                                                NULL,                                                                    0,  "[@x]"                                                              },
    {"misspelt variable",
     {"TESSERA_HTTP_PROT=1"},
     NULL,                                                                                                                                                                                  78,
     "TESSERA_HTTP_PROT: unknown setting of section http (did you mean TESSERA_HTTP_PORT?)\n"                                                                                                                                                                       },
    {"unknown variable",
     {"TESSERA_HTTP_SOMETHING_ELSE=1"},
     NULL,                                                                                                                                                                                  78,
     "TESSERA_HTTP_SOMETHING_ELSE: unknown setting of section http; --help lists all\n"                                                                                                                                                                             },
    {"misspelt in file",
     {NULL},
     "\nhttp.maxbody = 1\n",                                                                                                                                                                78,
     "FILE:2: http.maxbody: unknown setting of section http (did you mean http.max_body?)\n"                                                                                                                                                                        },
    {"line without sign",             {NULL},                                                                      "http.port 1\n",                                                         78, "FILE:1: \"http.port 1\": expected a line \"section.key = value\"\n"},
    {"twice in the file",
     {NULL},
     "http.port=1\nhttp.port=2\n",                                                                                                                                                          78,
     "FILE:2: http.port: given twice, first at FILE:1: http.port\n"                                                                                                                                                                                                 },
    {"not a number",
     {"TESSERA_HTTP_PORT=80x"},
     NULL,                                                                                                                                                                                  78,
     "TESSERA_HTTP_PORT: \"80x\": must be a whole number from 1 to 65535 (port)\n"                                                                                                                                                                                  },
    {"empty number",                  {"TESSERA_HTTP_PORT="},                                                      NULL,                                                                    78, "TESSERA_HTTP_PORT: \"\": must be"                                  },
    {"number out of range",           {NULL},                                                                      "http.port = 65536",                                                     78, "FILE:1: http.port: \"65536\": must be"                             },
    {"number out of 64 bits",         {"TESSERA_HTTP_PORT=99999999999999999999"},                                  NULL,                                                                    78, "must be a whole number"                                            },
    {"not a truth value",             {"TESSERA_HTTP_CORS=maybe"},                                                 NULL,                                                                    78, "TESSERA_HTTP_CORS: \"maybe\": must be true or false"               },
    {"text too long",                 {"TESSERA_HTTP_NAME=123456789"},                                             NULL,                                                                    78, "must have 1 to 8 characters"                                       },
    {"no such secret file",
     {"TESSERA_HTTP_PASSWORD=@/nowhere/at/all"},
     NULL,                                                                                                                                                                                  78,
     "TESSERA_HTTP_PASSWORD: cannot read /nowhere/at/all: No such file or directory\n"                                                                                                                                                                              },
    {"no such file",
     {"TESSERA_CONFIG=/nowhere/at/all"},
     NULL,                                                                                                                                                                                  78,
     "/nowhere/at/all: cannot read the configuration file: No such file or directory\n"                                                                                                                                                                             },
    {"CSE-ID without slash",          {"TESSERA_CSE_ID=id-in"},                                                    NULL,                                                                    78, "TESSERA_CSE_ID: \"id-in\": must be a slash and one segment"        },
    {"CSE-ID of two parts",           {"TESSERA_CSE_ID=/a/b"},                                                     NULL,                                                                    78, "TESSERA_CSE_ID: \"/a/b\": must be"                                 },
    {"name with a slash",             {"TESSERA_CSE_NAME=a/b"},                                                    NULL,                                                                    78, "TESSERA_CSE_NAME: \"a/b\": must begin"                             },
    {"SP-ID with slashes",            {"TESSERA_CSE_SP=//x"},                                                      NULL,                                                                    78, "TESSERA_CSE_SP: \"//x\": must be a domain name"                    },
    {"unknown kind of CSE",           {"TESSERA_CSE_TYPE=XX"},                                                     NULL,                                                                    78, "TESSERA_CSE_TYPE: \"XX\": must be IN, MN or ASN\n"                 },
    {"unknown release",               {"TESSERA_CSE_RELEASES=3,9"},                                                NULL,                                                                    78, "\"9\" is none of"                                                  },
    {"poa without scheme",            {"TESSERA_CSE_POA=http://a,b"},                                              NULL,                                                                    78, "TESSERA_CSE_POA: \"http://a,b\": must be URLs"                     },
    {"poa",                           {"TESSERA_CSE_POA=http://a:1,mqtt://b"},                                     NULL,                                                                    0,  "/id-in"                                                            },
    {"poa with nothing behind it",    {"TESSERA_CSE_POA=http://"},                                                 NULL,                                                                    78, "TESSERA_CSE_POA: \"http://\": must be URLs"                        },
    {"poa with a path and a query",   {"TESSERA_CSE_POA=http://a:1/x?y"},                                          NULL,                                                                    78, "without a query"                                                   },
    {"peers",                         {"TESSERA_CSE_PEERS=/id-mn,//sp.example/id-x"},                              NULL,                                                                    0,  "/id-in"                                                            },
    {"all peers",                     {"TESSERA_CSE_PEERS=*"},                                                     NULL,                                                                    0,  "/id-in"                                                            },
    {"peer without slash",            {"TESSERA_CSE_PEERS=id-mn"},                                                 NULL,                                                                    78, "TESSERA_CSE_PEERS: \"id-mn\": must be * or CSE-IDs"                },
    {"peer that is an AE",            {"TESSERA_CSE_PEERS=/id-mn/C1"},                                             NULL,                                                                    78, "must be * or CSE-IDs"                                              },
    {"peers with a blank",            {"TESSERA_CSE_PEERS=/a, /b"},                                                NULL,                                                                    78, "must be * or CSE-IDs"                                              },
    {"peers with a comma at the end", {"TESSERA_CSE_PEERS=/a,"},                                                   NULL,                                                                    78, "must be * or CSE-IDs"                                              },
    {"registrar of an IN-CSE",
     {"TESSERA_CSE_REGISTRAR_ID=/a", "TESSERA_CSE_REGISTRAR_URL=http://a"},
     NULL,                                                                                                                                                                                  78,
     "an IN-CSE has no registrar"                                                                                                                                                                                                                                   },
    {"registrar without URL",         {"TESSERA_CSE_TYPE=MN", "TESSERA_CSE_REGISTRAR_ID=/a"},                      NULL,                                                                    78, "must be a URL"                                                     },
    {"itself as registrar",
     {"TESSERA_CSE_TYPE=MN", "TESSERA_CSE_REGISTRAR_ID=/id-in", "TESSERA_CSE_REGISTRAR_URL=http://a"},
     NULL,                                                                                                                                                                                  78,
     "must be the CSE-ID of another CSE"                                                                                                                                                                                                                            },
    {"registrar",
     {"TESSERA_CSE_TYPE=MN", "TESSERA_CSE_REGISTRAR_ID=/a", "TESSERA_CSE_REGISTRAR_URL=http://a"},
     NULL,                                                                                                                                                                                  0,
     "/id-in 2"                                                                                                                                                                                                                                                     },
    {"expiration",                    {"TESSERA_CSE_EXPIRATION_MAX=10"},                                           NULL,                                                                    78, "must not exceed cse.expiration.max (10)"                           },
    {"a kind and releases",           {"TESSERA_CSE_TYPE=mn", "TESSERA_CSE_RELEASES=3, 4", "TESSERA_CSE_ID=/mn1"}, NULL,                                                                    0,  "/mn1 2 4\n"                                                        },
};

static void file_name(char path[64])
{
    snprintf(path, 64, PATH_FILE, (int)getpid());
}

/* `text` with FILE replaced. The caller frees. */
static char *with_path(const char *text, const char *path)
{
    struct str out = STR_EMPTY;

    for (const char *p; (p = strstr(text, "FILE")); text = p + 4) {
        str_add(&out, text, (size_t)(p - text));
        str_puts(&out, path);
    }
    str_puts(&out, text);
    return str_take(&out);
}

static void load(void *context)
{
    const struct config_case *c = context;
    char path[64];

    snprintf(path, sizeof(path), PATH_FILE, (int)getppid());
    clearenv();
    if (c->file)
        setenv("TESSERA_CONFIG", path, 1);
    for (int i = 0; i < 4 && c->environment[i]; i++)
        putenv(with_path(c->environment[i], path));
    config_load("http", tables, 0, NULL);
    cse_check();
    printf("%d %d %d %s [%s] %s %d %s\n", (int)config_int("http.port"), (int)config_int("http.max_body"),
           config_bool("http.cors"), config_text("http.name"), config_text("http.password"), cse_id(), cse_type(),
           cse_release_supported("2a") ? "2a" : cse_releases()[1]);
}

START_TEST(loads)
{
    const struct config_case *c = &cases[_i];
    auto_str struct str out = STR_EMPTY;
    char path[64];
    auto_free char *expected = NULL;
    int status;

    file_name(path);
    if (c->file) {
        FILE *f = fopen(path, "w");

        ck_assert_ptr_nonnull(f);
        fputs(c->file, f);
        fclose(f);
    }
    status = capture(load, (void *)(uintptr_t)c, &out);
    unlink(path);
    expected = with_path(c->expected, path);
    ck_assert_msg(status == c->status && strstr(str_text(&out), expected), "%s: status %d: %s", c->name, status, str_text(&out));
}
END_TEST

static void load_secret(void *unused)
{
    (void)unused;
    clearenv();
    setenv("TESSERA_HTTP_PASSWORD", "a-password-that-is-much-longer-than-sixty-four-characters-and-so-it-is-refused", 1);
    config_load("http", tables, 0, NULL);
}

START_TEST(secrets_are_not_printed)
{
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(capture(load_secret, NULL, &out), 78);
    ck_assert(strstr(str_text(&out), "TESSERA_HTTP_PASSWORD: must have 0 to 64 characters"));
    ck_assert(!strstr(str_text(&out), "much-longer"));
}
END_TEST

static void load_option(void *option)
{
    char *argv[] = {(char[]){"x"}, (char[]){"--config"}, option, NULL};

    clearenv();
    config_load("http", tables, option ? 3 : 2, argv);
}

START_TEST(file_option)
{
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(capture(load_option, (char[]){"/nowhere"}, &out), 78);
    ck_assert(strstr(str_text(&out), "/nowhere: cannot read"));
    ck_assert_int_eq(capture(load_option, NULL, &out), 78);
    ck_assert(strstr(str_text(&out), "--config: the name of a file is missing"));
}
END_TEST

static void list(void *unused)
{
    (void)unused;
    config_print_list(stdout, tables);
}

START_TEST(listing)
{
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(capture(list, NULL, &out), 0);
    ck_assert(strstr(str_text(&out), "http.max_body\tTESSERA_HTTP_MAX_BODY\tint\t262144\t0\t1073741824\tbytes\n"));
    ck_assert(strstr(str_text(&out), "http.password\tTESSERA_HTTP_PASSWORD\tsecret\t\t0\t64\ta password\n"));
}
END_TEST

static void ask_unknown(void *unused)
{
    (void)unused;
    config_load("http", tables, 0, NULL);
    config_int("http.nothing");
}

START_TEST(unknown_name_aborts)
{
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(capture(ask_unknown, NULL, &out), 256 + 6);
    ck_assert(strstr(str_text(&out), "http.nothing"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tcase = tcase_create("config");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, loads, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, secrets_are_not_printed);
    tcase_add_test(tcase, file_option);
    tcase_add_test(tcase, listing);
    tcase_add_test(tcase, unknown_name_aborts);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
