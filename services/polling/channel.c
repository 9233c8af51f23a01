#include "channel.h"

#include "mem.h"
#include "table.h"

enum {
    HAND_MAX = 64,           /* requests in one answer */
    HAND_BYTES = 256 * 1024, /* of them; one always fits */
    MISSED_MAX = 20000,      /* channels remembered only because requests failed there */
};

struct poll {
    struct table_entry entry; /* key = id */
    struct poll *next;        /* of the channel, while it waits */
    struct channel *channel;
    char *id;
    int64_t deadline;
    bool aggregate;
    void *context; /* NULL: it was answered, and is kept for its requests that are out */
    int out;
};

struct request {
    struct request *next; /* of the channel, in the order of arrival */
    struct channel_request is;
    struct poll *poll; /* that took it; NULL: it waits */
};

struct channel {
    struct table_entry entry; /* key = name */
    char *name;
    struct poll *polls; /* that wait, newest first */
    struct request *first, **end;
    int poll_count, request_count;
    bool missed; /* a request failed here since the last poll */
};

struct channels {
    struct channel_ops ops;
    struct channel_limits limits;
    struct table by_name, by_poll;
    struct channel_counts counts;
    int missed; /* channels that are */
};

struct channels *channels_new(const struct channel_ops *ops, const struct channel_limits *limits)
{
    struct channels *c = xcalloc(1, sizeof *c);

    c->ops = *ops;
    c->limits = *limits;
    return c;
}

struct channel_counts channels_count(const struct channels *c)
{
    return c->counts;
}

/* ---- coming and going ---- */

static struct channel *channel_get(struct channels *c, const char *name)
{
    struct channel *channel = (struct channel *)table_find(&c->by_name, name);

    if (!channel) {
        channel = xcalloc(1, sizeof *channel);
        channel->name = xstrdup(name);
        channel->entry.key = channel->name;
        channel->end = &channel->first;
        table_insert(&c->by_name, &channel->entry);
    }
    return channel;
}

static void channel_drop_empty(struct channels *c, struct channel *channel)
{
    if (channel->polls || channel->first || channel->missed)
        return;
    table_remove(&c->by_name, &channel->entry);
    free(channel->name);
    free(channel);
}

static void set_missed(struct channels *c, struct channel *channel, bool missed)
{
    if (channel->missed == missed || (missed && c->missed >= MISSED_MAX))
        return;
    channel->missed = missed;
    c->missed += missed ? 1 : -1;
}

/* Its own memory; it no longer waits. */
static void poll_drop(struct channels *c, struct poll *poll)
{
    table_remove(&c->by_poll, &poll->entry);
    free(poll->id);
    free(poll);
}

/* Takes one out of those that wait. */
static void poll_unlink(struct channels *c, struct channel *channel, struct poll **link)
{
    *link = (*link)->next;
    channel->poll_count--;
    c->counts.polls--;
}

static void request_comes_back(struct channels *c, struct request *r)
{
    struct poll *poll = r->poll;

    r->poll = NULL;
    c->counts.out--;
    c->counts.waiting++;
    if (--poll->out == 0)
        poll_drop(c, poll);
}

static void request_drop(struct channels *c, struct channel *channel, struct request *r)
{
    struct request **link = &channel->first;

    if (r->poll)
        request_comes_back(c, r);
    while (*link && *link != r)
        link = &(*link)->next;
    *link = r->next;
    if (!r->next)
        channel->end = link;
    channel->request_count--;
    c->counts.waiting--;
    free(r);
}

static bool is_full(const struct channels *c)
{
    return c->counts.polls + c->counts.waiting + c->counts.out >= c->limits.open;
}

/* ---- matching ---- */

static bool same_lane(const struct request *a, const struct request *b)
{
    return a->is.lane && b->is.lane && strcmp(a->is.lane, b->is.lane) == 0;
}

/* Must it wait for one that came before it? */
static bool is_blocked(const struct channel *channel, const struct request *r, const struct poll *poll)
{
    for (const struct request *before = channel->first; before != r; before = before->next)
        if (strcmp(before->is.rqi, r->is.rqi) == 0 || (same_lane(before, r) && before->poll != poll))
            return true;
    return false;
}

/* What `poll` is to be given: marked as out. */
static int gather(struct channels *c, struct channel *channel, struct poll *poll, void *contexts[HAND_MAX])
{
    int max = poll->aggregate ? HAND_MAX : 1, count = 0;
    size_t bytes = 0;

    for (struct request *r = channel->first; r && count < max; r = r->next) {
        if (r->poll || is_blocked(channel, r, poll))
            continue;
        if (count > 0 && bytes + r->is.size > HAND_BYTES)
            break;
        bytes += r->is.size;
        contexts[count++] = r->is.context;
        r->poll = poll;
        poll->out++;
        c->counts.waiting--;
        c->counts.out++;
    }
    return count;
}

static void match(struct channels *c, struct channel *channel)
{
    void *contexts[HAND_MAX];
    struct poll *poll;
    int count;

    while ((poll = channel->polls) && (count = gather(c, channel, poll, contexts)) > 0) {
        void *context = poll->context;

        poll_unlink(c, channel, &channel->polls);
        poll->context = NULL;
        c->ops.hand(context, contexts, count, poll->aggregate);
    }
}

