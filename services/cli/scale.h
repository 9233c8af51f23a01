/* `tessera scale`: how many of each service run. */
#ifndef TESSERA_CLI_SCALE_H
#define TESSERA_CLI_SCALE_H

#include "command.h"

int scale_run(const struct args *args);

#endif
