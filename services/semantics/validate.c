#include "validate.h"

#include "schema.h"

#include <stdio.h>

#include "mem.h"

static const char *const definitions[] = {
    "<" OWL_NS "Class>",
    "<" RDFS_NS "Class>",
    "<" OWL_NS "ObjectProperty>",
    "<" OWL_NS "DatatypeProperty>",
    "<" OWL_NS "AnnotationProperty>",
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#Property>",
};

static bool is_a(const struct graph *g, struct slice subject, const char *class)
{
    auto_free char *line = xasprintf("%.*s " RDF_TYPE " %s .", (int)subject.n, subject.p, class);

    return graph_has(g, line);
}

/* Length of "<namespace#", the part in front of the local name. */
static size_t namespace_length(struct slice term)
{
    size_t n = term.n;

    while (n > 0 && term.p[n - 1] != '#' && term.p[n - 1] != '/')
        n--;
    return n;
}

/* Does the ontology define anything in the term's namespace? Then the term should be there, too. */
static bool is_claimed(const struct graph *ontology, struct slice term)
{
    struct slice space = {term.p, namespace_length(term)};

    if (*term.p != '<' || space.n == 0)
        return false;
    for (size_t i = schema_first(ontology, space); i < ontology->count; i++) {
        struct statement s = graph_statement(ontology->lines[i]);

        if (strncmp(s.subject.p, space.p, space.n) != 0)
            return false;
        if (namespace_length(s.subject) != space.n || !slice_is(s.predicate, RDF_TYPE))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(definitions); k++)
            if (slice_is(s.object, definitions[k]))
                return true;
    }
    return false;
}

static bool is_defined(const struct graph *ontology, struct slice term)
{
    return schema_is_of(ontology, schema_first(ontology, term), term) || !is_claimed(ontology, term);
}

/* NULL, or what is wrong with `*term` of the statement. */
static const char *find_problem(const struct graph *descriptor, const struct graph *ontology, size_t place, struct slice *term)
{
    struct statement s = graph_statement(descriptor->lines[place]);
    bool literal = *s.object.p == '"';

    *term = s.predicate;
    if (slice_is(s.predicate, RDF_TYPE)) {
        *term = s.object;
        return !is_defined(ontology, s.object) ? "is not in the ontology"
               : schema_is_disjoint(descriptor, ontology, s.subject, s.object)
                   ? "is disjoint with another class of the same thing"
                   : NULL;
    }
    if (!is_defined(ontology, s.predicate))
        return "is not in the ontology";
    if (literal && is_a(ontology, s.predicate, "<" OWL_NS "ObjectProperty>"))
        return "is an object property, its value a literal";
    if (!literal && is_a(ontology, s.predicate, "<" OWL_NS "DatatypeProperty>"))
        return "is a datatype property, its value no literal";
    return schema_problem(descriptor, ontology, place);
}

bool validate(const struct graph *descriptor, const struct graph *ontology, char *why, size_t why_size)
{
    for (size_t i = 0; i < descriptor->count; i++) {
        struct slice term;
        const char *problem = find_problem(descriptor, ontology, i, &term);

        if (problem) {
            snprintf(why, why_size, "%.*s %s", (int)(term.n < 200 ? term.n : 200), term.p, problem);
            return false;
        }
    }
    return true;
}
