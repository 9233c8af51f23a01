/* supervisor - starts the broker and the services, watches them, restarts them with back-off. */
#include "fleet.h"
#include "keeper.h"
#include "lock.h"
#include "management.h"
#include "scale.h"
#include "service.h"
#include "settings.h"

static const struct config_row config[] = {
    {"supervisor.state",       CONFIG_TEXT, "var",       1,   4000,   "directory of this installation: data, secrets, logs"                               },
    {"supervisor.instances",   CONFIG_TEXT,
     "storage=1 semantics=1 orchestrator=1 notification=1 timing=1 statistics=1 polling=1 registration=1 network=1 http=1 "
     "websocket=1 mqtt=1 coap=1",                        1,   1000,   "how many of each service, in starting order; network only where network.url is set"},
    {"supervisor.broker",      CONFIG_TEXT, "",          0,   4000,
     "program that runs a private broker; empty: services use the broker at bus.host"                                                                     },
    {"supervisor.mosquitto",   CONFIG_TEXT, "",          0,   4000,
     "program that runs a private MQTT broker if there are instances of mqtt; empty: they use the broker at mqtt.url"                                     },
    {"supervisor.stdout",      CONFIG_BOOL, "false",     0,   0,
     "true: all processes write to the supervisor's standard output, not to files in the state directory's log"                                           },
    {"supervisor.patience",    CONFIG_INT,  "10000",     100, 600000, "ms that a process is given to end before it is killed"                             },
    {"supervisor.hang",        CONFIG_INT,  "60",        4,   3600,
     "s without a sign of life after which the private broker, or the supervisor itself, is ended and started again"                                      },
    {"broker.port",            CONFIG_INT,  "5682",      1,   65535,  "port of the private broker"                                                        },
    {"broker.dist_port",       CONFIG_INT,  "0",         0,   65535,  "distribution port of the private broker; 0 = broker.port + 20000, wrapped"         },
    {"broker.nodes",           CONFIG_INT,  "1",         1,   7,
     "private brokers on this machine; 3, 5 or 7 are a cluster, at 127.0.0.1, 127.0.0.2, ..."                                                             },
    {"broker.cluster",         CONFIG_TEXT, "",          0,   1000,
     "addresses of the private brokers of several machines, which are a cluster, this one's broker.address among them, a comma "
     "between"                                                                                                                                            },
    {"broker.address",         CONFIG_TEXT, "127.0.0.1", 1,   64,     "address that the private broker listens on"                                        },
    {"broker.host",            CONFIG_TEXT, "",          0,   255,    "which of broker.cluster this machine is; empty = broker.address"                   },
    {"broker.tls.port",        CONFIG_INT,  "0",         0,   65535,  "port of the private broker with TLS, which then has no other; 0 = without"         },
    {"broker.tls.certificate", CONFIG_TEXT, "",          0,   4000,
     "file of the private broker's certificate and chain (PEM), for all names and addresses in broker.cluster"                                            },
    {"broker.tls.key",         CONFIG_TEXT, "",          0,   4000,   "file of its private key"                                                           },
    {"broker.tls.ca",          CONFIG_TEXT, "",          0,   4000,
     "file of the authority of these certificates; if it is set, the nodes of a cluster talk TLS to each other, too"                                      },
    {"broker.memory",          CONFIG_TEXT, "",          0,   32,
     "memory above which the private broker takes nothing more, as in rabbitmq.conf; empty = 256MiB"                                                      },
    {"broker.disk",            CONFIG_TEXT, "",          0,   32,     "free disk space below which the private broker takes nothing more; empty = 50MB"   },
    {"broker.log",             CONFIG_TEXT, "warning",   1,   16,     "least level of the private broker's log"                                           },
    {NULL,                     CONFIG_TEXT, NULL,        0,   0,      NULL                                                                                },
};

static void start(void)
{
    lock_take();
    settings_check();
    management_route("/status", fleet_status);
    management_route("/targets", fleet_targets);
    management_action("/scale", scale_action);
    fleet_start();
}

int main(int argc, char **argv)
{
    static const struct service supervisor = {
        .name = "supervisor",
        .purpose = "starts the broker and the services, watches them, restarts them with back-off",
        .config = config,
        .no_bus = true,
        .tls = true, /* the private MQTT broker's */
        .start = start,
        .ready = fleet_ready,
        .idle = fleet_stop,
        .drain = 120000, /* the children have their own patience */
    };

    keeper_main(argc, argv);
    return service_main(argc, argv, &supervisor);
}
