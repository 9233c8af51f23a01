/* The table of commands. */
#include "backup.h"
#include "command.h"
#include "complete.h"
#include "doctor.h"
#include "find.h"
#include "health.h"
#include "logs.h"
#include "resources.h"
#include "scale.h"
#include "status.h"
#include "token.h"
#include "watch.h"

#include "mem.h"

#define CLIENT                                                                                                                   \
    (WITH(OPTION_ORIGINATOR) | WITH(OPTION_URL) | WITH(OPTION_CA) | WITH(OPTION_CERT) | WITH(OPTION_KEY) | WITH(OPTION_JSON))
#define RESOURCES "Resources"
#define INSTALLATION "The installation"
#define DATA "Data"
#define OTHER "Other"

/* clang-format off */
const struct command commands[] = {
    {"get", "ADDRESS [ARGUMENT=VALUE...]", "retrieve a resource; arguments are those of oneM2M, like rcn=4 or atrl=lbl,et",
     1, -1, CLIENT, {WORD_ADDRESS, WORD_FILTERS, WORD_FILTERS}, RESOURCES, resource_get},
    {"create", "PARENT TYPE [ATTRIBUTE=VALUE... | JSON | -]", "create a resource: tessera create cse-in/thermo cnt rn=room mni=100",
     2, -1, CLIENT, {WORD_ADDRESS, WORD_TYPE, WORD_VALUES}, RESOURCES, resource_create},
    {"update", "ADDRESS [ATTRIBUTE=VALUE... | JSON | -]", "change attributes; without a value (lbl=) one is removed",
     2, -1, CLIENT, {WORD_ADDRESS, WORD_VALUES, WORD_VALUES}, RESOURCES, resource_update},
    {"delete", "ADDRESS...", "delete resources and all that is below them",
     1, -1, CLIENT, {WORD_ADDRESS, WORD_ADDRESS, WORD_ADDRESS}, RESOURCES, resource_delete},
    {"discover", "[ADDRESS] [FILTER=VALUE...]", "find resources, by type, label, time, attribute: tessera discover ty=cnt lbl=room",
     0, -1, CLIENT | WITH(OPTION_LIMIT), {WORD_ADDRESS, WORD_FILTERS, WORD_FILTERS}, RESOURCES, find_discover},
    {"tree", "[ADDRESS]", "draw the resources below one; the CSEBase, if none is named",
     0, 1, CLIENT | WITH(OPTION_DEPTH) | WITH(OPTION_LIMIT) | WITH(OPTION_ALL), {WORD_ADDRESS}, RESOURCES, find_tree},
    {"subscribe", "ADDRESS [EVENT...] [ATTRIBUTE=VALUE...]", "have somebody notified: of updated, deleted, created, removed (children), ...",
     1, -1, CLIENT | WITH(OPTION_NU), {WORD_ADDRESS, WORD_EVENT, WORD_EVENT}, RESOURCES, watch_subscribe},
    {"watch", "ADDRESS [EVENT...]", "print what happens to a resource and directly below it, as it happens, until Ctrl-C",
     1, -1, CLIENT | WITH(OPTION_LIMIT), {WORD_ADDRESS, WORD_EVENT, WORD_EVENT}, RESOURCES, watch_run},
    {"status", "", "show every process of the installation and its health; exit 0 when all are healthy",
     0, 0, WITH(OPTION_JSON), {WORD_NONE}, INSTALLATION, status_show},
    {"wait", "[SECONDS]", "wait until all are healthy (20 s at most, or as given); exit 1 with the reasons otherwise",
     0, 1, 0, {WORD_NONE}, INSTALLATION, status_wait},
    {"health", "[PORT|SERVICE]", "ask one process, or all of a service, for its health; without either the one at management.port",
     0, 1, 0, {WORD_SERVICE}, INSTALLATION, health_ask},
    {"doctor", "", "look for what usually is wrong, and say what to do; exit 1 when something is",
     0, 0, WITH(OPTION_JSON), {WORD_NONE}, INSTALLATION, doctor_run},
    {"logs", "[SERVICE]", "the last lines of the log, of all services or one; the broker's own with broker",
     0, 1, WITH(OPTION_FOLLOW) | WITH(OPTION_TRACE) | WITH(OPTION_LEVEL) | WITH(OPTION_SINCE) | WITH(OPTION_LIMIT) | WITH(OPTION_FILE) | WITH(OPTION_JSON),
     {WORD_SERVICE}, INSTALLATION, logs_show},
    {"scale", "[SERVICE=N...]", "run so many of a service from now on; without arguments: how many there are",
     0, -1, WITH(OPTION_JSON), {WORD_SERVICE, WORD_SERVICE, WORD_SERVICE}, INSTALLATION, scale_run},
    {"backup", "FILE|-", "write all data of this machine's installation to a new file (or standard output), while it runs",
     1, 1, 0, {WORD_FILE}, DATA, backup_make},
    {"restore", "FILE|-", "put a backup in the place of the data of an installation that does not run",
     1, 1, WITH(OPTION_FORCE), {WORD_FILE}, DATA, backup_restore},
    {"token", "ALG KEYFILE [KID]", "sign the claims on standard input as a token (HS256, RS256, ES256)",
     2, 3, 0, {WORD_NONE, WORD_FILE, WORD_NONE}, OTHER, token_make},
    {"completion", "bash", "print what makes the shell complete commands, types, attributes and resources: source <(tessera completion bash)",
     1, 1, 0, {WORD_SHELL}, OTHER, complete_shell},
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
