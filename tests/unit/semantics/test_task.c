/* What the service is asked: reading descriptors, matching, querying, updating and validating them. */
#include "task.h"

#include <check.h>

#include "leaks.h"
#include "mem.h"

#define TTL(text) "{\"f\":5,\"t\":\"" text "\"}"
#define LD(text) "{\"f\":7,\"t\":\"" text "\"}"
#define XML(text) "{\"f\":4,\"t\":\"" text "\"}"
#define RDF_OPEN "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:e='urn:e#'>"
#define ROOM TTL("@prefix e: <urn:e#> . <urn:room> a e:Room ; e:temp 21 ; e:name \\\"kitchen\\\"@en .")
#define HALL TTL("@prefix e: <urn:e#> . <urn:hall> a e:Hall ; e:next <urn:room> .")

/* Columns: name, verb, body, status code, answer or reason (only its beginning counts). */
static const struct task_case {
    const char *name, *verb, *body;
    int rsc;
    const char *text;
} cases[] = {
    {"turtle",                 "check",    ROOM,                                                                                               2000, ""                                   },
    {"turtle in base64",       "check",    "{\"f\":5,\"d\":\"PHVybjphPiA8dXJuOmI+IDEgLg==\"}",                                                 2000, ""                                   },
    {"empty",                  "check",    "{\"f\":5,\"d\":\"\"}",                                                                             2000, ""                                   },
    {"not base64",             "check",    "{\"f\":5,\"d\":\"?\"}",                                                                            4000, "no base64"                          },
    {"not turtle",             "check",    TTL("<urn:a> <urn:b>"),                                                                             4000, "not Turtle: line 1"                 },
    {"unknown prefix",         "check",    TTL("a:b a:c 1 ."),                                                                                 4000, "not Turtle"                         },
    {"RDF/XML",                "check",    XML(RDF_OPEN "<e:Room rdf:about='urn:r'/></rdf:RDF>"),                                              2000, ""                                   },
    {"not RDF/XML",            "check",    XML("<a><b></a>"),                                                                                  4000, "not RDF/XML"                        },
    {"turtle is no RDF/XML",   "check",    XML("<urn:a> <urn:b> 1 ."),                                                                         4000, "not RDF/XML"                        },
    {"JSON-LD",                "check",    LD("{\\\"@id\\\":\\\"urn:a\\\",\\\"urn:b\\\":1}"),                                                  2000, ""                                   },
    {"not JSON-LD",            "check",    LD("[1]"),                                                                                          4000, "not JSON-LD"                        },
    {"not JSON",               "check",    LD("{"),                                                                                            4000, "not JSON-LD"                        },
    {"functional style",       "check",    "{\"f\":2,\"t\":\"\"}",                                                                             5001, "the format 2 is not"                },
    {"OWL/XML",                "check",    "{\"f\":3,\"t\":\"\"}",                                                                             5001, "the format 3 is not"                },
    {"Manchester",             "check",    "{\"f\":6,\"t\":\"\"}",                                                                             5001, "the format 6 is not"                },

    {"a match",                "match",    "{\"smf\":[\"ASK {?s a <urn:e#Room>}\"],\"sets\":[[" ROOM "],[" HALL "]]}",                         2000, "[true,false]"                       },
    {"a selection",            "match",    "{\"smf\":[\"SELECT ?s {?s <urn:e#temp> ?t FILTER(?t > 20)}\"],\"sets\":[[" ROOM "],[" HALL "]]}",
     2000,                                                                                                                                           "[true,false]"                       },
    {"a construction",         "match",    "{\"smf\":[\"CONSTRUCT {?s <urn:x> ?t} {?s <urn:e#next> ?t}\"],\"sets\":[[" ROOM "],[" HALL "]]}",
     2000,                                                                                                                                           "[false,true]"                       },
    {"one of two queries",     "match",
     "{\"smf\":[\"ASK {?s a <urn:no>}\",\"ASK {?s a <urn:e#Hall>}\"],\"sets\":[[" ROOM "],[" HALL "]]}",                                       2000, "[false,true]"                       },
    {"with what is linked",    "match",
     "{\"smf\":[\"ASK {?h <urn:e#next> ?r . ?r <urn:e#temp> ?t}\"],\"sets\":[[" HALL "," ROOM "],[" HALL "]]}",                                2000,
     "[true,false]"                                                                                                                                                                       },
    {"optional and union",     "match",
     "{\"smf\":[\"SELECT * {{?s a <urn:e#Hall>} UNION {?s a <urn:e#Room>} OPTIONAL {?s <urn:x> ?y}}\"],\"sets\":[[" ROOM
     "],[" HALL "]]}",
     2000,                                                                                                                                           "[true,true]"                        },
    {"what cannot be read",    "match",    "{\"smf\":[\"ASK {?s ?p ?o}\"],\"sets\":[[" TTL("nonsense") "],[" ROOM "]]}",                       2000,
     "[false,true]"                                                                                                                                                                       },
    {"no descriptors",         "match",    "{\"smf\":[\"ASK {?s ?p ?o}\"],\"sets\":[]}",                                                       2000, "[]"                                 },
    {"not SPARQL",             "match",    "{\"smf\":[\"WHO?\"],\"sets\":[]}",                                                                 4143, "neither SELECT"                     },
    {"not quite SPARQL",       "match",    "{\"smf\":[\"ASK {?s ?p}\"],\"sets\":[]}",                                                          4143, ""                                   },
    {"another document",       "match",    "{\"smf\":[\"ASK FROM <file:///etc/passwd> {?s ?p ?o}\"],\"sets\":[[" ROOM "]]}",                   4143,
     "FROM:"                                                                                                                                                                              },
    {"another server",         "match",    "{\"smf\":[\"ASK {SERVICE <http://127.0.0.1:9/> {?s ?p ?o}}\"],\"sets\":[[" ROOM "]]}",             4143,
     "SERVICE:"                                                                                                                                                                           },
    {"not supported",          "match",    "{\"smf\":[\"ASK {?s ?p ?o MINUS {?s a ?c}}\"],\"sets\":[[" ROOM "]]}",                             5212, "the query cannot"                   },

    {"rows",                   "query",    "{\"smf\":\"SELECT ?s ?t ?n {?s <urn:e#temp> ?t ; <urn:e#name> ?n}\",\"set\":[" ROOM "," HALL "]}", 2000,
     "{\"head\":{\"vars\":[\"s\",\"t\",\"n\"]},\"results\":{\"bindings\":[{\"s\":{\"type\":\"uri\",\"value\":\"urn:room\"},"
     "\"t\":{\"type\":\"literal\",\"value\":\"21\",\"datatype\":\"http://www.w3.org/2001/XMLSchema#integer\"},"
     "\"n\":{\"type\":\"literal\",\"value\":\"kitchen\",\"xml:lang\":\"en\"}}]}}"                                                                                                         },
    {"across descriptors",     "query",
     "{\"smf\":\"SELECT ?t {?h <urn:e#next> ?r . ?r <urn:e#name> ?t}\",\"set\":[" HALL "," ROOM "]}",                                          2000,
     "{\"head\":{\"vars\":[\"t\"]},\"results\":{\"bindings\":[{\"t\":{\"type\":\"literal\",\"value\":\"kitchen\",\"xml:lang\":"
     "\"en\"}}]}}"                                                                                                                                                                        },
    {"blank nodes stay apart", "query",
     "{\"smf\":\"SELECT ?b {?b <urn:p> 1 ; <urn:p> 2}\",\"set\":[" TTL("_:x <urn:p> 1 .") "," TTL("_:x <urn:p> 2 .") "]}",                     2000,
     "{\"head\":{\"vars\":[\"b\"]},\"results\":{\"bindings\":[]}}"                                                                                                                        },
    {"truth",                  "query",    "{\"smf\":\"ASK {?s ?p ?o}\",\"set\":[]}",                                                          2000, "{\"head\":{},\"boolean\":false}"    },
    {"a sum",                  "query",    "{\"smf\":\"SELECT (SUM(?t) AS ?all) {?s <urn:e#temp> ?t}\",\"set\":[" ROOM "]}",                   2000,
     "{\"head\":{\"vars\":[\"all\"]},\"results\":{\"bindings\":[{\"all\":{\"type\":\"literal\",\"value\":\"21\",\"datatype\":"
     "\"http://www.w3.org/2001/XMLSchema#integer\"}}]}}"                                                                                                                                  },
    {"everything",             "query",    "{\"smf\":\"SELECT * {?s a ?c FILTER(?c = <urn:e#Hall>)}\",\"set\":[" HALL "]}",                    2000,
     "{\"head\":{\"vars\":[\"s\",\"c\"]},\"results\":{\"bindings\":[{\"s\":{\"type\":\"uri\",\"value\":\"urn:hall\"},\"c\":{"
     "\"type\":\"uri\",\"value\":\"urn:e#Hall\"}}]}}"                                                                                                                                     },
    {"no rows",                "query",    "{\"smf\":\"SELECT ?s {?s a <urn:x>}\",\"set\":[" ROOM "]}",                                        2000,
     "{\"head\":{\"vars\":[\"s\"]},\"results\":{\"bindings\":[]}}"                                                                                                                        },
    {"unbound",                "query",    "{\"smf\":\"SELECT ?s ?x {?s a <urn:e#Hall> OPTIONAL {?s <urn:none> ?x}}\",\"set\":[" HALL "]}",    2000,
     "{\"head\":{\"vars\":[\"s\",\"x\"]},\"results\":{\"bindings\":[{\"s\":{\"type\":\"uri\",\"value\":\"urn:hall\"}}]}}"                                                                 },
    {"statements",             "query",    "{\"smf\":\"CONSTRUCT {?r <urn:of> ?h} {?h <urn:e#next> ?r}\",\"set\":[" HALL "]}",                 2000,
     "\"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\\n\\n<urn:room>\\n    <urn:of> <urn:hall> .\\n\\n\""                                                                 },

    {"no statements",          "query",    "{\"smf\":\"CONSTRUCT {} {?s ?p ?o}\",\"set\":[" HALL "]}",                                         2000,
     "\"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\\n\\n\""                                                                                                             },
    {"insert nothing",         "update",   "{\"f\":5,\"t\":\"\",\"soe\":\"INSERT DATA {} ; DELETE {} WHERE {}\"}",                             2000,
     "{\"t\":\"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\\n\\n\"}"                                                                                                     },
    {"insert",                 "update",   "{\"f\":5,\"t\":\"<urn:a> <urn:p> 1 .\",\"soe\":\"INSERT DATA {<urn:a> <urn:p> 2}\"}",              2000,
     "{\"t\":\"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\\n\\n<urn:a>\\n    <urn:p> 1, 2 .\\n\\n\"}"                                                                   },
    {"bad update",             "update",   "{\"f\":5,\"t\":\"\",\"soe\":\"CLEAR ALL\"}",                                                       4143, "neither INSERT nor"                 },
    {"nothing to do",          "update",   "{\"f\":5,\"t\":\"\",\"soe\":\" \"}",                                                               4143, "no operation"                       },
    {"named graph",            "update",   "{\"f\":5,\"t\":\"\",\"soe\":\"INSERT DATA {GRAPH <urn:g> {<urn:a> <urn:b> 1}}\"}",                 4143, ""                                   },

#define ONTOLOGY                                                                                                                 \
    TTL("@prefix o: <http://www.w3.org/2002/07/owl#> . @prefix e: <urn:e#> . e:Room a o:Class ; o:disjointWith e:Hall . e:Hall " \
        "a o:Class . e:temp a o:DatatypeProperty . e:next a o:ObjectProperty .")
#define VALIDATE(d) "{\"set\":[" TTL("@prefix e: <urn:e#> . " d) "],\"ontologies\":[" ONTOLOGY "]}"
    {"valid",                  "validate",
     VALIDATE("<urn:r> a e:Room ; e:temp 5 ; e:next <urn:h> ; <urn:other> 1 . <urn:h> a e:Hall , <urn:other> ."),                              2000, ""                                   },
    {"unknown class",          "validate", VALIDATE("<urn:r> a e:Rom ."),                                                                      4120, "<urn:e#Rom> is not in the ontology" },
    {"unknown property",       "validate", VALIDATE("<urn:r> e:temperature 5 ."),                                                              4120, "<urn:e#temperature> is not in"      },
    {"literal for a resource", "validate", VALIDATE("<urn:r> e:next \\\"hall\\\" ."),                                                          4120, "<urn:e#next> is an object property" },
    {"resource for a literal", "validate", VALIDATE("<urn:r> e:temp <urn:t> ."),                                                               4120, "<urn:e#temp> is a datatype property"},
    {"disjoint classes",       "validate", VALIDATE("<urn:r> a e:Hall , e:Room ."),                                                            4120, "<urn:e#Hall> is disjoint"           },
    {"no ontologies",          "validate", "{\"set\":[" ROOM "],\"ontologies\":[]}",                                                           2000, ""                                   },
    {"unreadable ontology",    "validate", "{\"set\":[" ROOM "],\"ontologies\":[" TTL("?") "]}",                                               4118, "not Turtle"                         },

    {"no such verb",           "sing",     "{}",                                                                                               4000, ""                                   },
    {"no JSON",                "check",    "{",                                                                                                4000, ""                                   },
    {"no object",              "check",    "[]",                                                                                               4000, ""                                   },
};

