#include "question.h"

#include "bus.h"
#include "clock.h"
#include "loop.h"
#include "mem.h"

enum { DEADLINE_MS = 10000, RETRY_MS = 500 };

struct open_question {
    struct question question; /* first: what the asker sees */
    struct open_question *next, **at;
    const char *role;
    question_fn *fn;
    void *context;
    bool asked;     /* an answer, or the news that there is none, will come */
    bool forgotten; /* nobody wants it any more */
};

static struct open_question *all;
static struct loop_timer *retry;

static void finish(struct open_question *q)
{
    if (q->at) {
        *q->at = q->next;
        if (q->next)
            q->next->at = q->at;
    }
    str_done(&q->question.head);
    str_done(&q->question.body);
    free(q);
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct open_question *q = context;

    q->asked = false;
    if (q->forgotten || (failure == BUS_OK && q->fn(q->context, reply)))
        finish(q);
    else
        loop_timer_start(retry, RETRY_MS, 0);
}

static void ask(struct open_question *q)
{
    const struct question *text = &q->question;

    q->asked =
        bus_send(q->role, &text->head, str_text(&text->body), text->body.len, clock_now_ms() + DEADLINE_MS, on_reply, q) == 0;
    if (!q->asked)
        loop_timer_start(retry, RETRY_MS, 0);
}

static void on_retry(void *context)
{
    (void)context;
    for (struct open_question *q = all; q; q = q->next)
        if (!q->asked)
            ask(q);
}

struct question *question_new(const char *role, const char *tenant, question_fn *fn, void *context)
{
    struct open_question *q = xcalloc(1, sizeof *q);

    if (!retry)
        retry = loop_timer_new(on_retry, NULL);
    q->role = role;
    q->fn = fn;
    q->context = context;
    q->next = all;
    q->at = &all;
    if (all)
        all->at = &q->next;
    all = q;
    head_str(&q->question.head, "tenant", tenant);
    return &q->question;
}

void question_ask(struct question *question)
{
    ask((struct open_question *)question);
}

void questions_forget(void)
{
    struct open_question *q;

    while ((q = all)) {
        all = q->next;
        if (all)
            all->at = &all;
        q->next = NULL;
        q->at = NULL;
        q->forgotten = true;
        q->fn(q->context, NULL);
        if (!q->asked)
            finish(q);
    }
}
