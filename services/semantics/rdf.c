#include "rdf.h"

#include "jsonld.h"

#include "mem.h"

/* What relative references in a descriptor are resolved against. */
static const char base_uri[] = "urn:m2m:descriptor";

/* Formats that raptor knows, by m2m:semanticFormat. */
static const struct {
    const char *parser, *serializer;
} formats[] = {
    [RDF_XML] = {"rdfxml", "rdfxml-abbrev"},
    [RDF_TURTLE] = {"turtle", "turtle"       },
};

static void note(struct rdf *rdf, int line, const char *text)
{
    if (rdf->problem[0])
        return;
    if (line > 0)
        snprintf(rdf->problem, sizeof rdf->problem, "line %d: %s", line, text);
    else
        snprintf(rdf->problem, sizeof rdf->problem, "%s", text);
}

static void on_log(void *user, raptor_log_message *message)
{
    if (strstr(message->text, "ut of memory"))
        abort(); /* as xmalloc() would: what a library says after that means nothing */
    if (message->level >= RAPTOR_LOG_LEVEL_ERROR)
        note(user, message->locator ? message->locator->line : 0, message->text);
}

/* Ids of blank nodes: those of a descriptor become its own; those of statements that have been read already stay. */
static unsigned char *on_blank(void *user, unsigned char *given)
{
    struct rdf *rdf = user;
    char *id;

    if (given && !rdf->label)
        return given;
    if (given)
        id = xasprintf("%sn%s", rdf->label, (const char *)given);
    else
        id = xasprintf("%sb%d", rdf->label ? rdf->label : "q", ++rdf->blanks);
    raptor_free_memory(given);
    return (unsigned char *)id; /* raptor frees with free() */
}

/* A descriptor that asks for another document does not get it. */
static int refuse_uri(void *user, raptor_uri *uri)
{
    (void)user;
    (void)uri;
    return 1;
}

struct rdf *rdf_new(void)
{
    struct rdf *rdf = xcalloc(1, sizeof *rdf);

    rdf->rasqal = rasqal_new_world();
    rdf->raptor = raptor_new_world();
    if (!rdf->rasqal || !rdf->raptor)
        abort();
    raptor_world_set_flag(rdf->raptor, RAPTOR_WORLD_FLAG_WWW_SKIP_INIT_FINISH, 1);
    raptor_world_set_log_handler(rdf->raptor, rdf, on_log);
    raptor_world_set_generate_bnodeid_handler(rdf->raptor, rdf, on_blank);
    if (raptor_world_open(rdf->raptor) != 0)
        abort();
    rasqal_world_set_raptor(rdf->rasqal, rdf->raptor);
    rasqal_world_set_log_handler(rdf->rasqal, rdf, on_log);
    if (rasqal_world_open(rdf->rasqal) != 0)
        abort();
    rdf->base = raptor_new_uri(rdf->raptor, (const unsigned char *)base_uri);
    return rdf;
}

void rdf_free(struct rdf *rdf)
{
    if (!rdf)
        return;
    raptor_free_uri(rdf->base);
    rasqal_free_world(rdf->rasqal);
    raptor_free_world(rdf->raptor);
    free(rdf);
}

void rdf_clear(struct rdf *rdf)
{
    rdf->problem[0] = 0;
}

char *rdf_line(struct rdf *rdf, const raptor_statement *statement)
{
    void *text = NULL;
    size_t len = 0;
    raptor_iostream *out = raptor_new_iostream_to_string(rdf->raptor, &text, &len, NULL);
    char *line = NULL;
    bool written;

    if (!out)
        return NULL;
    written = raptor_statement_ntriples_write(statement, out, 0) == 0;
    raptor_free_iostream(out);
    if (written && len > 0)
        line = xstrndup(text, len - 1); /* without the line feed */
    raptor_free_memory(text);
    return line;
}

/* ---- reading ---- */

struct reading {
    struct rdf *rdf;
    struct graph *graph;
};

static void on_statement(void *user, raptor_statement *statement)
{
    struct reading *reading = user;
    char *line = rdf_line(reading->rdf, statement);

    if (line)
        graph_take(reading->graph, line);
}