START_TEST(answers)
{
    const struct task_case *c = &cases[_i];
    struct task_answer answer;
    const char *text;

    task_run(c->verb, (struct slice){c->body, strlen(c->body)}, &answer);
    text = answer.rsc == RSC_OK ? str_text(&answer.body) : answer.why;
    ck_assert_msg((int)answer.rsc == c->rsc, "%s: %d %s", c->name, (int)answer.rsc, text);
    if (answer.rsc == RSC_OK)
        ck_assert_msg(strcmp(text, c->text) == 0, "%s: %s", c->name, text);
    else
        ck_assert_msg(strncmp(text, c->text, strlen(c->text)) == 0, "%s: %s", c->name, text);
    task_done(&answer);
}
END_TEST

/* Updates, checked by asking the result. Columns: name, descriptor, update, what is true behind it. */
static const struct {
    const char *name, *turtle, *soe, *then;
} updates[] = {
    {"insert data",       "<urn:a> <urn:p> 1 .",                        "INSERT DATA {<urn:a> <urn:q> 'x'@en}",                                              "ASK {<urn:a> <urn:p> 1 ; <urn:q> 'x'@en}"                                                   },
    {"twice is once",     "<urn:a> <urn:p> 1 .",                        "INSERT DATA {<urn:a> <urn:p> 1}",
     "ASK {{SELECT (COUNT(*) AS ?n) {?s ?p ?o}} FILTER(?n = 1)}"                                                                                                                                                                                          },
    {"delete data",       "<urn:a> <urn:p> 1, 2 .",                     "DELETE DATA {<urn:a> <urn:p> 1}",
     "ASK {<urn:a> <urn:p> 2 OPTIONAL {<urn:a> ?q 1} FILTER(!BOUND(?q))}"                                                                                                                                                                                 },
    {"delete where",      "<urn:a> <urn:p> 1, 2 . <urn:b> <urn:q> 3 .", "DELETE WHERE {?s <urn:p> ?o}",
     "ASK {{SELECT (COUNT(*) AS ?n) {?s ?p ?o}} FILTER(?n = 1)}"                                                                                                                                                                                          },
    {"replace",           "<urn:a> <urn:p> 1 .",                        "DELETE {?s <urn:p> ?o} INSERT {?s <urn:p> 5} WHERE {?s <urn:p> ?o}",
     "ASK {<urn:a> <urn:p> 5 OPTIONAL {<urn:a> ?q 1} FILTER(!BOUND(?q))}"                                                                                                                                                                                 },
    {"one after another", "",                                           "PREFIX x: <urn:> INSERT DATA {x:a x:p x:b} ; INSERT {?o x:q ?s} WHERE {?s x:p ?o}",
     "ASK {<urn:b> <urn:q> <urn:a>}"                                                                                                                                                                                                                      },
    {"blank nodes",       "_:k <urn:p> 1 .",
     "INSERT {?s <urn:q> [<urn:r> 2]} WHERE {?s <urn:p> 1} ; INSERT {?s <urn:q> [<urn:r> 3]} WHERE {?s <urn:p> 1}",                                          "ASK {?s <urn:p> 1 ; <urn:q> ?a, ?b . ?a <urn:r> 2 . ?b <urn:r> 3 FILTER(!sameTerm(?a, ?b))}"},
    {"delete at a blank", "_:k <urn:p> 1 ; <urn:q> 2 .",                "DELETE {?s <urn:q> ?o} WHERE {?s <urn:p> 1 ; <urn:q> ?o}",
     "ASK {?s <urn:p> 1 OPTIONAL {?s ?q 2} FILTER(!BOUND(?q))}"                                                                                                                                                                                           },
    {"a filter",          "<urn:a> <urn:p> 1, 9 .",                     "DELETE {?s <urn:p> ?o} WHERE {?s <urn:p> ?o FILTER(?o > 5)}",
     "ASK {<urn:a> <urn:p> 1 OPTIONAL {<urn:a> ?q 9} FILTER(!BOUND(?q))}"                                                                                                                                                                                 },
};

