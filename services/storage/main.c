/* storage - keeps all resources of the CSE, and the events that tell of their changes, in one database. */
#include "server.h"
#include "service.h"

static const struct bus_consumer consumers[] = {
    {BUS_REQUESTS, "storage", NULL, BUS_SINGLE_ACTIVE, 64, server_on_request},
    {0,            NULL,      NULL, 0,                 0,  NULL             },
};

int main(int argc, char **argv)
{
    static const struct service storage = {
        .name = "storage",
        .purpose = "Keeps the resources of the CSE and publishes what changed.",
        .config = server_config,
        .consumers = consumers,
        .start = server_start,
        .stop = server_stop,
        .ready = server_ready,
        .idle = server_idle,
    };

    return service_main(argc, argv, &storage);
}
