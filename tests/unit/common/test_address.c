/* Addresses. The CSE of these tests is //tessera.example.com/id-in with the CSEBase cse-in. */
#include "address.h"
#include "cse.h"
#include "mem.h"

#include <check.h>

const char *cse_id(void)
{
    return "/id-in";
}

const char *cse_ri(void)
{
    return "id-in";
}

const char *cse_name(void)
{
    return "cse-in";
}

const char *cse_spid(void)
{
    return "tessera.example.com";
}

const char *cse_admin(void)
{
    return "CAdmin";
}

static const struct {
    const char *to;
    bool hosted, structured;
    enum address_virtual virt;
    const char *local, *cse;
} cases[] = {
    {"cse-in",                                  true,  true,  VIRTUAL_NONE,    "cse-in",           NULL                          },
    {"cse-in/a/b",                              true,  true,  VIRTUAL_NONE,    "cse-in/a/b",       NULL                          },
    {"-",                                       true,  true,  VIRTUAL_NONE,    "cse-in",           NULL                          },
    {"-/a",                                     true,  true,  VIRTUAL_NONE,    "cse-in/a",         NULL                          },
    {"cse-in/a/la",                             true,  true,  VIRTUAL_LATEST,  "cse-in/a",         NULL                          },
    {"cse-in/a/ol",                             true,  true,  VIRTUAL_OLDEST,  "cse-in/a",         NULL                          },
    {"cse-in/la/b",                             true,  true,  VIRTUAL_NONE,    "cse-in/la/b",      NULL                          },
    {"cse-in/a/lax",                            true,  true,  VIRTUAL_NONE,    "cse-in/a/lax",     NULL                          },
    {"cnt3k9",                                  true,  false, VIRTUAL_NONE,    "cnt3k9",           NULL                          },
    {"cnt3k9/la",                               true,  false, VIRTUAL_LATEST,  "cnt3k9",           NULL                          },
    {"cnt3k9/ol",                               true,  false, VIRTUAL_OLDEST,  "cnt3k9",           NULL                          },
    {"pchCae/pcu",                              true,  false, VIRTUAL_POLLING, "pchCae",           NULL                          },
    {"cnt3k9/x/y",                              true,  false, VIRTUAL_NONE,    "cnt3k9/x/y",       NULL                          },
    {"la",                                      true,  false, VIRTUAL_NONE,    "la",               NULL                          },
    {"id-in",                                   true,  false, VIRTUAL_NONE,    "id-in",            NULL                          },
    {"cse-inx/a",                               true,  false, VIRTUAL_NONE,    "cse-inx/a",        NULL                          },
    {"a.b_c~d-e",                               true,  false, VIRTUAL_NONE,    "a.b_c~d-e",        NULL                          },
    {"/id-in",                                  true,  true,  VIRTUAL_NONE,    "cse-in",           NULL                          },
    {"/id-in/cse-in/a",                         true,  true,  VIRTUAL_NONE,    "cse-in/a",         NULL                          },
    {"/id-in/-/a",                              true,  true,  VIRTUAL_NONE,    "cse-in/a",         NULL                          },
    {"/id-in/-",                                true,  true,  VIRTUAL_NONE,    "cse-in",           NULL                          },
    {"/id-in/cnt3k9",                           true,  false, VIRTUAL_NONE,    "cnt3k9",           NULL                          },
    {"/id-in/cnt3k9/la",                        true,  false, VIRTUAL_LATEST,  "cnt3k9",           NULL                          },
    {"//tessera.example.com/id-in",             true,  true,  VIRTUAL_NONE,    "cse-in",           NULL                          },
    {"//tessera.example.com/id-in/cse-in/a/la", true,  true,  VIRTUAL_LATEST,  "cse-in/a",         NULL                          },
    {"//TESSERA.example.com/id-in/-/a",         true,  true,  VIRTUAL_NONE,    "cse-in/a",         NULL                          },
    {"/other",                                  false, false, VIRTUAL_NONE,    "",                 "/other"                      },
    {"/other/cse/a/la",                         false, false, VIRTUAL_NONE,    "cse/a/la",         "/other"                      },
    {"/id-inx/a",                               false, false, VIRTUAL_NONE,    "a",                "/id-inx"                     },
    {"/id-i",                                   false, false, VIRTUAL_NONE,    "",                 "/id-i"                       },
    {"//tessera.example.com/other/a",           false, false, VIRTUAL_NONE,    "a",                "/other"                      },
    {"//elsewhere.org/id-in/cse-in/a",          false, false, VIRTUAL_NONE,    "cse-in/a",         "//elsewhere.org/id-in"       },
    {"//tessera.example.comx/id-in",            false, false, VIRTUAL_NONE,    "",                 "//tessera.example.comx/id-in"},
    {"cse-in/g/fopt",                           true,  true,  VIRTUAL_FANOUT,  "cse-in/g",         NULL                          },
    {"cse-in/g/fopt/a/la",                      true,  true,  VIRTUAL_FANOUT,  "cse-in/g",         NULL                          },
    {"cse-in/g/foptx/a",                        true,  true,  VIRTUAL_NONE,    "cse-in/g/foptx/a", NULL                          },
    {"/id-in/grp3k9/fopt/fopt",                 true,  false, VIRTUAL_FANOUT,  "grp3k9",           NULL                          },
    {"/other/cse/g/fopt/a",                     false, false, VIRTUAL_NONE,    "cse/g/fopt/a",     "/other"                      },
};

