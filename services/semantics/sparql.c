#include "sparql.h"

#include "scan.h"

#include "mem.h"

/* A query under way. */
struct run {
    struct rdf *rdf;
    rasqal_query *query;
    struct str lines; /* the statements, read from `in` when the query is executed */
    raptor_iostream *in;
    rasqal_query_results *results;
};

static void run_done(struct run *run)
{
    rasqal_free_query_results(run->results);
    rasqal_free_query(run->query);
    raptor_free_iostream(run->in);
    str_done(&run->lines);
}

/* A pattern that asks another server: the words have been looked at before, this is what the parser made of them. */
static int find_service(rasqal_query *query, rasqal_graph_pattern *pattern, void *user)
{
    (void)query;
    if (rasqal_graph_pattern_get_operator(pattern) != RASQAL_GRAPH_PATTERN_OPERATOR_SERVICE)
        return 0;
    *(bool *)user = true;
    return 1;
}

static bool reads_elsewhere(rasqal_query *query)
{
    raptor_sequence *graphs = rasqal_query_get_data_graph_sequence(query);
    bool service = false;

    rasqal_query_graph_pattern_visit2(query, find_service, &service);
    return service || (graphs && raptor_sequence_size(graphs) > 0);
}

static enum rsc prepare(struct run *run, struct rdf *rdf, struct slice text, char *why, size_t why_size)
{
    auto_free char *copy = xstrndup(text.p, text.n);
    enum rsc rsc = scan_query(text, why, why_size);

    *run = (struct run){.rdf = rdf};
    rdf_clear(rdf);
    if (rsc != RSC_OK)
        return rsc;
    run->query = rasqal_new_query(rdf->rasqal, "sparql11-query", NULL);
    if (!run->query || rasqal_query_prepare(run->query, (const unsigned char *)copy, rdf->base) != 0) {
        snprintf(why, why_size, "%s", rdf->problem[0] ? rdf->problem : "not a SPARQL query");
        return RSC_INVALID_SPARQL_QUERY;
    }
    if (reads_elsewhere(run->query)) {
        snprintf(why, why_size, "only the descriptors themselves are read");
        return RSC_INVALID_SPARQL_QUERY;
    }
    rasqal_query_set_feature(run->query, RASQAL_FEATURE_NO_NET, 1);
    return RSC_OK;
}

static enum rsc execute(struct run *run, const struct graph *g, char *why, size_t why_size)
{
    rasqal_data_graph *data;

    graph_write(g, &run->lines);
    run->in = raptor_new_iostream_from_string(run->rdf->raptor, (void *)str_text(&run->lines), run->lines.len);
    data = rasqal_new_data_graph_from_iostream(run->rdf->rasqal, run->in, run->rdf->base, NULL, RASQAL_DATA_GRAPH_BACKGROUND,
                                               NULL, "ntriples", NULL);
    if (data && rasqal_query_add_data_graph(run->query, data) == 0)
        run->results = rasqal_query_execute(run->query);
    if (run->results)
        return RSC_OK;
    snprintf(why, why_size, "the query cannot be carried out: %s",
             run->rdf->problem[0] ? run->rdf->problem : "something that it uses is not supported");
    return RSC_SPARQL_UPDATE_ERROR;
}

static enum rsc start(struct run *run, struct rdf *rdf, struct slice query, const struct graph *g, char *why, size_t why_size)
{
    enum rsc rsc = prepare(run, rdf, query, why, why_size);

    return rsc == RSC_OK ? execute(run, g, why, why_size) : rsc;
}

enum rsc sparql_check(struct rdf *rdf, struct slice query, char *why, size_t why_size)
{
    struct run run;
    enum rsc rsc = prepare(&run, rdf, query, why, why_size);

    run_done(&run);
    return rsc;
}

/* The current statement of a CONSTRUCT; NULL behind the last. A template without statements is more than the library bears. */
static raptor_statement *current_statement(struct run *run)
{
    raptor_sequence *template = rasqal_query_get_construct_triples_sequence(run->query);

    return template && raptor_sequence_size(template) > 0 ? rasqal_query_results_get_triple(run->results) : NULL;
}

enum rsc sparql_match(struct rdf *rdf, struct slice query, const struct graph *g, bool *yes, char *why, size_t why_size)
{
    struct run run;
    enum rsc rsc = start(&run, rdf, query, g, why, why_size);

