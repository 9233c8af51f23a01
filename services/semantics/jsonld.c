#include "jsonld.h"

#include "json.h"

#include "mem.h"

#define RDF_NS "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define XSD_NS "http://www.w3.org/2001/XMLSchema#"

enum { TERM_DEPTH = 16 }; /* terms that are defined by other terms */

/*
 * The active context is an object: terms with their definitions, made into objects, and @vocab, @base and @language. Functions
 * that can fail return false or NULL and leave the reason in `why`.
 */
struct reader {
    struct rdf *rdf;
    struct graph *graph;
    const char *label;
    char *why;
    size_t why_size;
};

static bool fail(struct reader *r, const char *what, const char *name)
{
    if (!*r->why)
        snprintf(r->why, r->why_size, "not JSON-LD that is read here: %s%s%.60s", what, name ? " " : "", name ? name : "");
    return false;
}

/* ---- IRIs ---- */

static const char *const keywords[] = {
    "@id",    "@type",    "@value",   "@language", "@list", "@set",       "@graph",
    "@index", "@reverse", "@context", "@vocab",    "@base", "@container", "@version",
};

static bool is_keyword(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (strcmp(text, keywords[i]) == 0)
            return true;
    return false;
}

static char *expand(const json_t *context, const char *text, int depth);

/* A term by its definition; NULL when it stands for nothing. */
static char *expand_term(const json_t *context, const char *term, const json_t *definition, int depth)
{
    const json_t *id = json_object_get(definition, "@id");
    const char *vocab = json_str(context, "@vocab");

    if (json_is_null(definition) || json_is_null(id))
        return NULL;
    if (json_is_string(id) && strcmp(json_string_value(id), term) != 0)
        return expand(context, json_string_value(id), depth + 1);
    if (strchr(term, ':'))
        return xstrdup(term);
    return vocab ? xasprintf("%s%s", vocab, term) : NULL;
}

/* What a name stands for: an IRI, a blank node, a keyword; NULL for nothing. The caller frees. */
static char *expand(const json_t *context, const char *text, int depth)
{
    const char *colon = strchr(text, ':'), *vocab = json_str(context, "@vocab");
    const json_t *definition = is_keyword(text) ? NULL : json_object_get(context, text);
    auto_free char *prefix = NULL;
    auto_free char *start = NULL;

    if (is_keyword(text) || depth > TERM_DEPTH)
        return depth > TERM_DEPTH ? NULL : xstrdup(text);
    if (definition)
        return expand_term(context, text, definition, depth);
    if (!colon)
        return vocab ? xasprintf("%s%s", vocab, text) : NULL;
    prefix = xstrndup(text, (size_t)(colon - text));
    definition = strcmp(prefix, "_") == 0 || strncmp(colon, "://", 3) == 0 ? NULL : json_object_get(context, prefix);
    if (!definition)
        return xstrdup(text);
    start = expand_term(context, prefix, definition, depth);
    return start ? xasprintf("%s%s", start, colon + 1) : xstrdup(text);
}

/* An @id: as above, but terms do not count and relative references are resolved. */
static char *expand_id(struct reader *r, const json_t *context, const char *text)
{
    const char *base = json_str(context, "@base");
    unsigned char buffer[4096];

    if (strchr(text, ':'))
        return expand(context, text, 0);
    if (!base)
        base = (const char *)raptor_uri_as_string(r->rdf->base);
    if (strlen(base) + strlen(text) + 8 > sizeof buffer)
        return NULL;
    raptor_uri_resolve_uri_reference((const unsigned char *)base, (const unsigned char *)text, buffer, sizeof buffer);
    return xstrdup((const char *)buffer);
}

/* ---- terms and statements ---- */

static char *fresh_blank(struct reader *r)
{
    return xasprintf("_:%sb%d", r->label, ++r->rdf->blanks);
}

