/* `tessera get`, `create`, `update`, `delete`. Each returns the exit status. */
#ifndef TESSERA_CLI_RESOURCES_H
#define TESSERA_CLI_RESOURCES_H

#include "command.h"

int resource_get(const struct args *args);
int resource_create(const struct args *args);
int resource_update(const struct args *args);
int resource_delete(const struct args *args);

#endif
