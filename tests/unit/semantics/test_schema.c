/* Validation with what an ontology says of classes above, domains, ranges and functional properties; and mashups. */
#include "task.h"

#include <check.h>

#include "leaks.h"
#include "mem.h"

#define ONTOLOGY                                                                                                                 \
    "@prefix e: <urn:e#> . @prefix o: <http://www.w3.org/2002/07/owl#> . @prefix s: <http://www.w3.org/2000/01/rdf-schema#> . "  \
    "@prefix x: <http://www.w3.org/2001/XMLSchema#> . e:Place a o:Class . e:Room a o:Class ; s:subClassOf e:Place . "            \
    "e:Kitchen a o:Class ; s:subClassOf e:Room . e:Device a o:Class ; o:disjointWith e:Place . "                                 \
    "e:Loop a o:Class ; s:subClassOf e:Loop . e:temp a o:DatatypeProperty , o:FunctionalProperty ; s:domain e:Room ; "           \
    "s:range x:double . e:label a o:DatatypeProperty ; s:range x:string . e:in a o:ObjectProperty ; s:domain e:Device ; "        \
    "s:range e:Place . e:under s:subPropertyOf e:in ; a o:ObjectProperty . e:any a o:DatatypeProperty ; s:domain [ a o:Class ] " \
    "; "                                                                                                                         \
    "s:range s:Literal . "

/* Columns: name, the descriptor, what is wrong with it (NULL: nothing). */
static const struct {
    const char *name, *text, *why;
} validations[] = {
    {"all is right",                 "<urn:k> a e:Kitchen ; e:temp 21 ; e:label 'k' . <urn:d> a e:Device ; e:under <urn:k> .", NULL                                         },
    {"a class below the domain",     "<urn:k> a e:Kitchen ; e:temp 2.5e0 .",                                                   NULL                                         },
    {"not of the domain",            "<urn:d> a e:Device ; e:temp 21 .",                                                       "<urn:e#temp> is a property of other things" },
    {"a class above the domain",     "<urn:p> a e:Place ; e:temp 21 .",                                                        "<urn:e#temp> is a property of other things" },
    {"of no class",                  "<urn:p> e:temp 21 .",                                                                    NULL                                         },
    {"of an unknown class",          "<urn:p> a <urn:other> ; e:temp 21 .",                                                    NULL                                         },
    {"of two, one is right",         "<urn:p> a e:Place , e:Room ; e:temp 21 .",                                               NULL                                         },
    {"any number is a number",       "<urn:p> a e:Room ; e:temp 21.5 .",                                                       NULL                                         },
    {"no number",                    "<urn:p> a e:Room ; e:temp 'warm' .",                                                     "<urn:e#temp> has values of another kind"    },
    {"a language is no plain text",  "<urn:p> e:label 'k'@en .",                                                               NULL                                         },
    {"a number is no text",          "<urn:p> e:label 5 .",                                                                    "<urn:e#label> has values of another kind"   },
    {"a class of the range",         "<urn:d> e:in <urn:k> . <urn:k> a e:Kitchen .",                                           NULL                                         },
    {"not of the range",             "<urn:d> e:in <urn:c> . <urn:c> a e:Device .",                                            "<urn:e#in> has values of another kind"      },
    {"range of the property above",  "<urn:d> e:under <urn:c> . <urn:c> a e:Device .",                                         "<urn:e#under> has values of another kind"   },
    {"domain of the property above", "<urn:k> a e:Kitchen ; e:under <urn:p> .",                                                "<urn:e#under> is a property of other things"},
    {"two values of one",            "<urn:k> a e:Kitchen ; e:temp 21 , 22 .",                                                 "<urn:e#temp> has one value only"            },
    {"two values of another",        "<urn:k> e:label 'a' , 'b' .",                                                            NULL                                         },
    {"disjoint above",               "<urn:k> a e:Kitchen , e:Device .",                                                       "is disjoint"                                },
    {"a circle of classes",          "<urn:k> a e:Loop , e:Kitchen .",                                                         NULL                                         },
    {"described classes",            "<urn:k> e:any 5 , 'x' .",                                                                NULL                                         },
};

static void run(const char *name, const char *verb, const char *body, int rsc, const char *text)
{
    struct task_answer answer;

    task_run(verb, (struct slice){body, strlen(body)}, &answer);
    ck_assert_msg((int)answer.rsc == rsc, "%s: %d %s", name, (int)answer.rsc, answer.why);
    ck_assert_msg(!text || strstr(rsc == 2000 ? str_text(&answer.body) : answer.why, text), "%s: %s %s", name, answer.why,
                  str_text(&answer.body));
    task_done(&answer);
}

