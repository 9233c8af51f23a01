#include "task.h"

#include "json.h"
#include "sparql.h"
#include "validate.h"

#include <openssl/evp.h>

#include "mem.h"

struct task {
    struct rdf *rdf;
    const json_t *body;
    struct task_answer *answer;
};

static enum rsc refuse(struct task *task, enum rsc rsc, const char *why)
{
    snprintf(task->answer->why, sizeof task->answer->why, "%s", why);
    return rsc;
}

/* ---- descriptors: {"f":FORMAT,"d":"BASE64"} or {"f":FORMAT,"t":"TEXT"} ---- */

static bool decode(const char *text, size_t len, struct str *out)
{
    int n;

    if (len % 4 != 0)
        return false;
    str_reserve(out, len / 4 * 3 + 1);
    n = EVP_DecodeBlock((unsigned char *)out->data, (const unsigned char *)text, (int)len);
    if (n < 0)
        return false;
    for (size_t i = len; i > 0 && text[i - 1] == '='; i--)
        n--;
    out->len = (size_t)(n > 0 ? n : 0);
    out->data[out->len] = 0;
    return true;
}

/* Appends. */
static void encode(const struct str *text, struct str *out)
{
    str_reserve(out, (text->len + 2) / 3 * 4);
    out->len +=
        (size_t)EVP_EncodeBlock((unsigned char *)out->data + out->len, (const unsigned char *)str_text(text), (int)text->len);
}

static enum rsc read_text(struct task *task, const json_t *descriptor, struct str *text)
{
    const json_t *coded = json_object_get(descriptor, "d"), *plain = json_object_get(descriptor, "t");

    if (json_is_string(plain))
        str_add(text, json_string_value(plain), json_string_length(plain));
    else if (!json_is_string(coded) || !decode(json_string_value(coded), json_string_length(coded), text))
        return refuse(task, RSC_BAD_REQUEST, "no base64");
    return RSC_OK;
}

static enum rsc read_descriptor(struct task *task, const json_t *descriptor, const char *label, struct graph *g)
{
    auto_str struct str text = STR_EMPTY;
    int format = (int)json_int(descriptor, "f", 0);
    enum rsc rsc = read_text(task, descriptor, &text);

    if (rsc != RSC_OK)
        return rsc;
    return rdf_read(task->rdf, g, format, (struct slice){str_text(&text), text.len}, label, task->answer->why,
                    sizeof task->answer->why);
}

/* All of a list in one graph, each with blank nodes of its own. What cannot be read is left out unless `strict`. */
static enum rsc read_set(struct task *task, const json_t *set, bool strict, struct graph *g)
{
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < json_array_size(set) && (rsc == RSC_OK || !strict); i++) {
        auto_free char *label = xasprintf("d%zu", i);

        rsc = read_descriptor(task, json_array_get(set, i), label, g);
    }
    graph_settle(g);
    return strict ? rsc : RSC_OK;
}

static struct slice text_of(const json_t *value)
{
    return (struct slice){json_string_value(value), json_string_length(value)};
}

/* ---- the verbs ---- */

static enum rsc check(struct task *task)
{
    struct graph g = GRAPH_EMPTY;
    enum rsc rsc = read_descriptor(task, task->body, "d", &g);

    graph_done(&g);
    return rsc;
}

/* Does one of the queries match the set? */
static enum rsc match_set(struct task *task, const json_t *set, bool *yes)
{
    const json_t *queries = json_object_get(task->body, "smf");
    struct graph g = GRAPH_EMPTY;
    enum rsc rsc = read_set(task, set, false, &g);

    *yes = false;
    for (size_t i = 0; i < json_array_size(queries) && rsc == RSC_OK && !*yes; i++)
        rsc = sparql_match(task->rdf, text_of(json_array_get(queries, i)), &g, yes, task->answer->why, sizeof task->answer->why);
    graph_done(&g);
    return rsc;
}

