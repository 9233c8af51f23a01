/* websocket - the WebSocket binding of oneM2M (TS-0020): requests both ways over connections that clients keep open. */
#include "connection.h"
#include "egress.h"
#include "outbound.h"
#include "server.h"
#include "service.h"

static const struct config_row config[] = {
    {"websocket.listen",            CONFIG_TEXT, "127.0.0.1", 1,    45,
     "numeric address to listen on; without websocket.insecure a loopback address"                                                                          },
    {"websocket.port",              CONFIG_INT,  "8081",      0,    65535,     "port to listen on; instances of one machine share it; 0: TLS only"          },
    {"websocket.tls.port",          CONFIG_INT,  "0",         0,    65535,     "port to listen on with TLS (section tls); 0: none"                          },
    {"websocket.tls.listen",        CONFIG_TEXT, "",          0,    45,        "numeric address for that; empty: websocket.listen"                          },
    {"websocket.egress.ca",         CONFIG_TEXT, "",          0,    4000,
     "file of certificates that wss targets are checked with; empty: the system's"                                                                          },
    {"websocket.insecure",          CONFIG_BOOL, "false",     0,    0,         "true: listen on any address although requests are not authenticated"        },
    {"websocket.origins",           CONFIG_TEXT, "*",         0,    4000,      "web origins whose pages may connect, separated by blanks; *: all"           },
    {"websocket.forwarded",         CONFIG_BOOL, "false",     0,    0,
     "true: clients without TLS come through a balancer alone, whose X-Forwarded-For says from which address"                                               },
    {"websocket.connections",       CONFIG_INT,  "10000",     1,    1000000,   "most connections at a time"                                                 },
    {"websocket.max_message",       CONFIG_INT,  "1048576",   1024, 268435456, "largest message accepted, bytes"                                            },
    {"websocket.backlog",           CONFIG_INT,  "4194304",   1024, 268435456,
     "bytes that may wait for a client that reads slowly before its connection is closed"                                                                   },
    {"websocket.inflight",          CONFIG_INT,  "64",        1,    100000,    "requests of one connection at a time; more are not read"                    },
    {"websocket.handshake",         CONFIG_INT,  "10",        1,    3600,
     "seconds that the handshake may take; a whole message may take twice that, and a second per KiB"                                                       },
    {"websocket.ping",              CONFIG_INT,  "30",        1,    3600,      "seconds after which a client is pinged that has not answered a ping in them"},
    {"websocket.pong",              CONFIG_INT,  "10",        1,    3600,      "seconds that the answer to a ping may take"                                 },
    {"websocket.poll.lifetime",     CONFIG_INT,  "60000",     1000, 1800000,
     "ms that a RETRIEVE of a polling channel's pcu waits for a request if it does not say (rqet)"                                                          },
    {"websocket.poll.max",          CONFIG_INT,  "2048",      1,    1000000,
     "polls that wait at a time at most; fewer than bus.inflight, so that others are served"                                                                },
    {"websocket.egress.timeout",    CONFIG_INT,  "5000",      10,   600000,    "ms that the delivery of a notification may take"                            },
    {"websocket.egress.total",      CONFIG_INT,  "1024",      1,    100000,    "most requests out at a time"                                                },
    {"websocket.egress.per_target", CONFIG_INT,  "8",         1,    10000,     "most notifications at a time to one client or address"                      },
    {"websocket.egress.per_cse",    CONFIG_INT,  "64",        1,    10000,     "most requests at a time to one other CSE"                                   },
    {NULL,                          CONFIG_TEXT, NULL,        0,    0,         NULL                                                                         },
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
    outbound_stop();
}

static bool idle(void)
{
    connection_drain();
    return connection_idle() && outbound_idle();
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_REQUESTS, "egress.ws", NULL, BUS_OPTIONAL, 256, outbound_handle},
        {BUS_OWN,      "egress.ws", NULL, 0,            256, outbound_handle},
        {0,            NULL,        NULL, 0,            0,   NULL           },
    };
    static const struct service websocket = {
        .name = "websocket",
        .purpose = "The WebSocket binding of oneM2M: requests both ways over connections that clients keep open.",
        .config = config,
        .tls = true,
        .consumers = consumers,
        .start = start,
        .stop = stop,
        .idle = idle,
    };

    return service_main(argc, argv, &websocket);
}
