/* Settings of the command line: its own, and those of the installation's services that tell where it is. */
#ifndef TESSERA_CLI_SETTINGS_H
#define TESSERA_CLI_SETTINGS_H

#include "config.h"

extern const struct config_row client_config[]; /* its own */

/* `file` as --config says, or NULL. Ends the process (78) at a bad value. */
void settings_load(const char *file);

#endif
