/* The CSEBase: created at the very first start, kept true to the settings at every further one. */
#ifndef TESSERA_BOOT_H
#define TESSERA_BOOT_H

#include <stdbool.h>

void boot_start(void);
bool boot_done(void);

#endif
