/* Questions in the order they were asked, and an index: a group may have thousands of members. */
#include "ask.h"

#include "address.h"
#include "json.h"
#include "mem.h"

static struct asked *find(const struct snapshot *snap, const char *key)
{
    const json_t *place = json_object_get(snap->asked_by_key, key);

    return place ? snap->asked[json_integer_value(place)] : NULL;
}

static void asked_free(struct asked *asked)
{
    free(asked->key);
    free(asked->to);
    free(asked->fr);
    free(asked->rqi);
    free(asked->loc);
    str_done(&asked->head);
    str_done(&asked->own);
    str_done(&asked->content);
    free(asked);
}

/* The id is the same whenever the request is carried out again: it is the idempotency key. */
static void write_head(struct str *head, const struct request *req, const char *key, const struct request *full)
{
    auto_free char *id = xasprintf("%s/%s", req->id ? req->id : "", key);

    str_puts(head, "{\"id\":");
    str_json(head, id);
    request_encode(head, full);
    str_puts(head, "}\n");
}

static enum ask_place place_of(const char *to)
{
    struct address address;
    char why[64];
    enum ask_place place = ASK_HERE;

    if (strstr(to, "://"))
        return ASK_AWAY;
    if (address_parse(&address, to, why, sizeof why) == 0) {
        place = address.hosted ? ASK_HERE : ASK_AWAY;
        address_done(&address);
    }
    return place;
}

static void set_content(struct asked *asked, const struct request *req, struct slice pc)
{
    asked->pc = pc;
    if (pc.n == 0 || (pc.p == req->pc.p && !(asked->flags & ASK_AFTER)))
        return;
    str_add(&asked->own, pc.p, pc.n);
    asked->pc = (struct slice){asked->own.data, asked->own.len};
}

static struct asked *asked_new(const struct request *req, const char *key, const struct request *question, int flags)
{
    struct asked *asked = xcalloc(1, sizeof(*asked));
    struct request full = *question;

    asked->key = xstrdup(key);
    asked->to = xstrdup(question->to);
    asked->fr = xstrdup(question->fr);
    asked->rqi = question->rqi ? xstrdup(question->rqi) : xasprintf("%s/%s", req->rqi ? req->rqi : "", key);
    asked->op = question->op;
    asked->flags = flags;
    asked->place = place_of(question->to);
    asked->deadline = question->deadline;
    asked->state = flags & ASK_AFTER ? ASKED_AFTER : ASKED_NEW;
    asked->cnst = asked->cnot = ABSENT;
    full.tenant = req->tenant;
    full.trace = req->trace;
    if (!full.identity.p)
        full.identity = req->identity;
    full.rqi = asked->rqi;
    if (!full.rvi)
        full.rvi = "3";
    write_head(&asked->head, req, key, &full);
    set_content(asked, req, question->pc);
    return asked;
}

static void add(struct snapshot *snap, struct asked *asked)
{
    if (snap->asked_count == snap->asked_room) {
        snap->asked_room = snap->asked_room ? 2 * snap->asked_room : 8;
        snap->asked = xrealloc(snap->asked, snap->asked_room * sizeof(struct asked *));
    }
    if (!snap->asked_by_key)
        snap->asked_by_key = json_object();
    json_object_set_new_nocheck(snap->asked_by_key, asked->key, json_integer((json_int_t)snap->asked_count));
    snap->asked[snap->asked_count++] = asked;
    if (asked->state == ASKED_NEW)
        snap->asked_new[asked->place]++;
}

const struct asked *snapshot_ask(struct snapshot *snap, const struct request *req, const char *key,
                                 const struct request *question, int flags)
{
    struct asked *asked = find(snap, key);

    if (asked)
        return asked->state == ASKED_ANSWERED ? asked : NULL;
    add(snap, asked_new(req, key, question, flags));
    return NULL;
}

static bool not_sent(const struct asked *asked)
{
    return asked->state == ASKED_NEW || asked->state == ASKED_AFTER;
}

void ask_drop_new(struct snapshot *snap)
{
    size_t count = snap->asked_count;

    snap->asked_count = 0;
    for (int place = 0; place < ASK_PLACES; place++)
        snap->asked_new[place] = snap->asked_first[place] = 0;
    json_object_clear(snap->asked_by_key);
    for (size_t i = 0; i < count; i++) {
        if (not_sent(snap->asked[i]))
            asked_free(snap->asked[i]);
        else
            add(snap, snap->asked[i]);
    }
}

bool ask_waits(const struct snapshot *snap)
{
    return snap->asked_new[ASK_HERE] > 0 || snap->asked_new[ASK_AWAY] > 0;
}

struct asked *ask_next(struct snapshot *snap, enum ask_place place)
{
    size_t *i = &snap->asked_first[place];

    if (snap->asked_new[place] == 0)
        return NULL;
    while (snap->asked[*i]->state != ASKED_NEW || snap->asked[*i]->place != place)
        ++*i;
    return snap->asked[*i];
}

void asked_set_open(struct snapshot *snap, struct asked *asked)
{
    if (asked->state == ASKED_NEW)
        snap->asked_new[asked->place]--;
    asked->state = ASKED_OPEN;
}

void asked_set_answer(struct snapshot *snap, struct asked *asked, int rsc, struct slice content, size_t most)
{
    asked->state = ASKED_ANSWERED;
    asked->rsc = rsc;
    str_reset(&asked->content);
    asked->cut = most > 0 && content.n > 0 && snap->asked_bytes > 0 && snap->asked_bytes + content.n > most;
    if (asked->cut)
        return;
    str_add(&asked->content, content.n > 0 ? content.p : "", content.n);
    snap->asked_bytes += content.n;
}

void ask_done(struct snapshot *snap)
{
    for (size_t i = 0; i < snap->asked_count; i++)
        asked_free(snap->asked[i]);
    free(snap->asked);
    json_decref(snap->asked_by_key);
    snapshot_drop_kept(snap);
    snap->asked = NULL;
    snap->asked_by_key = NULL;
    snap->asked_count = snap->asked_room = snap->asked_bytes = 0;
    for (int place = 0; place < ASK_PLACES; place++)
        snap->asked_new[place] = snap->asked_first[place] = 0;
}