static char *escaped(const char *text)
{
    struct str out = STR_EMPTY;

    str_json(&out, text);
    return str_take(&out);
}

START_TEST(changes)
{
    auto_free char *turtle = escaped(updates[_i].turtle), *soe = escaped(updates[_i].soe), *then = escaped(updates[_i].then);
    auto_free char *convert = xasprintf("{\"f\":5,\"t\":%s,\"soe\":%s}", turtle, soe);
    struct task_answer answer, truth;

    task_run("update", (struct slice){convert, strlen(convert)}, &answer);
    ck_assert_msg(answer.rsc == RSC_OK, "%s: %s", updates[_i].name, answer.why);
    {
        /* {"t":"..."} becomes a descriptor. */
        auto_free char *ask = xasprintf("{\"smf\":%s,\"set\":[{\"f\":5,%s]}", then, str_text(&answer.body) + 1);

        task_run("query", (struct slice){ask, strlen(ask)}, &truth);
    }
    ck_assert_msg(truth.rsc == RSC_OK && strstr(str_text(&truth.body), "true"), "%s: %s%s %s", updates[_i].name, truth.why,
                  str_text(&truth.body), str_text(&answer.body));
    task_done(&answer);
    task_done(&truth);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("task");
    TCase *tcase = tcase_create("task");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, answers, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, changes, 0, ARRAY_LEN(updates));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
