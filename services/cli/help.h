/* Help, written from the tables. */
#ifndef TESSERA_CLI_HELP_H
#define TESSERA_CLI_HELP_H

#include "command.h"

void help_all(FILE *out);
void help_unknown(FILE *out, const char *name); /* of a command that is none */
void help_command(FILE *out, const struct command *command);

#endif
