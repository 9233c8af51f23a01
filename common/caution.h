/*
 * Which of the events that came back is it that kills? Pure. Before events that came back are handled, it is kept how many of
 * them are handled together; a process that finds this from another one knows that that one died of them, and takes
 * fewer: all, some, one. One that has been alone for CAUTION_TRIES deaths is buried.
 */
#ifndef TESSERA_CAUTION_H
#define TESSERA_CAUTION_H

#include "str.h"

#include <jansson.h>
#include <stdbool.h>

#define CAUTION_TRIES 3
#define CAUTION_ALL 0

/* What is kept: {"by":INSTANCE,"size":0,"id":EVENT,"tries":n}. */
struct caution {
    char by[100]; /* the process that has written it; "" = nobody */
    int size;     /* events handled together; CAUTION_ALL */
    char id[100]; /* of the one that is alone */
    int tries;    /* how often it has been */
};

void caution_read(struct caution *c, const json_t *kept); /* NULL or anything else: nobody */
void caution_write(struct str *out, const struct caution *c);
/* How many are handled together after `before`, by the process `me`. */
int caution_size(const struct caution *before, const char *me);
/* What is to be kept before `id` is handled alone; its `tries` beyond CAUTION_TRIES: it is to be buried instead. */
struct caution caution_alone(const struct caution *before, const char *me, const char *id);

#endif
