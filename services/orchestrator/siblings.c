#include "siblings.h"

#include "clock.h"
#include "mem.h"

#define ROLE "orchestrator.all"

enum { ASK_MS = 1000 };

struct question {
    sibling_fn *done;
    void *context;
};

/* Asked by another of late; oldest first. */
struct wanted {
    struct wanted *next;
    int64_t until;
    char ri[];
};

static sibling_state_fn *state_of;
static struct wanted *wanted, **wanted_end = &wanted;

void siblings_start(sibling_state_fn *state)
{
    state_of = state;
    bus_bind(ROLE);
}

/* ---- asking ---- */

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct question question = *(struct question *)context;
    enum sibling_answer answer = SIBLINGS_NONE; /* who does not hold it is silent */

    free(context);
    if (failure == BUS_LOST)
        answer = SIBLINGS_PERHAPS;
    else if (failure == BUS_OK)
        answer = envelope_bool(reply, "held", false) ? SIBLINGS_HOLD : SIBLINGS_PERHAPS;
    question.done(question.context, answer);
}

int siblings_ask(const char *tenant, const char *ri, sibling_fn *done, void *context)
{
    auto_str struct str head = STR_EMPTY;
    struct question *question = xmalloc(sizeof *question);

    *question = (struct question){done, context};
    head_str(&head, "tenant", tenant);
    head_str(&head, "do", "held");
    head_str(&head, "ri", ri);
    head_str(&head, "by", bus_instance());
    if (bus_send(ROLE, &head, "", 0, clock_now_ms() + ASK_MS, on_reply, question) == 0)
        return 0;
    free(question);
    return -1;
}

/* ---- answering ---- */

static void forget_old(void)
{
    int64_t now = clock_now_ms();

    while (wanted && wanted->until <= now) {
        struct wanted *old = wanted;

        wanted = old->next;
        free(old);
    }
    if (!wanted)
        wanted_end = &wanted;
}

static void remember(const char *ri)
{
    struct wanted *w = xmalloc(sizeof *w + strlen(ri) + 1);

    forget_old();
    w->next = NULL;
    w->until = clock_now_ms() + ASK_MS;
    memcpy(w->ri, ri, strlen(ri) + 1);
    *wanted_end = w;
    wanted_end = &w->next;
}

bool siblings_wanted(const char *ri)
{
    forget_old();
    for (const struct wanted *w = wanted; w; w = w->next)
        if (strcmp(w->ri, ri) == 0)
            return true;
    return false;
}

/* Of two that ask at the same time the one whose name is first in order goes on. */
static bool is_held(enum sibling_state state, const char *by)
{
    return state == SIBLING_HELD || (state == SIBLING_ASKING && strcmp(bus_instance(), by) < 0);
}

void siblings_on_request(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    const char *verb = envelope_str(e, "do"), *ri = envelope_str(e, "ri"), *by = envelope_str(e, "by");
    auto_str struct str head = STR_EMPTY;
    enum sibling_state state;

    if (!verb || strcmp(verb, "held") != 0 || !ri || !by || strcmp(by, bus_instance()) == 0) {
        bus_done(delivery);
        return;
    }
    state = state_of(ri);
    if (state == SIBLING_FREE)
        remember(ri);
    if (!is_held(state, by) && state != SIBLING_LOOSE) {
        bus_done(delivery);
        return;
    }
    head_bool(&head, "held", state != SIBLING_LOOSE);
    bus_reply(delivery, &head, "", 0);
}
