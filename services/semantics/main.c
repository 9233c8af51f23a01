/* semantics - reads semantic descriptors and answers SPARQL about them, each task in a process of its own. */
#include "server.h"
#include "service.h"

enum { PREFETCH = 16 };

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_REQUESTS, "semantics", NULL, 0, PREFETCH, server_on_request},
        {0,            NULL,        NULL, 0, 0,        NULL             },
    };
    static const struct service semantics = {
        .name = "semantics",
        .config = server_config,
        .consumers = consumers,
        .start = server_start,
        .idle = server_idle,
        .purpose = "Reads semantic descriptors and answers SPARQL about them.",
    };

    return service_main(argc, argv, &semantics);
}