START_TEST(test_validation)
{
    auto_free char *body =
        xasprintf("{\"set\":[{\"f\":5,\"t\":\"@prefix e: <urn:e#> . %s\"}],\"ontologies\":[{\"f\":5,\"t\":\"%s\"}]}",
                  validations[_i].text, ONTOLOGY);
    const char *why = validations[_i].why;

    run(validations[_i].name, "validate", body, why ? 4120 : 2000, why);
}
END_TEST

#define ROOM(name, temp)                                                                                                         \
    "{\"uri\":\"/id/" name "\",\"value\":" temp ",\"set\":[{\"f\":5,\"t\":\"<urn:" name "> a <urn:e#Room> .\"}]}"
#define FN(text) "{\"fn\":{\"t\":\"" text "\"}"
#define VALUES                                                                                                                   \
    FN("PREFIX m: <urn:m2m:mashup#> SELECT ?v WHERE { ?r a <urn:e#Room> . ?r m:member ?x . ?x m:value ?v } ORDER BY ?v")

/* Columns: name, body, status code, part of the answer. */
static const struct {
    const char *name, *body;
    int rsc;
    const char *text;
} mashups[] = {
    {"values of two",                                                                                                   VALUES ",\"members\":[" ROOM("a",                           "21.5") "," ROOM("b","\"19\"") "]}", 2000,
     "{\"v\":{\"type\":\"literal\",\"value\":\"19\",\"datatype\":\"http://www.w3.org/2001/XMLSchema#double\"}},{\"v\""},
    {"an average",
     FN("PREFIX m: <urn:m2m:mashup#> SELECT (AVG(?v) AS ?mean) WHERE { ?x a m:Member ; m:value ?v }") ",\"members\":[" ROOM(
         "a",                                                           "20") "," ROOM("b","30") "]}",
     2000, "\"value\":\"2.5"},
    {"with an input",
     FN("PREFIX m: <urn:m2m:mashup#> ASK { <urn:in> <urn:least> ?l . ?x m:value ?v FILTER (?v > ?l) }") ",\"input\":{\"f\":5,"
                                                                                                        "\"t\":\"<urn:in> "
                                                                                                        "<urn:least> 25 "
                                                                                                        ".\"},\"members\":[" ROOM(
                                                                                                            "a",                                                                                                                                                                          "20") "," ROOM("b",
     "30") "]}",
     2000, "\"boolean\":true"},
    {"a construction",
     FN("CONSTRUCT { <urn:result> <urn:of> ?x } WHERE { ?x a <urn:m2m:mashup#Member> }") ",\"members\":[" ROOM("a","20") "]}",
     2000,"urn:result"},
    {"a text",                                                                                                                 VALUES ",\"members\":[" ROOM("a",                                                                                                                                                            "\"warm \\\"and\\\" dry\"") "]}",2000,"warm"},
    {"no value",                                                                                                     VALUES ",\"members\":[" ROOM("a",                                                                                                                                                               "null") "]}",2000,"\"bindings\":[]"},
    {"no members",                                                                                                             VALUES ",\"members\":[]}",                                                                                                                                                                 2000,                                                                                               "\"bindings\":[]"                                                                                                                                                                                 },
    {"an address that is none",                                                                                                     VALUES ",\"members\":[{\"uri\":\"a> b\",\"value\":1,\"set\":[]}]}",2000,"\"bindings\":[]"        },
    {"no function",FN("an average") ",\"members\":[]}",4143,"neither"},
    {"function in base64","{\"fn\":{\"d\":\"QVNLIHt9\"},\"members\":[]}",     2000,"boolean"},
    {"input that is none",                                                                                                   VALUES ",\"input\":{\"f\":5,\"t\":\"nonsense\"},\"members\":[]}",                                                                                                                                                                                                                                                                                        4000,                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "not Turtle"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         },
};

START_TEST(test_mashup)
{
    run(mashups[_i].name, "mashup", mashups[_i].body, mashups[_i].rsc, mashups[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema");
    TCase *tests = tcase_create("schema");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, test_validation, 0, ARRAY_LEN(validations));
    tcase_add_loop_test(tests, test_mashup, 0, ARRAY_LEN(mashups));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
