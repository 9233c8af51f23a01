/* Where the installation of this machine keeps its things, and files that are made whole or not at all. */
#ifndef TESSERA_CLI_PLACE_H
#define TESSERA_CLI_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The state directory: TESSERA_STATE_DIR, else var/ here or of the checkout that this program was built in. The caller frees. */
char *place_state(void);
char *place_tenants(void); /* the directory of the database: storage.directory, else tenants/ in the state directory */

/* The directory of a file. The caller frees. */
char *place_folder(const char *path);
int64_t place_free(const char *folder); /* bytes that are free there; -1 when it cannot be told */
/* "12.3 MB". */
void place_size(char *out, size_t size, int64_t bytes);
/* Writes what was written to the disk itself. 0, or -1 with errno. */
int place_sync(const char *path);
/* For root, who works for the owner of the folder: gives the file to that one. */
void place_give(const char *path);
/*
 * Gives a finished file its name, and has that written to the disk. With `keep` it fails (EEXIST) when there is such a file. 0,
 * or -1 with errno.
 */
int place_rename(const char *from, const char *to, bool keep);

#endif
