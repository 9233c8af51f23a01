/* Commands that ask the supervisor. Each returns the exit status. */
#ifndef TESSERA_STATUS_H
#define TESSERA_STATUS_H

#include "command.h"

int status_show(const struct args *args);
int status_wait(const struct args *args);

#endif
