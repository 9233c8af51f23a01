/* SPARQL taken apart before a library sees it: words, what a query may ask for, the operations of an update. */
#include "scan.h"

#include <check.h>

#include "mem.h"

static struct slice text(const char *p)
{
    return (struct slice){p, strlen(p)};
}

/* Each word with a letter for its kind. */
static const struct {
    const char *text, *words;
} words[] = {
    {"SELECT ?s WHERE{?s a <urn:x>}",              "bSELECT v?s bWHERE m{ v?s ba i<urn:x> m} "     },
    {"?a<5 && ?b>3",                               "v?a m< b5 m& m& v?b m> b3 "                    },
    {"?s x:a.b ?o.",                               "v?s nx:a.b v?o m. "                            },
    {"\"a 'b' \\\" } #\" 'x' \"\"\"a\"b\n}\"\"\"", "s\"a 'b' \\\" } #\" s'x' s\"\"\"a\"b\n}\"\"\" "},
    {"# FROM <x>\n ASK#\r{}",                      "bASK m{ m} "                                   },
    {"\"no end",                                   "!\" bno bend "                                 },
    {"'no\nend'",                                  "!' bno bend !' "                               },
    {"_:b :x @en-GB $v <a b>",                     "n_:b n:x n@en-GB v$v m< ba bb m> "             },
    {"x:FROM ?FROM \"FROM\" <FROM>",               "nx:FROM v?FROM s\"FROM\" i<FROM> "             },
    {"x:a\\-b 5.5e3 -2 ^^xsd:int",                 "nx:a\\-b b5.5e3 b-2 m^ m^ nxsd:int "           },
    {"  # only a comment",                         ""                                              },
    {"\xC3\xA9t\xC3\xA9:x",                        "n\xC3\xA9t\xC3\xA9:x "                         },
};

START_TEST(takes_words)
{
    static const char letters[] = {[WORD_BARE] = 'b',   [WORD_NAME] = 'n', [WORD_VARIABLE] = 'v', [WORD_IRI] = 'i',
                                   [WORD_STRING] = 's', [WORD_MARK] = 'm', [WORD_BROKEN] = '!'};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        auto_str struct str got = STR_EMPTY;
        struct slice rest = text(words[i].text);
        struct word word;

        while ((word = scan_next(&rest)).kind != WORD_END) {
            str_putc(&got, letters[word.kind]);
            str_add(&got, word.text.p, word.text.n);
            str_putc(&got, ' ');
        }
        ck_assert_msg(strcmp(str_text(&got), words[i].words) == 0, "%s: %s", words[i].text, str_text(&got));
    }
}
END_TEST

/* NULL: may be asked. */
static const struct {
    const char *text, *why;
} queries[] = {
    {"SELECT * WHERE {?s ?p ?o}",                                           NULL                                               },
    {"PREFIX x: <urn:x#> BASE <urn:y> PREFIX : <urn:z> ASK {x:a a x:FROM}", NULL                                               },
    {"construct {?s ?p ?o} where {?s ?p ?o}",                               NULL                                               },
    {"SELECT * WHERE {?s ?p \"FROM SERVICE\"} # FROM <x>",                  NULL                                               },
    {"SELECT * FROM <file:///etc/passwd> WHERE {?s ?p ?o}",                 "FROM: only the descriptors themselves are read"   },
    {"SELECT * from named<http://x/> WHERE {?s ?p ?o}",                     "FROM: only the descriptors themselves are read"   },
    {"SELECT * WHERE { { SELECT * { SeRvIcE SILENT <http://x/> {} } } }",   "SERVICE: only the descriptors themselves are read"},
    {"PREFIX a: <urn:a> DESCRIBE <urn:x>",                                  "neither SELECT, ASK nor CONSTRUCT"                },
    {"LOAD <file:///etc/passwd>",                                           "neither SELECT, ASK nor CONSTRUCT"                },
    {"",                                                                    "neither SELECT, ASK nor CONSTRUCT"                },
    {"ASK { ?s ?p \"x }",                                                   "a string without an end"                          },
};

