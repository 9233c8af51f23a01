/* JSON-LD of any kind: statements that can be written and read again, or a reason. */
#include "jsonld.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rdf *rdf;
    struct graph g = GRAPH_EMPTY;
    char why[200] = "";

    if (!rdf)
        rdf = rdf_new();
    if (jsonld_read(rdf, &g, (struct slice){(const char *)data, size}, "l", why, sizeof why) == RSC_OK) {
        graph_settle(&g);
        graph_relabel(&g);
    } else if (!*why) {
        abort();
    }
    graph_done(&g);
    return 0;
}