START_TEST(test_parse)
{
    struct address a;
    char why[128] = "";

    ck_assert_msg(address_parse(&a, cases[_i].to, why, sizeof why) == 0, "%s: %s", cases[_i].to, why);
    ck_assert_msg(a.hosted == cases[_i].hosted, "%s: hosted", cases[_i].to);
    ck_assert_msg(a.structured == cases[_i].structured, "%s: structured", cases[_i].to);
    ck_assert_msg(a.virt == cases[_i].virt, "%s: virtual", cases[_i].to);
    ck_assert_msg(strcmp(a.local, cases[_i].local) == 0, "%s: %s", cases[_i].to, a.local);
    ck_assert_msg(!a.cse == !cases[_i].cse && (!a.cse || strcmp(a.cse, cases[_i].cse) == 0), "%s: %s", cases[_i].to, a.cse);
    address_done(&a);
    address_done(&a);
}
END_TEST

static const struct {
    const char *to;
    const char *parent, *rest; /* rest: of what is here */
    enum address_virtual virt;
} virtuals[] = {
    {"cse-in/a",                "cse-in/a",         NULL,        VIRTUAL_NONE  },
    {"cse-in/a/la",             "cse-in/a",         NULL,        VIRTUAL_LATEST},
    {"/id-in/cnt1/ol",          "/id-in/cnt1",      NULL,        VIRTUAL_OLDEST},
    {"la",                      "la",               NULL,        VIRTUAL_NONE  },
    {"/id-in",                  "/id-in",           NULL,        VIRTUAL_NONE  },
    {"/other/cse/a/la",         "/other/cse/a",     NULL,        VIRTUAL_LATEST},
    {"//sp/other/cse/g/fopt/x", "//sp/other/cse/g", NULL,        VIRTUAL_FANOUT},
    {"grp1/fopt",               "grp1",             NULL,        VIRTUAL_FANOUT},
    {"grp1/fopt/a/b",           "grp1",             "a/b",       VIRTUAL_FANOUT},
    {"-/g/fopt/x/fopt/la",      "-/g",              "x/fopt/la", VIRTUAL_FANOUT},
};

START_TEST(test_virtual)
{
    const char *to = virtuals[_i].to;
    enum address_virtual virt;
    struct address a;
    char why[128] = "";

    ck_assert_msg(address_parent_length(to, &virt) == strlen(virtuals[_i].parent), "%s", to);
    ck_assert_msg(virt == virtuals[_i].virt, "%s: %d", to, (int)virt);
    ck_assert_int_eq(address_parse(&a, to, why, sizeof why), 0);
    ck_assert_msg(!a.rest == !virtuals[_i].rest && (!a.rest || strcmp(a.rest, virtuals[_i].rest) == 0), "%s: %s", to, a.rest);
    address_done(&a);
}
END_TEST

