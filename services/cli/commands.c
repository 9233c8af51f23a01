/* The table of commands. */
#include "command.h"
#include "health.h"
#include "status.h"
#include "token.h"

#include "mem.h"

#define INSTALLATION "The installation"
#define OTHER "Other"

/* clang-format off */
const struct command commands[] = {
    {"status", "", "show every process of the installation and its health; exit 0 when all are healthy",
     0, 0, WITH(OPTION_JSON), {WORD_NONE}, INSTALLATION, status_show},
    {"wait", "[SECONDS]", "wait until all are healthy (20 s at most, or as given); exit 1 with the reasons otherwise",
     0, 1, 0, {WORD_NONE}, INSTALLATION, status_wait},
    {"health", "[PORT|SERVICE]", "ask one process, or all of a service, for its health; without either the one at management.port",
     0, 1, 0, {WORD_SERVICE}, INSTALLATION, health_ask},
    {"token", "ALG KEYFILE [KID]", "sign the claims on standard input as a token (HS256, RS256, ES256)",
     2, 3, 0, {WORD_NONE, WORD_FILE, WORD_NONE}, OTHER, token_make},
    {NULL, NULL, NULL, 0, 0, 0, {WORD_NONE}, NULL, NULL},
};
/* clang-format on */

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}
