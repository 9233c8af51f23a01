/* `tessera token ALG KEY [KID]`: signs the claims on standard input. Returns the exit status. */
#ifndef TESSERA_CLI_TOKEN_H
#define TESSERA_CLI_TOKEN_H

int token_make(int argc, char **argv);

#endif