/* The term for an IRI or a blank node ("_:..."); `own` if the blank node's id is one given here. */
static raptor_term *make_node(struct reader *r, const char *name, bool own)
{
    auto_free char *id = NULL;

    if (strncmp(name, "_:", 2) == 0) {
        id = own ? xstrdup(name + 2) : xasprintf("%sn%s", r->label, name + 2);
        return raptor_new_term_from_blank(r->rdf->raptor, (const unsigned char *)id);
    }
    if (!strchr(name, ':') || strpbrk(name, " <>\"{}|^`\\")) {
        fail(r, "no IRI:", name);
        return NULL;
    }
    return raptor_new_term_from_uri_string(r->rdf->raptor, (const unsigned char *)name);
}

/* Adds a statement; takes the terms, which are NULL where they could not be made. */
static bool add(struct reader *r, raptor_term *subject, const char *predicate, raptor_term *object)
{
    raptor_statement statement;
    char *line = NULL;

    raptor_statement_init(&statement, r->rdf->raptor);
    statement.subject = subject;
    statement.object = object;
    if (subject && object)
        statement.predicate = make_node(r, predicate, true);
    if (statement.predicate && statement.predicate->type == RAPTOR_TERM_TYPE_URI)
        line = rdf_line(r->rdf, &statement);
    raptor_statement_clear(&statement);
    if (!line)
        return fail(r, "no property:", predicate);
    graph_take(r->graph, line);
    return true;
}

static raptor_term *make_literal(struct reader *r, const char *text, size_t len, const char *datatype, const char *language)
{
    raptor_uri *type = datatype ? raptor_new_uri(r->rdf->raptor, (const unsigned char *)datatype) : NULL;
    raptor_term *term =
        raptor_new_term_from_counted_literal(r->rdf->raptor, (const unsigned char *)text, len, type,
                                             (const unsigned char *)language, (unsigned char)(language ? strlen(language) : 0));

    raptor_free_uri(type);
    if (!term)
        fail(r, "no literal:", text);
    return term;
}

/* Numbers and booleans have their types of XML Schema unless another one is asked for. */
static raptor_term *make_scalar(struct reader *r, const json_t *value, const char *datatype, const char *language)
{
    auto_str struct str text = STR_EMPTY;
    const char *own = json_is_boolean(value) ? XSD_NS "boolean" : json_is_integer(value) ? XSD_NS "integer" : XSD_NS "double";

    if (json_is_string(value))
        return make_literal(r, json_string_value(value), json_string_length(value), datatype, datatype ? NULL : language);
    if (!json_is_boolean(value) && !json_is_number(value)) {
        fail(r, "no value", NULL);
        return NULL;
    }
    json_write(&text, value);
    return make_literal(r, str_text(&text), text.len, datatype ? datatype : own, NULL);
}

/* ---- contexts ---- */

/* The context behind `local`; the caller owns it. NULL on failure. */
static json_t *enter_context(struct reader *r, const json_t *active, const json_t *local)
{
    json_t *result = json_is_null(local) ? json_object() : json_copy((json_t *)active);
    const char *name;
    json_t *value, *inner;
    size_t i;

    if (json_is_array(local)) {
        json_array_foreach((json_t *)local, i, value)
        {
            inner = result ? enter_context(r, result, value) : NULL;
            json_decref(result);
            result = inner;
        }
        return result;
    }
    if (!json_is_object(local) && !json_is_null(local)) {
        fail(r, "a context by reference", json_string_value(local));
        json_decref(result);
        return NULL;
    }
    json_object_foreach((json_t *)local, name, value)
    {
        if (json_is_string(value) && *name != '@')
            json_object_set_new(result, name, json_pack("{sO}", "@id", value));
        else if (json_is_null(value) && *name == '@')
            json_object_del(result, name);
        else
            json_object_set(result, name, value);
    }
    return result;
}

/* ---- nodes ---- */

