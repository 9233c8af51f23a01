/*
 * What is collected: a <statsCollect> (TS-0001 9.6.25) says about whom and when, the <eventConfig> (9.6.24) that it names what.
 * Pure.
 */
#ifndef STATISTICS_RULE_H
#define STATISTICS_RULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* m2m:eventType */
enum { DATA_OPERATION = 1, STORAGE_BASED, TIMER_BASED };

/* A request that was answered. The strings are borrowed. */
struct usage {
    const char *id;          /* unique, the same when it is told twice */
    const char *fr;          /* the originator's stem */
    const char *to, *rqi;    /* as in the request */
    const char *ri, *path;   /* of its target, NULL: not here */
    int64_t at;              /* ms since 1970 */
    int64_t asked, answered; /* bytes of content */
    int op, ty, rsc;
};

bool rule_is_active(const json_t *rule);
/* `event` NULL: every operation. Both are attributes as storage has them. */
bool rule_collects(const json_t *rule, const json_t *event, const struct usage *u);
int rule_event_type(const json_t *event);
/* When a timer-based event ends, ms since 1970; 0: it is no such event, or never. */
int64_t rule_end(const json_t *event);

#endif
