/* `tessera backup` and `tessera restore`. */
#ifndef TESSERA_CLI_BACKUP_H
#define TESSERA_CLI_BACKUP_H

#include "archive.h"
#include "command.h"

int backup_make(const struct args *args);
int backup_restore(const struct args *args);
void backup_print(FILE *out, const char *what, const char *path, const struct archive *a);
/* Signals from here on end the work at its next step, so that nothing half done stays: `backup_stopped` says so. */
void backup_catch_signals(void);
extern volatile int backup_stopped;

#endif
