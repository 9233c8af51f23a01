/*
 * A backup: one SQLite database, which any tool can read, with a table more, `backup` (name, value): where it is from, and a
 * SHA-256 of the whole file but that sum itself.
 */
#ifndef TESSERA_CLI_ARCHIVE_H
#define TESSERA_CLI_ARCHIVE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive {
    char version[32];   /* of the program that made it */
    char cse_id[256];   /* "/id-in" */
    char cse_name[256]; /* of the CSEBase; both "" when there is none yet */
    char made[32];      /* m2m:timestamp */
    int schema;
    int64_t resources; /* instances among them */
    int64_t bytes;
};

/* What a database that storage made holds. 0, or -1 with `why`. */
int archive_describe(struct archive *a, sqlite3 *db, char *why, size_t why_size);
/* Makes a backup of a finished copy: adds the table, then the sum. 0, or -1 with `why`. */
int archive_seal(const char *path, struct archive *a, char *why, size_t why_size);
/* Is it whole, and a database that holds together? Fills in `a`. 0, or -1 with `why`, in which it is called `name`. */
int archive_verify(const char *path, const char *name, struct archive *a, char *why, size_t why_size);
/* Takes the table out again: what is left is what storage had. 0, or -1 with `why`. */
int archive_unseal(const char *path, char *why, size_t why_size);

#endif