/* 0, or -1 with rdf->problem. */
static int parse(struct rdf *rdf, const char *parser_name, struct slice text, const char *label, struct graph *g)
{
    struct reading reading = {rdf, g};
    raptor_parser *parser = raptor_new_parser(rdf->raptor, parser_name);
    int failed;

    if (!parser)
        return -1;
    rdf->label = label;
    raptor_parser_set_statement_handler(parser, &reading, on_statement);
    raptor_parser_set_uri_filter(parser, refuse_uri, NULL);
    raptor_parser_set_option(parser, RAPTOR_OPTION_NO_NET, NULL, 1);
    raptor_parser_set_option(parser, RAPTOR_OPTION_NO_FILE, NULL, 1);
    raptor_parser_set_option(parser, RAPTOR_OPTION_LOAD_EXTERNAL_ENTITIES, NULL, 0);
    failed = raptor_parser_parse_start(parser, rdf->base) ||
             raptor_parser_parse_chunk(parser, (const unsigned char *)text.p, text.n, 1);
    raptor_free_parser(parser);
    rdf->label = NULL;
    return failed || rdf->problem[0] ? -1 : 0;
}

enum rsc rdf_read(struct rdf *rdf, struct graph *g, int format, struct slice text, const char *label, char *why, size_t why_size)
{
    int result;

    rdf_clear(rdf);
    if (format == RDF_JSON_LD)
        return jsonld_read(rdf, g, text, label, why, why_size);
    if (format != RDF_XML && format != RDF_TURTLE) {
        snprintf(why, why_size, "the format %d is not read here: 4 (RDF/XML), 5 (Turtle) and 7 (JSON-LD) are", format);
        return RSC_NOT_IMPLEMENTED;
    }
    result = parse(rdf, formats[format].parser, text, label, g);
    if (result == 0)
        return RSC_OK;
    snprintf(why, why_size, "not %s: %s", format == RDF_XML ? "RDF/XML" : "Turtle", rdf->problem[0] ? rdf->problem : "malformed");
    return RSC_BAD_REQUEST;
}

/* ---- writing ---- */

static void on_copied(void *user, raptor_statement *statement)
{
    raptor_serializer_serialize_statement(user, statement);
}

/* The lines, read again as what a writer takes. */
static int replay(struct rdf *rdf, const struct graph *g, raptor_statement_handler handler, void *user)
{
    auto_str struct str lines = STR_EMPTY;
    raptor_parser *parser = raptor_new_parser(rdf->raptor, "ntriples");
    int failed;

    if (!parser)
        return -1;
    graph_write(g, &lines);
    raptor_parser_set_statement_handler(parser, user, handler);
    failed = raptor_parser_parse_start(parser, rdf->base) ||
             raptor_parser_parse_chunk(parser, (const unsigned char *)str_text(&lines), lines.len, 1);
    raptor_free_parser(parser);
    return failed || rdf->problem[0] ? -1 : 0;
}

static int write_jsonld(struct rdf *rdf, const struct graph *g, struct str *out)
{
    struct jsonld_writer *writer = jsonld_writer_new();
    int result = replay(rdf, g, jsonld_add, writer);

    jsonld_end(writer, out);
    return result;
}

int rdf_write(struct rdf *rdf, const struct graph *g, int format, struct str *out)
{
    raptor_serializer *serializer;
    void *text = NULL;
    size_t len = 0;
    int result = -1;

    rdf_clear(rdf);
    if (format == RDF_JSON_LD)
        return write_jsonld(rdf, g, out);
    serializer = raptor_new_serializer(rdf->raptor, formats[format].serializer);
    if (serializer && raptor_serializer_start_to_string(serializer, NULL, &text, &len) == 0) {
        result = replay(rdf, g, on_copied, serializer);
        if (raptor_serializer_serialize_end(serializer) != 0)
            result = -1;
    }
    raptor_free_serializer(serializer);
    if (result == 0)
        str_add(out, text, len);
    raptor_free_memory(text);
    return result;
}
