/* JSON-LD: what statements a document stands for. */
#include "jsonld.h"

#include <check.h>

#include "leaks.h"
#include "mem.h"

#define C                                                                                                                        \
    "\"@context\":{\"e\":\"urn:e#\",\"name\":\"urn:n\",\"next\":{\"@id\":\"e:next\",\"@type\":\"@id\"},\"size\":{\"@id\":\"e:"   \
    "size\",\"@type\":\"http://www.w3.org/2001/"                                                                                 \
    "XMLSchema#float\"},\"all\":{\"@id\":\"e:all\",\"@container\":\"@list\"},\"title\":{\"@id\":\"e:title\",\"@container\":\"@"  \
    "language\"},\"id\":\"@id\",\"kind\":\"@type\",\"gone\":null}"
#define XSD "http://www.w3.org/2001/XMLSchema#"
#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

/* Columns: name, document, statements in their order, or what is wrong with it (begins with '!'). */
static const struct {
    const char *name, *document, *lines;
} cases[] = {
    {"expanded",          "[{\"@id\":\"urn:a\",\"urn:p\":[{\"@value\":\"x\"},{\"@id\":\"urn:b\"}]}]",
     "<urn:a> <urn:p> \"x\" .\n<urn:a> <urn:p> <urn:b> .\n"                                                                                                                                     },
    {"types",             "{" C ",\"@id\":\"urn:a\",\"@type\":[\"e:A\",\"urn:B\"]}",
     "<urn:a> <" RDF "type> <urn:B> .\n<urn:a> <" RDF "type> <urn:e#A> .\n"                                                                                                                     },
    {"aliases",           "{" C ",\"id\":\"urn:a\",\"kind\":\"e:A\"}",                                                          "<urn:a> <" RDF "type> <urn:e#A> .\n"                           },
    {"terms",             "{" C ",\"@id\":\"urn:a\",\"name\":\"x\",\"next\":\"e:b\",\"size\":2,\"gone\":1,\"unknown\":1}",
     "<urn:a> <urn:e#next> <urn:e#b> .\n<urn:a> <urn:e#size> \"2\"^^<" XSD "float> .\n<urn:a> <urn:n> \"x\" .\n"                                                                                },
    {"scalars",           "{\"@id\":\"urn:a\",\"urn:p\":[1,1.5,true,\"s\",null]}",
     "<urn:a> <urn:p> \"1\"^^<" XSD "integer> .\n<urn:a> <urn:p> \"1.5\"^^<" XSD
     "double> .\n<urn:a> <urn:p> \"s\" .\n<urn:a> <urn:p> \"true\"^^<" XSD "boolean> .\n"                                                                                                       },
    {"value objects",
     "{\"@id\":\"urn:a\",\"urn:p\":[{\"@value\":\"x\",\"@language\":\"en\"},{\"@value\":\"1\",\"@type\":\"urn:t\"}]}",          "<urn:a> <urn:p> \"1\"^^<urn:t> .\n<urn:a> <urn:p> \"x\"@en .\n"},
    {"language of all",
     "{\"@context\":{\"@language\":\"de\",\"p\":\"urn:p\",\"q\":{\"@id\":\"urn:q\",\"@language\":null}},\"@id\":\"urn:a\",\"p\":"
     "\"x\",\"q\":\"y\"}",                                                                                                      "<urn:a> <urn:p> \"x\"@de .\n<urn:a> <urn:q> \"y\" .\n"         },
    {"language map",      "{" C ",\"@id\":\"urn:a\",\"title\":{\"en\":\"x\",\"de\":[\"y\"]}}",
     "<urn:a> <urn:e#title> \"x\"@en .\n<urn:a> <urn:e#title> \"y\"@de .\n"                                                                                                                     },
    {"vocabulary",        "{\"@context\":{\"@vocab\":\"urn:v#\"},\"@id\":\"urn:a\",\"p\":1,\"@type\":\"T\"}",
     "<urn:a> <" RDF "type> <urn:v#T> .\n<urn:a> <urn:v#p> \"1\"^^<" XSD "integer> .\n"                                                                                                         },
    {"base",              "{\"@context\":{\"@base\":\"http://x/y/\"},\"@id\":\"z\",\"urn:p\":{\"@id\":\"#f\"}}",
     "<http://x/y/z> <urn:p> <http://x/y/#f> .\n"                                                                                                                                               },
    {"nested nodes",      "{\"@id\":\"urn:a\",\"urn:p\":{\"@id\":\"urn:b\",\"urn:q\":{\"urn:r\":1}}}",
     "<urn:a> <urn:p> <urn:b> .\n<urn:b> <urn:q> _:lb1 .\n_:lb1 <urn:r> \"1\"^^<" XSD "integer> .\n"                                                                                            },
    {"blank nodes",       "{\"@id\":\"_:x\",\"urn:p\":{\"@id\":\"_:x\"}}",                                                      "_:lnx <urn:p> _:lnx .\n"                                       },
    {"lists",             "{" C ",\"@id\":\"urn:a\",\"all\":[\"x\",\"y\"]}",
     "<urn:a> <urn:e#all> _:lb2 .\n_:lb1 <" RDF "first> \"y\" .\n_:lb1 <" RDF "rest> <" RDF "nil> .\n_:lb2 <" RDF
     "first> \"x\" .\n_:lb2 <" RDF "rest> _:lb1 .\n"                                                                                                                                            },
    {"empty list",        "{\"@id\":\"urn:a\",\"urn:p\":{\"@list\":[]}}",                                                       "<urn:a> <urn:p> <" RDF "nil> .\n"                              },
    {"sets",              "{\"@id\":\"urn:a\",\"urn:p\":{\"@set\":[\"x\"]}}",                                                   "<urn:a> <urn:p> \"x\" .\n"                                     },
    {"reverse",           "{\"@id\":\"urn:a\",\"@reverse\":{\"urn:p\":{\"@id\":\"urn:b\"}}}",                                   "<urn:b> <urn:p> <urn:a> .\n"                                   },
    {"graph",             "{" C ",\"@graph\":[{\"@id\":\"urn:a\",\"name\":\"x\"},{\"@id\":\"urn:b\",\"name\":\"y\"}]}",
     "<urn:a> <urn:n> \"x\" .\n<urn:b> <urn:n> \"y\" .\n"                                                                                                                                       },
    {"inner context",
     "{" C ",\"@id\":\"urn:a\",\"urn:p\":{\"@context\":{\"name\":\"urn:m\"},\"@id\":\"urn:b\",\"name\":\"x\"},\"name\":\"y\"}",
     "<urn:a> <urn:n> \"y\" .\n<urn:a> <urn:p> <urn:b> .\n<urn:b> <urn:m> \"x\" .\n"                                                                                                            },
    {"several contexts",  "{\"@context\":[{\"a\":\"urn:a#\"},{\"b\":\"a:b\"}],\"@id\":\"urn:x\",\"b\":1}",
     "<urn:x> <urn:a#b> \"1\"^^<" XSD "integer> .\n"                                                                                                                                            },
    {"escapes",           "{\"@id\":\"urn:a\",\"urn:p\":\"a\\\"\\n\"}",                                                         "<urn:a> <urn:p> \"a\\\"\\n\" .\n"                              },
    {"nothing",           "{}",                                                                                                 ""                                                              },
    {"terms in a circle", "{\"@context\":{\"a\":\"b\",\"b\":\"a\"},\"@id\":\"urn:x\",\"a\":1}",                                 ""                                                              },
    {"context elsewhere", "{\"@context\":\"http://127.0.0.1:9/x\",\"@id\":\"urn:a\"}",
     "!a context by reference http://127.0.0.1:9/x"                                                                                                                                             },
    {"named graph",       "{\"@id\":\"urn:g\",\"@graph\":[]}",                                                                  "!a named graph"                                                },
    {"no IRI",            "{\"@id\":\"urn:a\",\"urn:p\":{\"@id\":\"urn:a b\"}}",                                                "!no IRI: urn:a b"                                              },
    {"id that is none",   "{\"@id\":5}",                                                                                        "!@id is no reference"                                          },
    {"type that is none", "{\"@id\":\"urn:a\",\"@type\":5}",                                                                    "!@type is no text"                                             },
    {"a number",          "[5]",                                                                                                "!neither an object nor a list"                                 },
    {"list in a list",    "{\"@id\":\"urn:a\",\"urn:p\":{\"@list\":[[1]]}}",                                                    "!no value"                                                     },
};

