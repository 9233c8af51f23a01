/*
 * The one thread that writes. All jobs that wait become one transaction; they are answered on the main thread when it is
 * durable. While nobody waits it tidies up.
 */
#ifndef STORAGE_WRITER_H
#define STORAGE_WRITER_H

#include "store.h"

#define WRITER_WAITING_MAX 4096

/* Called on the main thread after each group, before its jobs' `done`. `jobs` may be 0: the writer did something by itself. */
typedef void writer_group_fn(const struct group_report *report, struct job *const *jobs, int count);

struct writer;
struct writer *writer_start(struct store *store /* taken */, writer_group_fn *on_group);
void writer_stop(struct writer *writer);                   /* finishes what waits; answers it; frees */
int writer_submit(struct writer *writer, struct job *job); /* -1: too many wait */
int writer_waiting(const struct writer *writer);           /* submitted and not answered */
void writer_confirmed(struct writer *writer, int64_t seq); /* events up to this one may be deleted */
/* Does it work? Otherwise `why`. */
bool writer_healthy(const struct writer *writer, struct str *why);

#endif