    if (rsc == RSC_OK) {
        if (rasqal_query_results_is_boolean(run.results))
            *yes = rasqal_query_results_get_boolean(run.results) > 0;
        else if (rasqal_query_results_is_graph(run.results))
            *yes = current_statement(&run) != NULL;
        else
            *yes = !rasqal_query_results_finished(run.results);
    }
    run_done(&run);
    return rsc;
}

/* ---- results ---- */

static void put_member(struct str *json, const char *name, const void *text, size_t len)
{
    str_addf(json, ",\"%s\":", name);
    str_json_n(json, text, len);
}

static void put_binding(struct str *json, rasqal_literal *value)
{
    raptor_uri *datatype = rasqal_literal_datatype(value);
    const unsigned char *text;
    size_t len = 0;

    if (value->type == RASQAL_LITERAL_URI) {
        text = raptor_uri_as_counted_string(value->value.uri, &len);
        str_puts(json, "{\"type\":\"uri\"");
    } else {
        text = rasqal_literal_as_counted_string(value, &len, 0, NULL);
        str_puts(json, value->type == RASQAL_LITERAL_BLANK ? "{\"type\":\"bnode\"" : "{\"type\":\"literal\"");
    }
    put_member(json, "value", text ? (const char *)text : "", text ? len : 0);
    if (value->language)
        put_member(json, "xml:lang", value->language, strlen(value->language));
    else if (datatype && value->type != RASQAL_LITERAL_URI && value->type != RASQAL_LITERAL_BLANK) {
        text = raptor_uri_as_counted_string(datatype, &len);
        put_member(json, "datatype", text, len);
    }
    str_putc(json, '}');
}

static void put_row(struct str *json, rasqal_query_results *results)
{
    int count = rasqal_query_results_get_bindings_count(results);
    const char *between = "{";

    for (int i = 0; i < count; i++) {
        rasqal_literal *value = rasqal_query_results_get_binding_value(results, i);

        if (!value)
            continue;
        str_puts(json, between);
        str_json(json, (const char *)rasqal_query_results_get_binding_name(results, i));
        str_putc(json, ':');
        put_binding(json, value);
        between = ",";
    }
    str_puts(json, *between == '{' ? "{}" : "}");
}

/* The names of the variables asked for: results without rows do not know them. */
static void put_variables(struct str *json, rasqal_query *query)
{
    raptor_sequence *variables = rasqal_query_get_bound_variable_sequence(query);

    for (int i = 0; variables && i < raptor_sequence_size(variables); i++) {
        const rasqal_variable *variable = raptor_sequence_get_at(variables, i);

        str_puts(json, i > 0 ? "," : "");
        str_json(json, (const char *)variable->name);
    }
}

static bool put_rows(struct str *json, rasqal_query *query, rasqal_query_results *results)
{
    const char *between = "";

    str_puts(json, "{\"head\":{\"vars\":[");
    put_variables(json, query);
    str_puts(json, "]},\"results\":{\"bindings\":[");
    for (; !rasqal_query_results_finished(results); rasqal_query_results_next(results)) {
        str_puts(json, between);
        put_row(json, results);
        between = ",";
        if (json->len > SPARQL_RESULT_MAX)
            return false;
    }
    str_puts(json, "]}}");
    return true;
}

/* The statements that a CONSTRUCT gives. False if they are too many. */
static bool gather(struct run *run, struct graph *g)
{
    size_t bytes = 0;
    raptor_statement *statement;

    while ((statement = current_statement(run))) {
        char *line = rdf_line(run->rdf, statement);

        if (line) {
            graph_take(g, line);
            bytes += strlen(line);
        }
        if (bytes > SPARQL_RESULT_MAX)
            return false;
        if (rasqal_query_results_next_triple(run->results) != 0)
            break;
    }
    graph_settle(g);
    return true;
}

static bool put_statements(struct str *json, struct run *run)
{
    auto_str struct str turtle = STR_EMPTY;
    struct graph g = GRAPH_EMPTY;
    bool fits = gather(run, &g) && rdf_write(run->rdf, &g, RDF_TURTLE, &turtle) == 0;

    graph_done(&g);
    if (fits)
        str_json_n(json, str_text(&turtle), turtle.len);
    return fits;
}

enum rsc sparql_answer(struct rdf *rdf, struct slice query, const struct graph *g, struct str *json, char *why, size_t why_size)
{
    struct run run;
    enum rsc rsc = start(&run, rdf, query, g, why, why_size);
    bool fits = true;

