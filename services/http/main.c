/* http - the HTTP binding of oneM2M (TS-0009): requests in, requests to other CSEs and notifications out. */
#include "egress.h"
#include "outbound.h"
#include "server.h"
#include "service.h"

static const struct config_row config[] = {
    {"http.listen",             CONFIG_TEXT, "127.0.0.1", 1,    45,        "numeric address to listen on; without http.insecure a loopback address"       },
    {"http.port",               CONFIG_INT,  "8080",      0,    65535,     "port to listen on; instances of one machine share it; 0: TLS only"            },
    {"http.tls.port",           CONFIG_INT,  "0",         0,    65535,     "port to listen on with TLS (section tls); 0: none"                            },
    {"http.tls.listen",         CONFIG_TEXT, "",          0,    45,        "numeric address for that; empty: http.listen"                                 },
    {"http.insecure",           CONFIG_BOOL, "false",     0,    0,         "true: listen on any address although requests are not authenticated"          },
    {"http.forwarded",          CONFIG_BOOL, "false",     0,    0,
     "true: requests without TLS come through a balancer alone, whose X-Forwarded-For says from which address"                                            },
    {"http.max_body",           CONFIG_INT,  "1048576",   1024, 268435456, "largest content accepted, bytes"                                              },
    {"http.timeout",            CONFIG_INT,  "30",        1,    3600,
     "seconds that a connection may do nothing; a whole request may take twice that, and a second per KiB"                                                },
    {"http.connections",        CONFIG_INT,  "10000",     1,    1000000,   "most connections at a time"                                                   },
    {"http.connections_per_ip", CONFIG_INT,  "0",         0,    1000000,   "most connections at a time from one address; 0: no such limit"                },
    {"http.poll.lifetime",      CONFIG_INT,  "60000",     1000, 1800000,
     "ms that a RETRIEVE of a polling channel's pcu waits for a request if it does not say (X-M2M-RET)"                                                   },
    {"http.poll.max",           CONFIG_INT,  "2048",      1,    1000000,
     "polls that wait at a time at most; fewer than bus.inflight, so that others are served"                                                              },
    {"http.cors.origins",       CONFIG_TEXT, "*",         0,    4000,      "web origins whose pages may use the API, separated by blanks; *: all"         },
    {"http.egress.timeout",     CONFIG_INT,  "5000",      10,   600000,
     "ms that the delivery of a notification, or finding another CSE, may take"                                                                           },
    {"http.egress.connections", CONFIG_INT,  "128",       1,    10000,     "most requests out at a time"                                                  },
    {"http.egress.per_target",  CONFIG_INT,  "8",         1,    10000,     "most notifications at a time to one host and port"                            },
    {"http.egress.per_cse",     CONFIG_INT,  "64",        1,    10000,     "most requests at a time to one other CSE (host and port)"                     },
    {"http.egress.max_answer",  CONFIG_INT,  "4194304",   1024, 268435456, "largest content of an answer from outside, bytes"                             },
    {"http.egress.ca",          CONFIG_TEXT, "",          0,    4000,      "file of certificates that https targets are checked with; empty: the system's"},
    {NULL,                      CONFIG_TEXT, NULL,        0,    0,         NULL                                                                           },
};

static const struct bus_consumer consumers[] = {
    {BUS_REQUESTS, "egress.http", NULL, 0, 256, outbound_handle},
    {0,            NULL,          NULL, 0, 0,   NULL           },
};

static bool listening;

static void listen_now(bool up)
{
    if (up && !listening) {
        listening = true;
        server_start();
    }
}

static void start(void)
{
    service_when_ready(listen_now);
    egress_start();
}

static void stop(void)
{
    if (listening)
        server_stop();
    egress_stop();
}

static bool idle(void)
{
    server_drain(); /* asked for the first time when the drain begins */
    return server_idle() && outbound_idle();
}

int main(int argc, char **argv)
{
    static const struct service http = {
        .name = "http",
        .config = config,
        .tls = true,
        .consumers = consumers,
        .start = start,
        .stop = stop,
        .idle = idle,
    };

    return service_main(argc, argv, &http);
}
