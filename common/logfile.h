/*
 * The log of a machine's processes in one file that stays bounded: PATH, and the older PATH.1, PATH.2, ... Whoever finds it too
 * large puts a fresh one in its place; the others, who have it open, go on in the fresh one with their next line, or at most a
 * second later. Nothing is copied, so no line is lost or torn by it, and nobody has to be told.
 */
#ifndef TESSERA_LOGFILE_H
#define TESSERA_LOGFILE_H

#include <stdint.h>

/* Standard output and standard error become PATH from now on; "" leaves them alone. `size` in bytes; `files`: how many are kept
 * in all, 2 or more. */
void logfile_open(const char *path, int64_t size, int files);
/* Follows PATH when another has replaced it, replaces it when it is too large. From any thread; costs a stat(). */
void logfile_check(void);
/*
 * The same for a program that holds PATH open (to append) and cannot be told to let go: what is in it is copied, then it is cut
 * short. A line that is written in that very instant is lost. Returns 1 when it was too large and is not any more, 0 when there
 * was nothing to do, -1 when it failed (errno) and nothing has changed.
 */
int logfile_trim(const char *path, int64_t size, int files);

#endif
