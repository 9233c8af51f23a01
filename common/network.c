#include "network.h"

#include <string.h>

const struct config_row network_config[] = {
    {"network.url",             CONFIG_TEXT,   "",          0,   2000,
     "base URL of the network's exposure function (SCEF or NEF, TS 29.122); empty: there is no network"                                   },
    {"network.scs",             CONFIG_TEXT,   "tessera",   1,   100,     "SCS/AS identifier under which this CSE is known there"         },
    {"network.credentials",     CONFIG_SECRET, "",          0,   8000,    "NAME:PASSWORD, or a bearer token; empty: none"                 },
    {"network.ca",              CONFIG_TEXT,   "",          0,   4000,
     "file of certificates that an https network.url is checked with; empty: the system's"                                                },
    {"network.timeout",         CONFIG_INT,    "3000",      100, 600000,  "ms that one request to the network may take"                   },
    {"network.retry",           CONFIG_INT,    "30000",     100, 3600000, "ms between attempts at most, while the network does not answer"},
    {"network.connections",     CONFIG_INT,    "16",        1,   1000,    "most connections to the network at a time"                     },
    {"network.callback.listen", CONFIG_TEXT,   "127.0.0.1", 2,   45,      "IP address on which reports of the network are taken"          },
    {"network.callback.port",   CONFIG_INT,    "8089",      1,   65535,   "port of that address"                                          },
    {"network.callback.url",    CONFIG_TEXT,   "",          0,   2000,
     "base URL at which the network reaches it, perhaps through a proxy; empty: http:// and its address and port"                         },
    {NULL,                      CONFIG_TEXT,   NULL,        0,   0,       NULL                                                            },
};

const char network_missing[] = "there is no underlying network: network.url says where its exposure function is, network.scs and "
                               "network.credentials who this CSE is there";

bool network_configured(void)
{
    return *config_text("network.url") != '\0';
}

const char *network_identity(const char *id)
{
    static const char digits[] = "0123456789";
    size_t len = strlen(id), local = strcspn(id, "@");

    if (len >= 5 && len <= 15 && strspn(id, digits) == len)
        return "msisdn";
    return local > 0 && local + 1 < len && !strchr(id + local + 1, '@') ? "externalId" : NULL;
}
