/*
 * How much waits in this process to leave for other CSEs, by event category: minReqVolume of a cmdhNwAccessRule is about all of
 * it together (cmdh.h). Once there is enough, what waits is let go, though the volume falls as one after the other leaves.
 */
#ifndef TESSERA_BACKLOG_H
#define TESSERA_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKLOG_ALL (SIZE_MAX / 4) /* more than any volume, and there is room to add to it */

void backlog_add(int ec, size_t size);
void backlog_remove(int ec, size_t size);
/* One has been let go: all others of its category may, too. */
void backlog_release(int ec);
bool backlog_waits(int ec);
/* Bytes of content; for a while after a release BACKLOG_ALL. */
size_t backlog_volume(int ec);

#endif