static enum rsc match(struct task *task)
{
    const json_t *sets = json_object_get(task->body, "sets"), *queries = json_object_get(task->body, "smf");
    struct str *out = &task->answer->body;
    enum rsc rsc = RSC_OK;
    bool yes = false;

    /* A query that is none is refused even if there is nothing to look at. */
    for (size_t i = 0; i < json_array_size(queries) && rsc == RSC_OK; i++)
        rsc = sparql_check(task->rdf, text_of(json_array_get(queries, i)), task->answer->why, sizeof task->answer->why);
    str_putc(out, '[');
    for (size_t i = 0; i < json_array_size(sets) && rsc == RSC_OK; i++) {
        rsc = match_set(task, json_array_get(sets, i), &yes);
        str_addf(out, "%s%s", i > 0 ? "," : "", yes ? "true" : "false");
    }
    str_putc(out, ']');
    return rsc;
}

static enum rsc query(struct task *task)
{
    struct graph g = GRAPH_EMPTY;
    enum rsc rsc = read_set(task, json_object_get(task->body, "set"), false, &g);

    if (rsc == RSC_OK)
        rsc = sparql_answer(task->rdf, text_of(json_object_get(task->body, "smf")), &g, &task->answer->body, task->answer->why,
                            sizeof task->answer->why);
    graph_done(&g);
    return rsc;
}

static enum rsc update(struct task *task)
{
    auto_str struct str text = STR_EMPTY;
    struct graph g = GRAPH_EMPTY;
    enum rsc rsc = read_descriptor(task, task->body, "d", &g);
    struct str *out = &task->answer->body;

    if (rsc == RSC_OK)
        rsc = sparql_update(task->rdf, text_of(json_object_get(task->body, "soe")), &g, task->answer->why,
                            sizeof task->answer->why);
    if (rsc == RSC_OK) {
        graph_relabel(&g);
        if (rdf_write(task->rdf, &g, (int)json_int(task->body, "f", 0), &text) < 0)
            rsc = refuse(task, RSC_SPARQL_UPDATE_ERROR, "the result cannot be written in the descriptor's format");
    }
    if (rsc == RSC_OK && json_object_get(task->body, "t")) {
        str_puts(out, "{\"t\":");
        str_json_n(out, str_text(&text), text.len);
        str_putc(out, '}');
    } else if (rsc == RSC_OK) {
        str_puts(out, "{\"d\":\"");
        encode(&text, out);
        str_puts(out, "\"}");
    }
    graph_done(&g);
    return rsc;
}

static enum rsc validate_set(struct task *task)
{
    struct graph descriptor = GRAPH_EMPTY, ontology = GRAPH_EMPTY;
    enum rsc rsc = read_set(task, json_object_get(task->body, "set"), true, &descriptor);

    if (rsc == RSC_OK && read_set(task, json_object_get(task->body, "ontologies"), true, &ontology) != RSC_OK)
        rsc = RSC_ONTOLOGY_NOT_AVAILABLE;
    if (rsc == RSC_OK && !validate(&descriptor, &ontology, task->answer->why, sizeof task->answer->why))
        rsc = RSC_INVALID_SEMANTICS;
    graph_done(&descriptor);
    graph_done(&ontology);
    return rsc;
}

/* ---- mashups: what the members are, and their values, in one graph, and a query over it ---- */

#define MASHUP_NS "urn:m2m:mashup#"

/* Of a number, or a text that is one: a double; of another text a string. False: no value. */
static bool put_value(struct str *line, const json_t *value)
{
    const char *text = json_string_value(value);
    char *end = NULL;
    double number = text ? strtod(text, &end) : json_number_value(value);

    if (json_is_boolean(value)) {
        str_puts(line, json_is_true(value) ? "\"true\"" : "\"false\"");
        str_puts(line, "^^<http://www.w3.org/2001/XMLSchema#boolean>");
    } else if (json_is_number(value) || (text && *text && *end == '\0' && number - number == 0)) {
        str_addf(line, "\"%.15g\"^^<http://www.w3.org/2001/XMLSchema#double>", number);
    } else if (text) {
        for (str_putc(line, '"'); *text; text++) {
            if (*text == '"' || *text == '\\')
                str_putc(line, '\\');
            str_putc(line, (unsigned char)*text < ' ' ? ' ' : *text);
        }
        str_putc(line, '"');
    }
    return json_is_boolean(value) || json_is_number(value) || text;
}

