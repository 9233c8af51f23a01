/*
 * Semantic mashups, TS-0001 10.2.15: what an instance is made of, and carrying out its function. All of it asks (ask.h) on behalf
 * of who made the instance, and is planned again with the answers.
 */
#ifndef TESSERA_MASHUP_H
#define TESSERA_MASHUP_H

#include "rules.h"

/* Attribute of the CSE's own: ids of the results of an instance, the newest at last. */
#define MASHUP_RESULTS "_smr"

enum { TY_MASHUP_PROFILE = 40, TY_MASHUP_INSTANCE, TY_MASHUP_RESULT };

/* m2m:mashupResultGenType */
enum { GENERATE_AT_CREATION = 1, GENERATE_ON_REQUEST, GENERATE_PERIODICALLY, GENERATE_ON_CHANGE };
bool mashup_generates(const json_t *a, int when);

/* One instance while a decision is made about it. */
struct mashup {
    const struct request *req;
    struct snapshot *snap;
    struct plan *plan;
    const char *who;  /* whose rights count, a stem as in plan.originator */
    json_t *a;        /* attributes of the instance; msm is set by mashup_collect() */
    json_t *profile;  /* attributes of its semanticMashupJobProfile */
    json_t *members;  /* as `semantics` wants them: [{"uri","value","set"},...] */
    json_t *subjects; /* ids of those that are resources of this CSE */
};
void mashup_init(struct mashup *m, const struct request *req, struct snapshot *snap, struct plan *plan, const char *who,
                 json_t *a);
void mashup_done(struct mashup *m);

/* Steps, in this order. The profile that smjpID leads to: else 4000. */
enum rsc mashup_find_profile(struct mashup *m);
/* The members: those of `msm`, else what memberFilter finds; each must be there (4121). */
enum rsc mashup_collect(struct mashup *m);
/* The function over them: a new <semanticMashupResult> below `ri` at `path`, as a record. The caller owns it. */
enum rsc mashup_generate(struct mashup *m, const char *ri, const char *path, json_t **record);

#endif
