#include "validate.h"

#include <stdio.h>

#include "mem.h"

#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define RDFS "http://www.w3.org/2000/01/rdf-schema#"
#define OWL "http://www.w3.org/2002/07/owl#"

static const char *const definitions[] = {
    "<" OWL "Class>",    "<" RDFS "Class>", "<" OWL "ObjectProperty>", "<" OWL "DatatypeProperty>", "<" OWL "AnnotationProperty>",
    "<" RDF "Property>",
};

static bool has(const struct graph *g, struct slice subject, const char *predicate, struct slice object)
{
    auto_free char *line = xasprintf("%.*s <%s> %.*s .", (int)subject.n, subject.p, predicate, (int)object.n, object.p);

    return graph_has(g, line);
}

static bool is_a(const struct graph *g, struct slice subject, const char *class)
{
    return has(g, subject, RDF "type", (struct slice){class, strlen(class)});
}

/* The place of the first statement that is not before the subject's. */
static size_t first_of(const struct graph *g, struct slice subject)
{
    size_t low = 0, high = g->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (strncmp(g->lines[middle], subject.p, subject.n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_subject(const struct graph *g, size_t place, struct slice subject)
{
    return place < g->count && strncmp(g->lines[place], subject.p, subject.n) == 0 && g->lines[place][subject.n] == ' ';
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
    for (size_t i = first_of(ontology, space); i < ontology->count; i++) {
        struct statement s = graph_statement(ontology->lines[i]);

        if (strncmp(s.subject.p, space.p, space.n) != 0)
            return false;
        if (namespace_length(s.subject) != space.n || !slice_is(s.predicate, "<" RDF "type>"))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(definitions); k++)
            if (slice_is(s.object, definitions[k]))
                return true;
    }
    return false;
}

static bool is_defined(const struct graph *ontology, struct slice term)
{
    return is_subject(ontology, first_of(ontology, term), term) || !is_claimed(ontology, term);
}

/* Is something of both classes, which the ontology says are disjoint? `first` is where the subject's statements begin. */
static bool is_disjoint(const struct graph *descriptor, const struct graph *ontology, size_t first, struct slice subject,
                        struct slice class)
{
    for (size_t i = first; is_subject(descriptor, i, subject); i++) {
        struct statement other = graph_statement(descriptor->lines[i]);

        if (slice_is(other.predicate, "<" RDF "type>") &&
            (has(ontology, class, OWL "disjointWith", other.object) || has(ontology, other.object, OWL "disjointWith", class)))
            return true;
    }
    return false;
}

bool validate(const struct graph *descriptor, const struct graph *ontology, char *why, size_t why_size)
{
    for (size_t i = 0; i < descriptor->count; i++) {
        struct statement s = graph_statement(descriptor->lines[i]);
        bool literal = *s.object.p == '"', type = slice_is(s.predicate, "<" RDF "type>");
        const char *problem = NULL;
        struct slice term = s.predicate;

        if (type && !is_defined(ontology, s.object)) {
            problem = "is not in the ontology";
            term = s.object;
        } else if (!is_defined(ontology, s.predicate)) {
            problem = "is not in the ontology";
        } else if (literal && is_a(ontology, s.predicate, "<" OWL "ObjectProperty>")) {
            problem = "is an object property, its value a literal";
        } else if (!literal && is_a(ontology, s.predicate, "<" OWL "DatatypeProperty>")) {
            problem = "is a datatype property, its value no literal";
        } else if (type && is_disjoint(descriptor, ontology, first_of(descriptor, s.subject), s.subject, s.object)) {
            problem = "is disjoint with another class of the same thing";
            term = s.object;
        }
        if (problem) {
            snprintf(why, why_size, "%.*s %s", (int)(term.n < 200 ? term.n : 200), term.p, problem);
            return false;
        }
    }
    return true;
}
