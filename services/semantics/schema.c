#include "schema.h"

#include "mem.h"

static bool same(struct slice a, struct slice b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

size_t schema_first(const struct graph *g, struct slice subject)
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

bool schema_is_of(const struct graph *g, size_t place, struct slice subject)
{
    return place < g->count && strncmp(g->lines[place], subject.p, subject.n) == 0 && g->lines[place][subject.n] == ' ';
}

static bool has(const struct graph *g, struct slice subject, const char *predicate, struct slice object)
{
    for (size_t i = schema_first(g, subject); schema_is_of(g, i, subject); i++) {
        struct statement s = graph_statement(g->lines[i]);

        if (slice_is(s.predicate, predicate) && same(s.object, object))
            return true;
    }
    return false;
}

static bool is_a(const struct graph *g, struct slice subject, const char *class)
{
    return has(g, subject, RDF_TYPE, (struct slice){class, strlen(class)});
}

/* ---- what is above ---- */

static void add(struct above *above, struct slice term)
{
    for (size_t i = 0; i < above->count; i++)
        if (same(above->terms[i], term))
            return;
    if (above->count < ABOVE_MAX)
        above->terms[above->count++] = term;
}

/* Along two predicates, as far as they lead; circles end. */
static void climb(const struct graph *ontology, struct slice term, const char *up, const char *equal, struct above *above)
{
    above->count = 0;
    add(above, term);
    for (size_t k = 0; k < above->count; k++) {
        struct slice from = above->terms[k];

        for (size_t i = schema_first(ontology, from); schema_is_of(ontology, i, from); i++) {
            struct statement s = graph_statement(ontology->lines[i]);

            if (slice_is(s.predicate, up) || slice_is(s.predicate, equal))
                add(above, s.object);
        }
    }
}

void schema_classes_above(const struct graph *ontology, struct slice class, struct above *above)
{
    climb(ontology, class, "<" RDFS_NS "subClassOf>", "<" OWL_NS "equivalentClass>", above);
}

void schema_properties_above(const struct graph *ontology, struct slice property, struct above *above)
{
    climb(ontology, property, "<" RDFS_NS "subPropertyOf>", "<" OWL_NS "equivalentProperty>", above);
}

static bool is_below(const struct graph *ontology, struct slice class, struct slice other)
{
    struct above above;

    schema_classes_above(ontology, class, &above);
    for (size_t i = 0; i < above.count; i++)
        if (same(above.terms[i], other))
            return true;
    return has(ontology, other, "<" OWL_NS "equivalentClass>", class);
}

/* ---- domain and range ---- */

/* Classes that say nothing, or are described and not named: unions, restrictions. */
static bool is_anything(struct slice class)
{
    return *class.p != '<' || slice_is(class, "<" OWL_NS "Thing>") || slice_is(class, "<" RDFS_NS "Resource>") ||
           slice_is(class, "<" RDFS_NS "Literal>");
}

/*
 * Could it be of the class, by what the descriptor says that it is? What has no class, or one that the ontology does not know,
 * could be anything.
 */
static bool could_be(const struct graph *descriptor, const struct graph *ontology, struct slice thing, struct slice class)
{
    bool typed = false;

    if (is_anything(class))
        return true;
    for (size_t i = schema_first(descriptor, thing); schema_is_of(descriptor, i, thing); i++) {
        struct statement s = graph_statement(descriptor->lines[i]);

        if (!slice_is(s.predicate, RDF_TYPE))
            continue;
        if (!schema_is_of(ontology, schema_first(ontology, s.object), s.object) || is_below(ontology, s.object, class))
            return true;
        typed = true;
    }
    return !typed;
}

static bool is_datatype(const struct graph *ontology, struct slice class)
{
    return strncmp(class.p, "<" XSD_NS, sizeof "<" XSD_NS - 1) == 0 || slice_is(class, "<" RDFS_NS "Literal>") ||
           is_a(ontology, class, "<" RDFS_NS "Datatype>");
}

/* The datatype of a literal, "<http...>"; of one without, xsd:string. */
static struct slice datatype_of(struct slice literal)
{
    static const char string[] = "<" XSD_NS "string>";
    size_t i = literal.n;

    while (i > 0 && literal.p[i - 1] != '"')
        i--;
    if (i + 2 < literal.n && literal.p[i] == '^')
        return (struct slice){literal.p + i + 2, literal.n - i - 2};
    return (struct slice){string, sizeof string - 1};
}

/* Numbers are written as integers where decimals are meant: any number will do for a number. */
static bool is_number(struct slice datatype)
{
    static const char *const names[] = {"integer",         "decimal",      "double",
                                        "float",           "int",          "long",
                                        "short",           "byte",         "nonNegativeInteger",
                                        "positiveInteger", "unsignedInt",  "unsignedLong",
                                        "unsignedShort",   "unsignedByte", "nonPositiveInteger",
                                        "negativeInteger"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]), space = sizeof "<" XSD_NS - 1;

        if (datatype.n == space + len + 1 && memcmp(datatype.p, "<" XSD_NS, space) == 0 &&
            memcmp(datatype.p + space, names[i], len) == 0)
            return true;
    }
    return false;
}