static const struct {
    const char *to, *why;
} refusals[] = {
    {"",              "empty"        },
    {"/",             "empty segment"},
    {"//",            "empty segment"},
    {"///",           "slashes"      },
    {"///a/b",        "slashes"      },
    {"//sp",          "no CSE-ID"    },
    {"cse-in/",       "empty segment"},
    {"cse-in//a",     "empty segment"},
    {"/id-in/",       "empty segment"},
    {"/id-in//a",     "empty segment"},
    {"//sp//a",       "empty segment"},
    {"cse-in/a b",    "character 9"  },
    {"cse-in/a%20b",  "character 9"  },
    {"cse-in/a?fu=1", "character 9"  },
    {"cse-in/a#con",  "character 9"  },
    {"cse-in/a*",     "character 9"  },
    {"caf\xC3\xA9",   "character 4"  },
    {"a\nb",          "character 2"  },
    {"http://host/a", "character 5"  },
};

START_TEST(test_refuse)
{
    struct address a;
    char why[128] = "";

    ck_assert_msg(address_parse(&a, refusals[_i].to, why, sizeof why) < 0, "%s", refusals[_i].to);
    ck_assert_msg(strstr(why, refusals[_i].why) != NULL, "%s: %s", refusals[_i].to, why);
}
END_TEST

START_TEST(test_length)
{
    struct address a;
    char to[1026], why[128];

    memset(to, 'a', sizeof to);
    to[1024] = '\0';
    ck_assert_int_eq(address_parse(&a, to, why, sizeof why), 0);
    address_done(&a);
    to[1024] = 'a';
    to[1025] = '\0';
    ck_assert_int_lt(address_parse(&a, to, why, sizeof why), 0);
}
END_TEST

static const struct {
    const char *fr, *stem;
} originators[] = {
    {"Cae",                             "Cae"                      },
    {"/id-in/Cae",                      "Cae"                      },
    {"//tessera.example.com/id-in/Cae", "Cae"                      },
    {"Sae",                             "Sae"                      },
    {"/Sae",                            "Sae"                      },
    {"/id-in/Sae",                      "Sae"                      },
    {"//tessera.example.com/Sae",       "Sae"                      },
    {"C",                               "C"                        },
    {"S",                               "S"                        },
    {"",                                ""                         },
    {"/",                               "/"                        },
    {"//",                              "//"                       },
    {"/id-in",                          "/id-in"                   },
    {"//tessera.example.com/id-in",     "/id-in"                   },
    {"/id-in/",                         "/id-in/"                  },
    {"/id-in//id-in",                   "/id-in//id-in"            },
    {"/other",                          "/other"                   },
    {"/other/Cae",                      "/other/Cae"               },
    {"//tessera.example.com/other/Cae", "/other/Cae"               },
    {"//tessera.example.com/other",     "/other"                   },
    {"//elsewhere.org/id-in/Cae",       "//elsewhere.org/id-in/Cae"},
    {"//elsewhere.org/Sae",             "//elsewhere.org/Sae"      },
};

START_TEST(test_originator)
{
    auto_free char *stem = address_originator(originators[_i].fr);

    ck_assert_msg(strcmp(stem, originators[_i].stem) == 0, "%s: %s", originators[_i].fr, stem);
}
END_TEST

static const struct {
    const char *rn;
    bool valid;
} names[] = {
    {"a",           true                         },
    {"A1",          true                         },
    {"1a",          true                         },
    {"a-b_c.d",     true                         },
    {"a~b",         false                        },
    {"",            false                        },
    {"-",           false                        },
    {"-a",          false                        },
    {"_a",          false                        },
    {".a",          false                        },
    {"a/b",         false                        },
    {"a b",         false                        },
    {"a:b",         false                        },
    {"a%b",         false                        },
    {"a\n",         false                        },
    {"caf\xC3\xA9", false                        },
    {"la",          true /* reserved elsewhere */},
};

START_TEST(test_name)
{
    ck_assert_msg(address_name_valid(names[_i].rn) == names[_i].valid, "%s", names[_i].rn);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address");
    TCase *tests = tcase_create("address");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, test_parse, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tests, test_virtual, 0, ARRAY_LEN(virtuals));
    tcase_add_loop_test(tests, test_refuse, 0, ARRAY_LEN(refusals));
    tcase_add_test(tests, test_length);
    tcase_add_loop_test(tests, test_originator, 0, ARRAY_LEN(originators));
    tcase_add_loop_test(tests, test_name, 0, ARRAY_LEN(names));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