/* The member of an object that is the keyword, or an alias of it. */
static const json_t *get(const json_t *context, const json_t *object, const char *keyword)
{
    const json_t *value = json_object_get(object, keyword);
    const char *name;
    json_t *other;

    if (value)
        return value;
    json_object_foreach((json_t *)object, name, other)
    {
        const json_t *definition = *name == '@' ? NULL : json_object_get(context, name);

        if (definition && strcmp(json_str(definition, "@id") ? json_str(definition, "@id") : "", keyword) == 0)
            return other;
    }
    return NULL;
}

static char *read_node(struct reader *r, const json_t *outer, const json_t *object);

static const char *coercion(const json_t *definition)
{
    const char *type = json_str(definition, "@type");

    return type ? type : "";
}

static raptor_term *read_value_object(struct reader *r, const json_t *context, const json_t *object)
{
    const json_t *type = get(context, object, "@type"), *language = get(context, object, "@language");
    auto_free char *datatype = json_is_string(type) ? expand(context, json_string_value(type), 0) : NULL;

    if (type && (!datatype || *datatype == '@')) {
        fail(r, "no datatype", NULL);
        return NULL;
    }
    return make_scalar(r, get(context, object, "@value"), datatype, json_string_value(language));
}

/* A string or number as the object of a property, as its definition says. */
static raptor_term *read_scalar(struct reader *r, const json_t *context, const json_t *definition, const json_t *value)
{
    const char *type = coercion(definition);
    const json_t *language = json_object_get(definition, "@language");
    auto_free char *name = NULL;

    if (json_is_string(value) && (strcmp(type, "@id") == 0 || strcmp(type, "@vocab") == 0)) {
        name = strcmp(type, "@vocab") == 0 ? expand(context, json_string_value(value), 0) : NULL;
        if (!name)
            name = expand_id(r, context, json_string_value(value));
        return name ? make_node(r, name, false) : NULL;
    }
    if (*type && *type != '@') {
        name = expand(context, type, 0);
        return make_scalar(r, value, name, NULL);
    }
    return make_scalar(r, value, NULL, language ? json_string_value(language) : json_str(context, "@language"));
}

static raptor_term *read_object(struct reader *r, const json_t *context, const json_t *definition, const json_t *value);

/* An rdf:List; NULL on failure. */
static raptor_term *read_list(struct reader *r, const json_t *context, const json_t *definition, const json_t *list)
{
    size_t count = json_is_array(list) ? json_array_size(list) : 1;
    auto_free char *rest = xstrdup(RDF_NS "nil");

    for (size_t i = count; i > 0; i--) {
        char *cell = fresh_blank(r);
        raptor_term *first = read_object(r, context, definition, json_is_array(list) ? json_array_get(list, i - 1) : list);
        bool added = first && add(r, make_node(r, cell, true), RDF_NS "first", first) &&
                     add(r, make_node(r, cell, true), RDF_NS "rest", make_node(r, rest, true));

        free(rest);
        rest = cell;
        if (!added)
            return NULL;
    }
    return make_node(r, rest, true);
}

/* Anything but a list of values. NULL on failure. */
static raptor_term *read_object(struct reader *r, const json_t *context, const json_t *definition, const json_t *value)
{
    auto_free char *name = NULL;

    if (!json_is_object(value))
        return read_scalar(r, context, definition, value);
    if (get(context, value, "@value"))
        return read_value_object(r, context, value);
    if (get(context, value, "@list"))
        return read_list(r, context, definition, get(context, value, "@list"));
    name = read_node(r, context, value);
    return name ? make_node(r, name, true) : NULL;
}

/* {"en":"...","de":["..."]} */
static bool read_languages(struct reader *r, const char *subject, const char *property, const json_t *map)
{
    const char *language;
    json_t *value;

    json_object_foreach((json_t *)map, language, value)
    {
        size_t count = json_is_array(value) ? json_array_size(value) : 1;

        for (size_t i = 0; i < count; i++) {
            const json_t *text = json_is_array(value) ? json_array_get(value, i) : value;

            if (!add(r, make_node(r, subject, true), property, make_scalar(r, text, NULL, language)))
                return false;
        }
    }
    return true;
}