int channels_poll(struct channels *c, const char *name, const struct channel_poll *given)
{
    struct channel *channel;
    struct poll *poll;

    if (table_find(&c->by_poll, given->id)) {
        c->ops.twice(given->context);
        return 0;
    }
    channel = channel_get(c, name);
    if (is_full(c) || channel->poll_count >= c->limits.polls) {
        channel_drop_empty(c, channel);
        return -1;
    }
    poll = xcalloc(1, sizeof *poll);
    *poll = (struct poll){.channel = channel,
                          .id = xstrdup(given->id),
                          .deadline = given->deadline,
                          .aggregate = given->aggregate,
                          .context = given->context,
                          .next = channel->polls};
    poll->entry.key = poll->id;
    table_insert(&c->by_poll, &poll->entry);
    channel->polls = poll;
    channel->poll_count++;
    c->counts.polls++;
    match(c, channel);
    if (channel->polls && channel->missed) {
        set_missed(c, channel, false);
        c->ops.wanted(channel->name);
    }
    return 0;
}

int channels_request(struct channels *c, const char *name, const struct channel_request *given)
{
    struct channel *channel = channel_get(c, name);
    struct request *r;

    for (r = channel->first; r; r = r->next) {
        if (strcmp(r->is.id, given->id) == 0) {
            c->ops.twice(given->context);
            return 0;
        }
    }
    if (is_full(c) || channel->request_count >= c->limits.requests) {
        set_missed(c, channel, true);
        channel_drop_empty(c, channel);
        return -1;
    }
    r = xcalloc(1, sizeof *r);
    r->is = *given;
    *channel->end = r;
    channel->end = &r->next;
    channel->request_count++;
    c->counts.waiting++;
    match(c, channel);
    return 0;
}

/* ---- ends ---- */

/* The one that is out; else one that was handed out before a crash, whose answer comes only now. */
static struct request *find_answered(const struct channel *channel, const char *rqi)
{
    struct request *handed = NULL;

    for (struct request *r = channel->first; r; r = r->next) {
        if (strcmp(r->is.rqi, rqi) != 0)
            continue;
        if (r->poll)
            return r;
        if (r->is.again && !handed)
            handed = r;
    }
    return handed;
}

void *channels_answer(struct channels *c, const char *name, const char *rqi)
{
    struct channel *channel = (struct channel *)table_find(&c->by_name, name);
    struct request *r = channel ? find_answered(channel, rqi) : NULL;
    void *context;

    if (!r)
        return NULL;
    context = r->is.context;
    request_drop(c, channel, r);
    match(c, channel);
    channel_drop_empty(c, channel);
    return context;
}

static void poll_expire(struct channels *c, struct channel *channel, struct poll **link)
{
    struct poll *poll = *link;

    c->ops.expire(poll->context);
    poll_unlink(c, channel, link);
    poll_drop(c, poll);
}

void channels_leave(struct channels *c, const char *poll_id)
{
    struct poll *poll = (struct poll *)table_find(&c->by_poll, poll_id), **link;
    struct channel *channel = poll ? poll->channel : NULL;
    int left = poll ? poll->out : 0;

    if (!poll)
        return;
    for (link = &channel->polls; *link && *link != poll;)
        link = &(*link)->next;
    if (*link)
        poll_expire(c, channel, link);
    for (struct request *r = channel->first; r && left > 0; r = r->next) {
        if (r->poll == poll) {
            request_comes_back(c, r);
            r->is.again = true; /* it may have got there all the same */
            left--;
        }
    }
    match(c, channel);
    channel_drop_empty(c, channel);
}

/* ... and whatever waits behind it in its lane. */
static void fail(struct channels *c, struct channel *channel, struct request *failed)
{
    struct request *r = failed->next, *next;

    for (; r; r = next) {
        next = r->next;
        if (r->poll || !same_lane(r, failed))
            continue;
        c->ops.fail(r->is.context, false);
        request_drop(c, channel, r);
    }
    c->ops.fail(failed->is.context, failed->poll != NULL);
    request_drop(c, channel, failed);
    set_missed(c, channel, true);
}

static struct request *due_request(const struct channel *channel, int64_t now)
{
    struct request *r = channel->first;

    while (r && r->is.deadline > now)
        r = r->next;
    return r;
}

struct expiry {
    struct channels *channels;
    int64_t now;
};

static void expire_channel(struct table_entry *entry, void *context)
{
    const struct expiry *expiry = context;
    struct channels *c = expiry->channels;
    struct channel *channel = (struct channel *)entry;
    struct poll **link = &channel->polls;
    struct request *r;
    bool freed = false;

    while ((r = due_request(channel, expiry->now))) {
        fail(c, channel, r);
        freed = true;
    }
    while (*link) {
        if ((*link)->deadline <= expiry->now)
            poll_expire(c, channel, link);
        else
            link = &(*link)->next;
    }
    if (freed)
        match(c, channel); /* what waited behind it */
    channel_drop_empty(c, channel);
}

void channels_expire(struct channels *c, int64_t now)
{
    struct expiry expiry = {c, now};

    table_each(&c->by_name, expire_channel, &expiry);
}

struct forgetting {
    struct channels *channels;
    void (*drop)(void *context);
};

static void forget_channel(struct table_entry *entry, void *context)
{
    const struct forgetting *f = context;
    struct channel *channel = (struct channel *)entry;
    struct poll *poll;

    while (channel->first) {
        f->drop(channel->first->is.context);
        request_drop(f->channels, channel, channel->first);
    }
    while ((poll = channel->polls)) {
        f->drop(poll->context);
        poll_unlink(f->channels, channel, &channel->polls);
        poll_drop(f->channels, poll);
    }
    set_missed(f->channels, channel, false);
    channel_drop_empty(f->channels, channel);
}

void channels_forget(struct channels *c, void (*drop)(void *context))
{
    struct forgetting f = {c, drop};

    table_each(&c->by_name, forget_channel, &f);
}

static void drop_nothing(void *context)
{
    (void)context;
}

void channels_free(struct channels *c)
{
    if (!c)
        return;
    channels_forget(c, drop_nothing);
    free(c->by_name.slots);
    free(c->by_poll.slots);
    free(c);
}