static bool literal_fits(const struct graph *ontology, struct slice literal, struct slice range)
{
    struct slice datatype = datatype_of(literal);

    if (is_anything(range) && !slice_is(range, "<" OWL_NS "Thing>"))
        return true;
    if (!is_datatype(ontology, range))
        return false;
    /* Datatypes that the ontology defines are not looked into. */
    return strncmp(range.p, "<" XSD_NS, sizeof "<" XSD_NS - 1) != 0 || same(datatype, range) ||
           (is_number(datatype) && is_number(range));
}

static bool range_holds(const struct graph *descriptor, const struct graph *ontology, struct slice value, struct slice range)
{
    if (*value.p == '"')
        return literal_fits(ontology, value, range);
    return !is_datatype(ontology, range) && could_be(descriptor, ontology, value, range);
}

static const char *property_problem(const struct graph *descriptor, const struct graph *ontology, const struct statement *s,
                                    struct slice property)
{
    for (size_t i = schema_first(ontology, property); schema_is_of(ontology, i, property); i++) {
        struct statement o = graph_statement(ontology->lines[i]);

        if (slice_is(o.predicate, "<" RDFS_NS "domain>") && !could_be(descriptor, ontology, s->subject, o.object))
            return "is a property of other things (its domain)";
        if (slice_is(o.predicate, "<" RDFS_NS "range>") && !range_holds(descriptor, ontology, s->object, o.object))
            return "has values of another kind (its range)";
    }
    return NULL;
}

/* Has it another value of the same property, in front of this one? */
static bool is_repeated(const struct graph *descriptor, size_t place, const struct statement *s)
{
    for (size_t i = schema_first(descriptor, s->subject); i < place; i++) {
        struct statement other = graph_statement(descriptor->lines[i]);

        if (same(other.predicate, s->predicate))
            return true;
    }
    return false;
}

const char *schema_problem(const struct graph *descriptor, const struct graph *ontology, size_t place)
{
    struct statement s = graph_statement(descriptor->lines[place]);
    const char *problem = NULL;
    struct above above;

    schema_properties_above(ontology, s.predicate, &above);
    for (size_t k = 0; k < above.count && !problem; k++)
        problem = property_problem(descriptor, ontology, &s, above.terms[k]);
    if (!problem && is_a(ontology, s.predicate, "<" OWL_NS "FunctionalProperty>") && is_repeated(descriptor, place, &s))
        problem = "has one value only (it is functional)";
    return problem;
}

/* ---- disjoint classes ---- */

static bool are_disjoint(const struct graph *ontology, const struct above *a, const struct above *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (has(ontology, a->terms[i], "<" OWL_NS "disjointWith>", b->terms[k]) ||
                has(ontology, b->terms[k], "<" OWL_NS "disjointWith>", a->terms[i]))
                return true;
    return false;
}

bool schema_is_disjoint(const struct graph *descriptor, const struct graph *ontology, struct slice subject, struct slice type)
{
    struct above mine, other;

    schema_classes_above(ontology, type, &mine);
    for (size_t i = schema_first(descriptor, subject); schema_is_of(descriptor, i, subject); i++) {
        struct statement s = graph_statement(descriptor->lines[i]);

        if (!slice_is(s.predicate, RDF_TYPE) || same(s.object, type))
            continue;
        schema_classes_above(ontology, s.object, &other);
        if (are_disjoint(ontology, &mine, &other))
            return true;
    }
    return false;
}