/* All values of a property. `reverse`: the values are what has the property. */
static bool read_property(struct reader *r, const json_t *context, const char *subject, const char *property,
                          const json_t *definition, const json_t *value, bool reverse)
{
    const char *container = json_str(definition, "@container");
    raptor_term *object, *node;

    if (json_is_null(value))
        return true;
    if (container && strcmp(container, "@language") == 0 && json_is_object(value))
        return read_languages(r, subject, property, value);
    if (container && strcmp(container, "@list") == 0 && !reverse) {
        object = read_list(r, context, definition, value);
        return object && add(r, make_node(r, subject, true), property, object);
    }
    if (json_is_object(value) && get(context, value, "@set"))
        return read_property(r, context, subject, property, definition, get(context, value, "@set"), reverse);
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            if (!read_property(r, context, subject, property, definition, json_array_get(value, i), reverse))
                return false;
        return true;
    }
    object = read_object(r, context, definition, value);
    node = object ? make_node(r, subject, true) : NULL;
    return reverse ? add(r, object, property, node) : add(r, node, property, object);
}

static bool read_types(struct reader *r, const json_t *context, const char *subject, const json_t *types)
{
    size_t count = json_is_array(types) ? json_array_size(types) : 1;

    for (size_t i = 0; i < count; i++) {
        const char *type = json_string_value(json_is_array(types) ? json_array_get(types, i) : types);
        auto_free char *iri = type ? expand(context, type, 0) : NULL;

        if (!type)
            return fail(r, "@type is no text", NULL);
        if (!iri)
            iri = expand_id(r, context, type);
        if (!iri || !add(r, make_node(r, subject, true), RDF_NS "type", make_node(r, iri, false)))
            return false;
    }
    return true;
}

static bool read_reverse(struct reader *r, const json_t *context, const char *subject, const json_t *map)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)map, name, value)
    {
        auto_free char *property = expand(context, name, 0);

        if (property && !read_property(r, context, subject, property, json_object_get(context, name), value, true))
            return false;
    }
    return true;
}

static bool read_member(struct reader *r, const json_t *context, const char *subject, const char *name, const json_t *value)
{
    const json_t *definition = *name == '@' ? NULL : json_object_get(context, name);
    const char *reverse = json_str(definition, "@reverse");
    auto_free char *property = expand(context, reverse ? reverse : name, 0);

    if (!property || strcmp(property, "@id") == 0 || strcmp(property, "@context") == 0 || strcmp(property, "@index") == 0)
        return true;
    if (strcmp(property, "@type") == 0)
        return read_types(r, context, subject, value);
    if (strcmp(property, "@reverse") == 0)
        return read_reverse(r, context, subject, value);
    if (*property == '@')
        return fail(r, "here stands", name);
    if (!strchr(property, ':') || strncmp(property, "_:", 2) == 0)
        return true; /* as JSON-LD says of properties that are no IRIs */
    return read_property(r, context, subject, property, definition, value, reverse != NULL);
}

/* The name of a node whose statements are read along with it; the caller frees. NULL on failure. */
static char *read_node(struct reader *r, const json_t *outer, const json_t *object)
{
    const json_t *local = json_object_get(object, "@context"), *id;
    json_auto_t *context = local ? enter_context(r, outer, local) : json_incref((json_t *)outer);
    char *subject;
    const char *name;
    json_t *value;

    if (!context)
        return NULL;
    id = get(context, object, "@id");
    if (json_is_string(id)) {
        auto_free char *given = expand_id(r, context, json_string_value(id));
        bool blank = given && strncmp(given, "_:", 2) == 0;

        subject = blank ? xasprintf("_:%sn%s", r->label, given + 2) : given ? xstrdup(given) : NULL;
    } else {
        subject = id ? NULL : fresh_blank(r);
    }
    if (!subject) {
        fail(r, "@id is no reference", NULL);
        return NULL;
    }
    json_object_foreach((json_t *)object, name, value)
    {
        if (!read_member(r, context, subject, name, value)) {
            free(subject);
            return NULL;
        }
    }
    return subject;
}

