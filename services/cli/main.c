/* tessera - the command line: how is this installation? */
#include "config.h"
#include "status.h"
#include "token.h"

#include "mem.h"

/* Of the supervisor's settings: where it is asked. */
static const struct config_row config[] = {
    {"management.listen", CONFIG_TEXT, "127.0.0.1", 2, 45,    "IP address on which /health and /metrics are served"},
    {"management.port",   CONFIG_INT,  "8090",      0, 65535, "port on which the supervisor is asked"              },
    {NULL,                CONFIG_TEXT, NULL,        0, 0,     NULL                                                 },
};

struct command {
    const char *name;
    const char *arguments;
    const char *help;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"status", "[--json]",          "show every process of the installation and its health; exit 0 when all are healthy",        status_show},
    {"wait",   "[SECONDS]",         "wait until all are healthy (20 s at most, or as given); exit 1 with the reasons otherwise",
     status_wait                                                                                                                            },
    {"token",  "ALG KEYFILE [KID]", "sign the claims on standard input as a token (HS256, RS256, ES256)",                        token_make },
    {NULL,     NULL,                NULL,                                                                                        NULL       },
};

static int usage(FILE *out, int status)
{
    fprintf(out, "usage: tessera COMMAND\n\n");
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "  %-8s %-18s %s\n", c->name, c->arguments, c->help);
    fprintf(out, "\nThe supervisor is asked on 127.0.0.1 at TESSERA_MANAGEMENT_PORT (default 8090), which may stand in the file "
                 "that TESSERA_CONFIG names.\n");
    return status;
}

int main(int argc, char **argv)
{
    const struct config_row *const tables[] = {config, NULL};

    if (argc < 2)
        return usage(stderr, 64);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout, 0);
    if (strcmp(argv[1], "--settings") == 0)
        return 0; /* it has none of its own */
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(argv[1], c->name) != 0)
            continue;
        config_load("tessera", tables, argc, argv);
        return c->run(argc - 2, argv + 2);
    }
    fprintf(stderr, "tessera: unknown command \"%s\"\n", argv[1]);
    return usage(stderr, 64);
}
