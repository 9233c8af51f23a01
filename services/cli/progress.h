/* A bar on the terminal for work that takes time; nothing when standard error is none. */
#ifndef TESSERA_CLI_PROGRESS_H
#define TESSERA_CLI_PROGRESS_H

#include "str.h"

struct progress {
    const char *what; /* borrowed */
    int64_t shown;    /* when, us */
    bool terminal, drawn;
};

void progress_start(struct progress *p, const char *what);
void progress_set(struct progress *p, int64_t done, int64_t total);
void progress_end(struct progress *p); /* takes it away */
/* "copying [####......]  42 %". Pure. */
void progress_draw(struct str *out, const char *what, int64_t done, int64_t total);

#endif
