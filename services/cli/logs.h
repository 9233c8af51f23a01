/* `tessera logs`: the lines that are wanted, for people. */
#ifndef TESSERA_CLI_LOGS_H
#define TESSERA_CLI_LOGS_H

#include "command.h"
#include "str.h"

struct logs_filter {
    const char *service; /* "http" or "http.1"; NULL: all */
    const char *trace;   /* part of the line; NULL: any */
    int level;           /* at least, index of "debug", "info", "warn", "error" */
    char since[40];      /* as `t` has it; "": from the beginning */
};

/* "10m", "2h", "3d", "45s" before `now` (ms), "2026-11-21T19:00", "2026-11-21" or "19:00" (of today), in UTC. -1: none of these.
 * Pure. */
int logs_since(const char *text, int64_t now, char *out, size_t size);
/* 0 to 3, or -1. Pure. */
int logs_level(const char *word);
/*
 * A line (without its line feed) that the filter lets through, appended with a line feed; as it stands if `raw`. What is no JSON
 * passes when only lines of all services and levels are wanted. False: not wanted. Pure.
 */
bool logs_line(struct str *out, const struct logs_filter *filter, const char *line, size_t len, bool raw, bool coloured);

int logs_show(const struct args *args);

#endif
