#include "settings.h"

#include "cse.h"
#include "mem.h"

const struct config_row client_config[] = {
    {"url",        CONFIG_TEXT, "",   0, 4000,
     "where `tessera` finds the CSE, http://HOST:PORT or https://HOST:PORT; empty: the local installation"},
    {"originator", CONFIG_TEXT, "",   0, 1024, "who asks, in `tessera`; empty: cse.admin"                 },
    {NULL,         CONFIG_TEXT, NULL, 0, 0,    NULL                                                       },
};

/* Of other programs, with their defaults: where the local installation is. */
static const struct config_row local_config[] = {
    {"management.listen", CONFIG_TEXT, "127.0.0.1", 2, 45,    "IP address of the management ports"},
    {"management.port",   CONFIG_INT,  "8090",      0, 65535, "port of the supervisor"            },
    {NULL,                CONFIG_TEXT, NULL,        0, 0,     NULL                                },
};

void settings_load(const char *file)
{
    const struct config_row *const tables[] = {client_config, local_config, cse_config, NULL};
    char *argv[] = {"tessera", "--config", (char *)(uintptr_t)file};

    config_load_some("tessera", tables, file ? 3 : 1, argv);
}