START_TEST(reads)
{
    struct rdf *rdf = rdf_new();
    struct graph g = GRAPH_EMPTY;
    auto_str struct str lines = STR_EMPTY;
    char why[200] = "";
    enum rsc rsc = jsonld_read(rdf, &g, (struct slice){cases[_i].document, strlen(cases[_i].document)}, "l", why, sizeof why);

    graph_settle(&g);
    graph_write(&g, &lines);
    if (*cases[_i].lines == '!') {
        ck_assert_msg(rsc == RSC_BAD_REQUEST, "%s: %s", cases[_i].name, str_text(&lines));
        ck_assert_msg(strstr(why, cases[_i].lines + 1), "%s: %s", cases[_i].name, why);
    } else {
        ck_assert_msg(rsc == RSC_OK && strcmp(str_text(&lines), cases[_i].lines) == 0, "%s: %s%s", cases[_i].name, why,
                      str_text(&lines));
    }
    graph_done(&g);
    rdf_free(rdf);
}
END_TEST

/* Written in each format and read again, the statements are the same. */
START_TEST(round_trips)
{
    static const int formats[] = {RDF_XML, RDF_TURTLE, RDF_JSON_LD};
    static const char text[] =
        "<urn:a> <urn:e#p> \"x\\\"\\u00e9\\n\"@en , 5 , <urn:b> ; a <urn:e#C> . <urn:b> <urn:e#q> [ <urn:e#r> 1 ] .";
    struct rdf *rdf = rdf_new();
    struct graph first = GRAPH_EMPTY, again = GRAPH_EMPTY;
    auto_str struct str one = STR_EMPTY;
    char why[200];

    ck_assert_int_eq(rdf_read(rdf, &first, RDF_TURTLE, (struct slice){text, strlen(text)}, "x", why, sizeof why), RSC_OK);
    graph_settle(&first);
    graph_relabel(&first);
    graph_write(&first, &one);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        auto_str struct str written = STR_EMPTY;
        auto_str struct str two = STR_EMPTY;

        ck_assert_int_eq(rdf_write(rdf, &first, formats[i], &written), 0);
        ck_assert_msg(rdf_read(rdf, &again, formats[i], (struct slice){written.data, written.len}, "y", why, sizeof why) ==
                          RSC_OK,
                      "%d: %s", formats[i], why);
        graph_settle(&again);
        graph_relabel(&again);
        graph_write(&again, &two);
        ck_assert_str_eq(str_text(&one), str_text(&two));
        graph_done(&again);
    }
    graph_done(&first);
    rdf_free(rdf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jsonld");
    TCase *tcase = tcase_create("jsonld");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, reads, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, round_trips);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