START_TEST(queries_read_nothing_else)
{
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        char why[100] = "";
        enum rsc rsc = scan_query(text(queries[i].text), why, sizeof why);

        ck_assert_msg((rsc == RSC_OK) == (queries[i].why == NULL), "%s: %s", queries[i].text, why);
        ck_assert_str_eq(why, queries[i].why ? queries[i].why : "");
    }
}
END_TEST

/* Each operation as "-remove+insert?where;", or the reason. */
static const struct {
    const char *text, *operations;
} updates[] = {
    {"INSERT DATA {<a> <b> <c>}",                                                       "-+<a> <b> <c>?;"                                  },
    {"DELETE DATA {<a> <b> \"}\"}",                                                     "-<a> <b> \"}\"+?;"                                },
    {"delete where {?s <p> ?o}",                                                        "-?s <p> ?o+??s <p> ?o;"                           },
    {"DELETE {?s <p> 1} INSERT {?s <p> 2} WHERE {?s <p> 1 {} }",                        "-?s <p> 1+?s <p> 2??s <p> 1 {} ;"                 },
    {"PREFIX x: <u> INSERT {x:a x:b ?c} WHERE {} ; DELETE {?s ?p 1} WHERE {?s ?p 1} ;", "-+x:a x:b ?c?;-?s ?p 1+??s ?p 1;"                 },
    {"INSERT DATA {} ; PREFIX y: <v> DELETE DATA {}",                                   "-+?;-+?;"                                         },
    {"INSERT DATA {?s <p> 1}",                                                          "a variable in data"                               },
    {"INSERT DATA {} DELETE DATA {}",                                                   "operations are separated by semicolons"           },
    {"LOAD <file:///etc/passwd>",                                                       "neither INSERT nor DELETE"                        },
    {"CLEAR ALL",                                                                       "neither INSERT nor DELETE"                        },
    {"WITH <g> DELETE {?s ?p ?o} WHERE {?s ?p ?o}",                                     "neither INSERT nor DELETE"                        },
    {"DELETE {?s ?p ?o} USING <g> WHERE {?s ?p ?o}",                                    "no WHERE"                                         },
    {"DELETE {?s ?p ?o} WHERE {SERVICE <http://x/> {?s ?p ?o}}",                        "SERVICE: only the descriptors themselves are read"},
    {"DELETE {?s ?p ?o}",                                                               "no WHERE"                                         },
    {"INSERT DATA {<a> <b> <c>",                                                        "no data in braces"                                },
    {"DELETE WHERE",                                                                    "no pattern in braces"                             },
    {"DELETE {} INSERT WHERE {}",                                                       "no template in braces"                            },
};

START_TEST(updates_are_split)
{
    for (size_t i = 0; i < ARRAY_LEN(updates); i++) {
        auto_str struct str got = STR_EMPTY;
        auto_str struct str prologue = STR_EMPTY;
        struct slice rest = text(updates[i].text);
        struct operation o;
        char why[100] = "";
        enum rsc rsc;

        while ((rsc = scan_operation(&rest, &prologue, &o, why, sizeof why)) == RSC_OK)
            str_addf(&got, "-%.*s+%.*s?%.*s;", (int)o.remove.n, o.remove.p, (int)o.insert.n, o.insert.p, (int)o.where.n,
                     o.where.p);
        ck_assert_msg(strcmp(rsc == RSC_ACCEPTED ? str_text(&got) : why, updates[i].operations) == 0, "%s: %s %s",
                      updates[i].text, str_text(&got), why);
    }
}
END_TEST

START_TEST(prologues_are_kept)
{
    auto_str struct str prologue = STR_EMPTY;
    struct slice rest = text("BASE <urn:b> PREFIX x: <urn:x> INSERT DATA {} ; prefix : <urn:y> INSERT DATA {}");
    struct operation o;
    char why[100];

    while (scan_operation(&rest, &prologue, &o, why, sizeof why) == RSC_OK)
        ;
    ck_assert_str_eq(str_text(&prologue), "BASE <urn:b> PREFIX x: <urn:x> prefix : <urn:y> ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scan");
    TCase *tcase = tcase_create("scan");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, takes_words);
    tcase_add_test(tcase, queries_read_nothing_else);
    tcase_add_test(tcase, updates_are_split);
    tcase_add_test(tcase, prologues_are_kept);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