    if (rsc != RSC_OK)
        ;
    else if (rasqal_query_results_is_boolean(run.results))
        str_addf(json, "{\"head\":{},\"boolean\":%s}", rasqal_query_results_get_boolean(run.results) > 0 ? "true" : "false");
    else if (rasqal_query_results_is_graph(run.results))
        fits = put_statements(json, &run);
    else
        fits = put_rows(json, run.query, run.results);
    run_done(&run);
    if (fits)
        return rsc;
    snprintf(why, why_size, "the result is larger than %d bytes", SPARQL_RESULT_MAX);
    return RSC_SPARQL_UPDATE_ERROR;
}

/* ---- updates ---- */

/* What a template makes of the solutions of a pattern: both are what a CONSTRUCT consists of. */
static enum rsc construct(struct rdf *rdf, const struct str *prologue, struct slice template, struct slice where,
                          const struct graph *g, struct graph *out, char *why, size_t why_size)
{
    auto_str struct str text = STR_EMPTY;
    struct run run;
    enum rsc rsc;

    if (!template.p)
        return RSC_OK;
    str_addf(&text, "%s\nCONSTRUCT {", str_text(prologue));
    str_add(&text, template.p, template.n);
    str_puts(&text, "\n}\nWHERE {");
    str_add(&text, where.p, where.n);
    str_puts(&text, "\n}");
    rsc = start(&run, rdf, (struct slice){text.data, text.len}, g, why, why_size);
    if (rsc == RSC_OK && !rasqal_query_results_is_graph(run.results))
        rsc = RSC_INVALID_SPARQL_QUERY;
    if (rsc == RSC_OK && !gather(&run, out)) {
        snprintf(why, why_size, "the change is larger than %d bytes", SPARQL_RESULT_MAX);
        rsc = RSC_SPARQL_UPDATE_ERROR;
    }
    run_done(&run);
    return rsc;
}

/*
 * Blank nodes that a template made have ids of rasqal, beginning with "r"; the next operation would make the same ones. Those of
 * descriptors begin with their label.
 */
static char *rename_blanks(const char *line, int operation)
{
    struct statement s = graph_statement(line);
    const struct slice terms[] = {s.subject, s.predicate, s.object};
    auto_str struct str out = STR_EMPTY;

    for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
        bool fresh = terms[i].n > 3 && memcmp(terms[i].p, "_:r", 3) == 0;

        if (fresh)
            str_addf(&out, "_:u%d", operation);
        str_add(&out, terms[i].p + (fresh ? 2 : 0), terms[i].n - (fresh ? 2 : 0));
        str_putc(&out, ' ');
    }
    str_putc(&out, '.');
    return str_take(&out);
}

static enum rsc apply(struct rdf *rdf, const struct str *prologue, const struct operation *o, int number, struct graph *g,
                      char *why, size_t why_size)
{
    struct graph removed = GRAPH_EMPTY, inserted = GRAPH_EMPTY;
    enum rsc rsc = construct(rdf, prologue, o->remove, o->where, g, &removed, why, why_size);

    if (rsc == RSC_OK)
        rsc = construct(rdf, prologue, o->insert, o->where, g, &inserted, why, why_size);
    if (rsc == RSC_OK) {
        graph_remove_all(g, &removed);
        for (size_t i = 0; i < inserted.count; i++)
            graph_take(g, rename_blanks(inserted.lines[i], number));
        graph_settle(g);
    }
    graph_done(&removed);
    graph_done(&inserted);
    return rsc;
}

enum rsc sparql_update(struct rdf *rdf, struct slice update, struct graph *g, char *why, size_t why_size)
{
    auto_str struct str prologue = STR_EMPTY;
    struct graph work = GRAPH_EMPTY, old = *g;
    struct operation operation;
    enum rsc rsc = RSC_OK;
    int count = 0;

    graph_add_all(&work, g);
    graph_settle(&work);
    while (rsc == RSC_OK) {
        rsc = scan_operation(&update, &prologue, &operation, why, why_size);
        if (rsc == RSC_OK)
            rsc = apply(rdf, &prologue, &operation, ++count, &work, why, why_size);
    }
    if (rsc == RSC_ACCEPTED && count == 0) {
        snprintf(why, why_size, "no operation");
        rsc = RSC_INVALID_SPARQL_QUERY;
    }
    if (rsc != RSC_ACCEPTED) {
        graph_done(&work);
        return rsc;
    }
    *g = work;
    graph_done(&old);
    return RSC_OK;
}
