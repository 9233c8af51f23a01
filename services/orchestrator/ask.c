#include "ask.h"

#include "mem.h"

static struct asked *find(const struct snapshot *snap, const char *key)
{
    for (size_t i = 0; i < snap->asked_count; i++)
        if (strcmp(snap->asked[i]->key, key) == 0)
            return snap->asked[i];
    return NULL;
}

static void asked_free(struct asked *asked)
{
    free(asked->key);
    free(asked->to);
    free(asked->fr);
    free(asked->rqi);
    free(asked->loc);
    str_done(&asked->text);
    str_done(&asked->content);
    free(asked);
}

/* The primitive in two lines. The id is the same whenever the request is carried out again: it is the idempotency key. */
static void write_text(struct str *text, const struct request *req, const char *key, const struct request *full)
{
    auto_free char *id = xasprintf("%s/%s", req->id ? req->id : "", key);

    str_puts(text, "{\"id\":");
    str_json(text, id);
    request_encode(text, full);
    str_puts(text, "}\n");
    str_add(text, full->pc.p ? full->pc.p : "", full->pc.n);
    str_putc(text, '\n');
}

static struct asked *asked_new(const struct request *req, const char *key, const struct request *question, int flags)
{
    struct asked *asked = xcalloc(1, sizeof(*asked));
    struct request full = *question;

    asked->key = xstrdup(key);
    asked->to = xstrdup(question->to);
    asked->fr = xstrdup(question->fr);
    asked->rqi = xasprintf("%s/%s", req->rqi ? req->rqi : "", key);
    asked->op = question->op;
    asked->flags = flags;
    asked->cnst = asked->cnot = ABSENT;
    full.tenant = req->tenant;
    full.trace = req->trace;
    full.identity = req->identity;
    full.rqi = asked->rqi;
    if (!full.rvi)
        full.rvi = "3";
    write_text(&asked->text, req, key, &full);
    return asked;
}

const struct asked *snapshot_ask(struct snapshot *snap, const struct request *req, const char *key,
                                 const struct request *question, int flags)
{
    struct asked *asked = find(snap, key);

    if (asked)
        return asked->state == ASKED_ANSWERED ? asked : NULL;
    if (snap->asked_count == snap->asked_room) {
        snap->asked_room = snap->asked_room ? 2 * snap->asked_room : 8;
        snap->asked = xrealloc(snap->asked, snap->asked_room * sizeof(struct asked *));
    }
    snap->asked[snap->asked_count++] = asked_new(req, key, question, flags);
    return NULL;
}

void ask_drop_new(struct snapshot *snap)
{
    size_t kept = 0;

    for (size_t i = 0; i < snap->asked_count; i++) {
        if (snap->asked[i]->state == ASKED_NEW)
            asked_free(snap->asked[i]);
        else
            snap->asked[kept++] = snap->asked[i];
    }
    snap->asked_count = kept;
}

struct asked *ask_next(struct snapshot *snap)
{
    for (size_t i = 0; i < snap->asked_count; i++)
        if (snap->asked[i]->state == ASKED_NEW)
            return snap->asked[i];
    return NULL;
}

void asked_set_answer(struct asked *asked, int rsc, struct slice content, const char *loc, int cnst, int cnot)
{
    asked->state = ASKED_ANSWERED;
    asked->rsc = rsc;
    str_reset(&asked->content);
    str_add(&asked->content, content.n > 0 ? content.p : "", content.n);
    asked->loc = loc ? xstrdup(loc) : NULL;
    asked->cnst = cnst;
    asked->cnot = cnot;
}

void ask_done(struct snapshot *snap)
{
    for (size_t i = 0; i < snap->asked_count; i++)
        asked_free(snap->asked[i]);
    free(snap->asked);
    snap->asked = NULL;
    snap->asked_count = snap->asked_room = 0;
}
