/* What a process said last before it ended: the reason that its exit status does not tell. */
#ifndef TESSERA_WORDS_H
#define TESSERA_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t words_mark(const char *path); /* the length of a log now */
/*
 * In the log PATH behind `mark`, the last error of the process `name`, or what it printed otherwise (a setting that it refused);
 * of a program of others (`foreign`) its last line. The caller frees; NULL when there is none.
 */
char *words_last(const char *path, int64_t mark, const char *name, bool foreign);
/* The same of a text. Pure. */
char *words_find(const char *text, size_t len, const char *name, bool foreign);

#endif
