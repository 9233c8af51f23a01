/* mqtt - the MQTT binding of oneM2M (TS-0010): requests both ways over a broker. */
#include "outbound.h"
#include "server.h"
#include "service.h"

static const struct config_row config[] = {
    {"mqtt.url",               CONFIG_TEXT,   "",          0,    400,
     "the broker, mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; empty: a private one, which the supervisor runs"                                                 },
    {"mqtt.port",              CONFIG_INT,    "1883",      1,    65535,     "port of the private broker"                                                      },
    {"mqtt.insecure",          CONFIG_BOOL,   "false",     0,    0,
     "true: the private broker listens on any address although it asks for no names"                                                                          },
    {"mqtt.listen",            CONFIG_TEXT,   "127.0.0.1", 1,    45,
     "numeric address that the private broker listens on; without mqtt.users a loopback address"                                                              },
    {"mqtt.users",             CONFIG_TEXT,   "",          0,    4000,
     "file of the private broker's users, made with mosquitto_passwd: each may use the topics of the AE-ID or CSE-ID that is its "
     "name; empty: no names"                                                                                                                                  },
    {"mqtt.tls.port",          CONFIG_INT,    "0",         0,    65535,     "port on which the private broker speaks TLS (section tls) as well; 0: none"      },
    {"mqtt.user",              CONFIG_TEXT,   "",          0,    200,       "name of the CSE at the broker"                                                   },
    {"mqtt.password",          CONFIG_SECRET, "",          0,    4000,      "its password, or @FILE"                                                          },
    {"mqtt.authenticated",     CONFIG_BOOL,   "false",     0,    0,
     "true: the broker of mqtt.url lets each of its users publish below its own id only, so that originators count as "
     "authenticated"                                                                                                                                          },
    {"mqtt.ca",                CONFIG_TEXT,   "",          0,    4000,      "file of the authorities that mqtts brokers are checked with; empty: the system's"},
    {"mqtt.certificate",       CONFIG_TEXT,   "",          0,    4000,      "file of the certificate that the CSE shows to mqtts brokers; empty: none"        },
    {"mqtt.key",               CONFIG_TEXT,   "",          0,    4000,      "file of its key"                                                                 },
    {"mqtt.client",            CONFIG_TEXT,   "",          0,    200,
     "client identifier, another one for each instance that uses the broker; empty: C::, the CSE-ID and the instance"                                         },
    {"mqtt.prefix",            CONFIG_TEXT,   "",          0,    400,       "what stands before /oneM2M in the topics"                                        },
    {"mqtt.shared",            CONFIG_BOOL,   "true",      0,    0,         "instances share the requests: needs a broker with shared subscriptions"          },
    {"mqtt.mobius",            CONFIG_BOOL,   "false",     0,    0,
     "true: as clients made for Mobius have it: answers are never below m2m:rsp, and the notification target mqtt://HOST/ID is "
     "the "
     "AE of that id"                                                                                                                                          },
    {"mqtt.keepalive",         CONFIG_INT,    "30",        5,    3600,      "seconds of silence after which the broker is pinged"                             },
    {"mqtt.max_message",       CONFIG_INT,    "1048576",   1024, 268435456, "largest message taken, bytes"                                                    },
    {"mqtt.queue",             CONFIG_INT,    "4096",      1,    1000000,   "messages that have come and wait to be looked at"                                },
    {"mqtt.inflight",          CONFIG_INT,    "1000",      1,    65000,     "messages to a broker that it has not confirmed yet"                              },
    {"mqtt.backlog",           CONFIG_INT,    "20000",     1,    1000000,   "messages that wait to be sent to a broker"                                       },
    {"mqtt.poll.lifetime",     CONFIG_INT,    "60000",     1000, 1800000,
     "ms that a RETRIEVE of a polling channel's pcu waits for a request if it does not say (rqet)"                                                            },
    {"mqtt.poll.max",          CONFIG_INT,    "2048",      1,    1000000,
     "polls that wait at a time at most; fewer than bus.inflight, so that others are served"                                                                  },
    {"mqtt.egress.timeout",    CONFIG_INT,    "5000",      10,   600000,    "ms that the delivery of a notification may take"                                 },
    {"mqtt.egress.total",      CONFIG_INT,    "1024",      1,    100000,    "most requests out at a time"                                                     },
    {"mqtt.egress.per_target", CONFIG_INT,    "256",       1,    10000,     "most notifications at a time over one broker"                                    },
    {"mqtt.egress.per_cse",    CONFIG_INT,    "256",       1,    10000,     "most requests to other CSEs at a time over one broker"                           },
    {"mqtt.egress.brokers",    CONFIG_INT,    "32",        1,    256,       "most other brokers that are connected at a time"                                 },
    {"mqtt.egress.idle",       CONFIG_INT,    "60000",     1000, 3600000,
     "ms after which a connection to another broker that is not used is closed"                                                                               },
    {NULL,                     CONFIG_TEXT,   NULL,        0,    0,         NULL                                                                              },
};

static void stop(void)
{
    server_stop();
}

static bool idle(void)
{
    server_drain(); /* asked for the first time when the drain begins */
    return server_idle() && outbound_idle();
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_REQUESTS, "egress.mqtt", NULL, BUS_OPTIONAL, 256, outbound_handle},
        {0,            NULL,          NULL, 0,            0,   NULL           },
    };
    static const struct service mqtt = {
        .name = "mqtt",
        .purpose = "The MQTT binding of oneM2M: requests both ways over a broker.",
        .config = config,
        .consumers = consumers,
        .start = server_start,
        .stop = stop,
        .ready = server_ready,
        .idle = idle,
    };

    return service_main(argc, argv, &mqtt);
}