static bool is_iri(const char *uri)
{
    return uri && *uri && !uri[strcspn(uri, "<>\"{}|^`\\ ")];
}

/* That the member is one, what its value is, and what its descriptors are about. */
static void add_member(struct graph *g, const char *uri, const json_t *value, const struct graph *about)
{
    auto_free char *iri = xasprintf("<urn:m2m:%s>", uri); /* an address alone would be relative */
    auto_str struct str line = STR_EMPTY;

    graph_take(g, xasprintf("%s <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <" MASHUP_NS "Member> .", iri));
    graph_take(g, xasprintf("%s <" MASHUP_NS "address> \"%s\" .", iri, uri));
    str_addf(&line, "%s <" MASHUP_NS "value> ", iri);
    if (put_value(&line, value)) {
        str_puts(&line, " .");
        graph_take(g, str_take(&line));
    }
    for (size_t i = 0; i < about->count; i++) {
        struct statement s = graph_statement(about->lines[i]);

        graph_take(g, xasprintf("%.*s <" MASHUP_NS "member> %s .", (int)s.subject.n, s.subject.p, iri));
    }
    graph_add_all(g, about);
}

static void read_members(struct task *task, const json_t *members, struct graph *g)
{
    for (size_t i = 0; i < json_array_size(members); i++) {
        const json_t *member = json_array_get(members, i), *set = json_object_get(member, "set");
        struct graph about = GRAPH_EMPTY;

        for (size_t k = 0; k < json_array_size(set); k++) {
            auto_free char *label = xasprintf("m%zux%zu", i, k);

            read_descriptor(task, json_array_get(set, k), label, &about);
        }
        task->answer->why[0] = '\0'; /* what cannot be read does not count */
        if (is_iri(json_str(member, "uri")))
            add_member(g, json_str(member, "uri"), json_object_get(member, "value"), &about);
        graph_done(&about);
    }
}

static enum rsc mashup(struct task *task)
{
    const json_t *input = json_object_get(task->body, "input");
    auto_str struct str function = STR_EMPTY;
    struct graph g = GRAPH_EMPTY;
    enum rsc rsc = read_text(task, json_object_get(task->body, "fn"), &function);

    read_members(task, json_object_get(task->body, "members"), &g);
    if (rsc == RSC_OK && input)
        rsc = read_descriptor(task, input, "in", &g);
    graph_settle(&g);
    if (rsc == RSC_OK)
        rsc = sparql_answer(task->rdf, (struct slice){str_text(&function), function.len}, &g, &task->answer->body,
                            task->answer->why, sizeof task->answer->why);
    graph_done(&g);
    return rsc;
}

static const struct verb {
    const char *name;
    enum rsc (*run)(struct task *task);
} verbs[] = {
    {"check",    check       },
    {"mashup",   mashup      },
    {"match",    match       },
    {"query",    query       },
    {"update",   update      },
    {"validate", validate_set},
};

static const struct verb *find(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

bool task_known(const char *verb)
{
    return find(verb) != NULL;
}

void task_run(const char *verb, struct slice body, struct task_answer *answer)
{
    const struct verb *found = find(verb);
    json_auto_t *parsed = NULL;
    struct task task = {.answer = answer};

    *answer = (struct task_answer){.rsc = RSC_BAD_REQUEST};
    parsed = json_parse(body.p, body.n, answer->why, sizeof answer->why);
    if (!found || !json_is_object(parsed))
        return;
    task.rdf = rdf_new();
    task.body = parsed;
    answer->rsc = found->run(&task);
    rdf_free(task.rdf);
}

void task_done(struct task_answer *answer)
{
    str_done(&answer->body);
}
