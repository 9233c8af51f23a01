/*
 * A subscription, TS-0001 9.6.8, taken apart once: events bring the same text again and again. Shared by the lanes of
 * its targets: _ref/_unref. Pure.
 */
#ifndef NOTIFICATION_SUBSCRIPTION_H
#define NOTIFICATION_SUBSCRIPTION_H

#include "event.h"

#include <jansson.h>

enum net {
    NET_NONE = 0,
    NET_UPDATE = 1,
    NET_DELETE = 2,
    NET_CREATE_CHILD = 3,
    NET_DELETE_CHILD = 4,
    NET_EMPTY = 5,
    NET_TRIGGER = 6,
    NET_MISSING_DATA = 8,
};

enum pending_notification { PENDING_UNSET = 0, PENDING_LATEST = 1, PENDING_ALL = 2 };

#define EC_IMMEDIATE 2
#define EC_LATEST 4

/* What the subscription says about sending. 0 where it says nothing. Times are ms. */
struct policy {
    bool batch;             /* bn */
    int64_t batch_number;   /* bn.num */
    int64_t batch_duration; /* bn.dur */
    bool limited;           /* rl */
    int64_t rate_number;    /* rl.mnn */
    int64_t rate_window;    /* rl.tww */
    bool latest;            /* ln */
    int pending;            /* pn */
    int category;           /* nec */
    int64_t max_age;        /* ma */
    const json_t *schedule; /* list of m2m:scheduleEntry; NULL = always. Borrowed from the subscription */
};

struct subscription {
    int refs;
    char *ri, *path;
    char *text; /* the raw attributes it was read from */
    size_t text_len;
    json_t *a;        /* attributes */
    char *sched_text; /* the raw schedule, or NULL */
    json_t *sched;
    uint32_t nets; /* bit n: net n */
    bool monitors; /* operation monitoring */
    int nct;       /* 0 = the default of the net */
    struct policy policy;
    const json_t *nu; /* in `a` */
    const char *su;   /* in `a`; NULL */
    const char *lt;   /* in `a`; "" */
    bool counts;      /* has exc or nse: needs a counter */
};

/* NULL when the attributes are unusable. The caller holds a reference. */
struct subscription *subscription_new(const struct event_sub *sub);
/* From a storage record's attributes and its schedule (or NULL), both taken over. */
struct subscription *subscription_from(const char *ri, const char *path, json_t *attributes, json_t *sched);
struct subscription *subscription_ref(struct subscription *sub);
void subscription_unref(struct subscription *sub);
/* Still what the event says? */
bool subscription_same(const struct subscription *sub, const struct event_sub *event);

#endif
