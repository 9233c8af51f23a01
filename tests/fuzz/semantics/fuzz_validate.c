/* A descriptor and an ontology in Turtle, divided by a line "--": they agree, or there is a reason. */
#include "rdf.h"
#include "validate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_turtle(struct rdf *rdf, struct graph *g, const char *text, size_t len, const char *label)
{
    char why[200] = "";

    if (rdf_read(rdf, g, RDF_TURTLE, (struct slice){text, len}, label, why, sizeof why) != RSC_OK && !*why)
        abort();
    graph_settle(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rdf *rdf;
    const char *text = (const char *)data, *between = memmem(text, size, "\n--\n", 4);
    size_t len = between ? (size_t)(between - text) : size;
    struct graph descriptor = GRAPH_EMPTY, ontology = GRAPH_EMPTY;
    char why[200] = "";

    if (!rdf)
        rdf = rdf_new();
    read_turtle(rdf, &descriptor, text, len, "d");
    if (between)
        read_turtle(rdf, &ontology, between + 4, size - len - 4, "o");
    if (!validate(&descriptor, &ontology, why, sizeof why) && !*why)
        abort();
    graph_done(&descriptor);
    graph_done(&ontology);
    return 0;
}
