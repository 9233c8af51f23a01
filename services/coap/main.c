/* coap - the CoAP binding of oneM2M (TS-0008): requests in, requests to other CSEs and notifications out. */
#include "call.h"
#include "egress.h"
#include "outbound.h"
#include "secure.h"
#include "server.h"
#include "service.h"

static const struct config_row config[] = {
    {"coap.listen",                 CONFIG_TEXT,   "127.0.0.1", 1,       45,         "numeric address to listen on; without coap.insecure a loopback address"},
    {"coap.port",                   CONFIG_INT,    "5683",      0,       65535,      "UDP port to listen on; 0: none"                                        },
    {"coap.tcp.port",               CONFIG_INT,    "0",         0,       65535,      "TCP port to listen on; 0: none"                                        },
    {"coap.dtls.port",              CONFIG_INT,    "0",         0,       65535,      "UDP port to listen on with DTLS; 0: none"                              },
    {"coap.tls.port",               CONFIG_INT,    "0",         0,       65535,      "TCP port to listen on with TLS; 0: none"                               },
    {"coap.keys",                   CONFIG_TEXT,   "",          0,       4000,
     "file of pre-shared keys for DTLS and TLS, lines identity:key, the key hexadecimal; certificates: section tls"                                          },
    {"coap.insecure",               CONFIG_BOOL,   "false",     0,       0,          "true: listen on any address although requests are not authenticated"   },
    {"coap.max_content",            CONFIG_INT,    "1048576",   1024,    268435456,  "largest content accepted, bytes"                                       },
    {"coap.blocks",                 CONFIG_INT,    "67108864",  1048576, 4294967296,
     "bytes of contents under way block by block at a time; the oldest give way"                                                                             },
    {"coap.patience",               CONFIG_INT,    "60000",     100,     600000,     "ms between two blocks of one content at most"                          },
    {"coap.inflight",               CONFIG_INT,    "2048",      1,       1000000,    "requests that are carried out at a time at most"                       },
    {"coap.acknowledge",            CONFIG_INT,    "1000",      0,       60000,      "ms after which a request without an answer yet is acknowledged alone"  },
    {"coap.recent",                 CONFIG_INT,    "16384",     16,      10000000,
     "requests that are remembered with their answers, lest one that is sent again is carried out again"                                                     },
    {"coap.recent_lifetime",        CONFIG_INT,    "247000",    1000,    3600000,    "ms for which they are remembered at most"                              },
    {"coap.sessions",               CONFIG_INT,    "4096",      1,       1000000,    "idle peers that are remembered at a time at most"                      },
    {"coap.session_timeout",        CONFIG_INT,    "300",       1,       86400,      "seconds after which an idle peer is forgotten"                         },
    {"coap.handshakes",             CONFIG_INT,    "100",       1,       100000,
     "DTLS handshakes at a time at most; what comes beyond is left to be repeated"                                                                           },
    {"coap.handshake_timeout",      CONFIG_INT,    "10000",     100,     600000,     "ms that the TLS handshake of a connection may take"                    },
    {"coap.poll.lifetime",          CONFIG_INT,    "60000",     1000,    1800000,
     "ms that a RETRIEVE of a polling channel's pcu waits for a request if it does not say (oneM2M-RQET)"                                                    },
    {"coap.poll.max",               CONFIG_INT,    "1024",      1,       1000000,
     "polls that wait at a time at most; fewer than coap.inflight, so that others are served"                                                                },
    {"coap.egress.timeout",         CONFIG_INT,    "10000",     10,      600000,
     "ms that the delivery of a notification may take, with all repetitions"                                                                                 },
    {"coap.egress.total",           CONFIG_INT,    "1024",      1,       100000,     "most requests out at a time"                                           },
    {"coap.egress.per_target",      CONFIG_INT,    "4",         1,       10000,
     "most notifications at a time to one host and port (NSTART is this and coap.egress.per_cse)"                                                            },
    {"coap.egress.per_cse",         CONFIG_INT,    "16",        1,       10000,      "most requests at a time to one other CSE (host and port)"              },
    {"coap.egress.peers",           CONFIG_INT,    "256",       1,       100000,     "peers that sessions are kept open to; those not used longest give way" },
    {"coap.egress.max_answer",      CONFIG_INT,    "4194304",   1024,    268435456,  "largest content of an answer from outside, bytes"                      },
    {"coap.egress.ca",              CONFIG_TEXT,   "",          0,       4000,
     "file of certificates that coaps and coaps+tcp targets are checked with; empty: the system's"                                                           },
    {"coap.egress.certificate",     CONFIG_TEXT,   "",          0,       4000,       "file of the certificate that they are shown, PEM; empty: none"         },
    {"coap.egress.certificate_key", CONFIG_TEXT,   "",          0,       4000,       "file of its private key, PEM"                                          },
    {"coap.egress.identity",        CONFIG_TEXT,   "",          0,       64,         "identity for coaps and coaps+tcp targets that take a key"              },
    {"coap.egress.key",             CONFIG_SECRET, "",          0,       128,        "the pre-shared key of that identity, hexadecimal"                      },
    {NULL,                          CONFIG_TEXT,   NULL,        0,       0,          NULL                                                                    },
};

static void start(void)
{
    server_start();
    egress_start();
}

static void stop(void)
{
    egress_stop();
    server_stop();
    secure_stop();
}

static bool idle(void)
{
    server_drain(); /* asked for the first time when the drain begins */
    return call_idle() && outbound_idle();
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_REQUESTS, "egress.coap", NULL, BUS_OPTIONAL, 256, outbound_handle},
        {0,            NULL,          NULL, 0,            0,   NULL           },
    };
    static const struct service coap = {
        .name = "coap",
        .purpose = "The CoAP binding of oneM2M: requests in, requests to other CSEs and notifications out.",
        .config = config,
        .tls = true,
        .consumers = consumers,
        .start = start,
        .stop = stop,
        .idle = idle,
    };

    return service_main(argc, argv, &coap);
}