/* ---- documents ---- */

static bool read_document(struct reader *r, const json_t *outer, const json_t *document)
{
    const json_t *local = json_object_get(document, "@context"), *members;
    json_auto_t *context = NULL;
    auto_free char *subject = NULL;

    if (json_is_array(document)) {
        for (size_t i = 0; i < json_array_size(document); i++)
            if (!read_document(r, outer, json_array_get(document, i)))
                return false;
        return true;
    }
    if (!json_is_object(document))
        return fail(r, "neither an object nor a list", NULL);
    context = local ? enter_context(r, outer, local) : json_incref((json_t *)outer);
    if (!context)
        return false;
    members = get(context, document, "@graph");
    if (members && json_object_size(document) == (local ? 2U : 1U))
        return read_document(r, context, members);
    if (members)
        return fail(r, "a named graph", NULL);
    subject = read_node(r, outer, document);
    return subject != NULL;
}

enum rsc jsonld_read(struct rdf *rdf, struct graph *g, struct slice text, const char *label, char *why, size_t why_size)
{
    struct reader reader = {rdf, g, label, why, why_size};
    char problem[120] = "";
    json_auto_t *document = json_parse(text.p, text.n, problem, sizeof problem);
    json_auto_t *context = json_object();

    *why = 0;
    if (!document)
        fail(&reader, problem, NULL);
    else if (read_document(&reader, context, document) && !*why)
        return RSC_OK;
    else
        fail(&reader, "malformed", NULL);
    return RSC_BAD_REQUEST;
}

/* ---- writing ---- */

struct jsonld_writer {
    json_t *nodes; /* by subject */
};

struct jsonld_writer *jsonld_writer_new(void)
{
    struct jsonld_writer *writer = xcalloc(1, sizeof *writer);

    writer->nodes = json_object();
    return writer;
}

/* "iri" or "_:id"; the caller frees. NULL for a literal. */
static char *node_name(const raptor_term *term)
{
    if (term->type == RAPTOR_TERM_TYPE_URI)
        return xstrdup((const char *)raptor_uri_as_string(term->value.uri));
    if (term->type == RAPTOR_TERM_TYPE_BLANK)
        return xasprintf("_:%s", (const char *)term->value.blank.string);
    return NULL;
}

static json_t *object_of(const raptor_term *term)
{
    auto_free char *name = node_name(term);
    const raptor_term_literal_value *literal = &term->value.literal;
    json_t *value;

    if (name)
        return json_pack("{ss}", "@id", name);
    value = json_pack("{ss}", "@value", (const char *)literal->string);
    if (literal->language)
        json_object_set_new(value, "@language", json_string((const char *)literal->language));
    else if (literal->datatype)
        json_object_set_new(value, "@type", json_string((const char *)raptor_uri_as_string(literal->datatype)));
    return value;
}

void jsonld_add(void *user, raptor_statement *statement)
{
    struct jsonld_writer *writer = user;
    auto_free char *subject = node_name(statement->subject), *property = node_name(statement->predicate);
    json_t *node, *values;

    if (!subject || !property)
        return;
    node = json_object_get(writer->nodes, subject);
    if (!node) {
        node = json_pack("{ss}", "@id", subject);
        json_object_set_new(writer->nodes, subject, node);
    }
    values = json_object_get(node, property);
    if (!values) {
        values = json_array();
        json_object_set_new(node, property, values);
    }
    json_array_append_new(values, object_of(statement->object));
}

void jsonld_end(struct jsonld_writer *writer, struct str *out)
{
    const char *name;
    json_t *node;
    const char *between = "[";

    json_object_foreach(writer->nodes, name, node)
    {
        str_puts(out, between);
        json_write(out, node);
        between = ",";
    }
    str_puts(out, *between == '[' ? "[]" : "]");
    json_decref(writer->nodes);
    free(writer);
}
