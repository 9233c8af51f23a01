/* `tessera token ALG KEY [KID]`: signs the claims on standard input. Returns the exit status. */
#ifndef TESSERA_CLI_TOKEN_H
#define TESSERA_CLI_TOKEN_H

#include "command.h"

int token_make(const struct args *args);

#endif
