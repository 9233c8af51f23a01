/* Notifications that wait, one lane per target of a subscription. They are kept and given back as they came. */
#include "json.h"
#include "mem.h"
#include "store.h"

/* Who may have lanes: subscriptions, groups that pass notifications on, and the CSEBase for the results of requests. */
bool pending_belongs(int ty)
{
    enum { CSE_BASE = 5, GROUP = 9, SUBSCRIPTION = 23 };

    return ty == SUBSCRIPTION || ty == GROUP || ty == CSE_BASE;
}

/* Deletes the oldest of a lane beyond `max`. Returns how many, or -1. */
static int64_t trim(struct store *store, const char *lane, int64_t max)
{
    int found = db_ask(store->db, PEND_COUNT, "t", lane);
    int64_t surplus = found > 0 ? db_int(store->db, PEND_COUNT, 0) - max : 0;

    db_end(store->db, PEND_COUNT);
    if (found < 0)
        return -1;
    if (surplus <= 0)
        return 0;
    return db_run(store->db, PEND_TRIM, "ti", lane, surplus) < 0 ? -1 : surplus;
}

/* Appends one; *dropped grows by what had to go. 0, or -1. */
static int pend_one(struct store *store, const struct pend *pend, const json_t *item, int64_t *dropped)
{
    const char *lane = json_str(item, "lane"), *sub = json_str(item, "sub");
    auto_str struct str n = STR_EMPTY;
    int64_t surplus = 0, seq;
    struct node *node;
    bool failed;

    node = nodes_by_ri(store->nodes, store->db, sub, &failed);
    if (failed)
        return -1;
    if (!node || !pending_belongs(node->ty)) { /* deleted in the meantime */
        ++*dropped;
        return 0;
    }
    if (pend->latest && (surplus = trim(store, lane, 0)) < 0)
        return -1;
    text_of(&n, json_object_get(item, "n"));
    if (store_number(store, NUMBER_PENDING, &seq) < 0 ||
        db_run(store->db, PEND_INSERT, "ittis", seq, lane, sub, json_int(item, "at", 0), (struct slice){n.data, n.len}) < 0)
        return -1;
    *dropped += surplus;
    if (pend->max > 0 && (surplus = trim(store, lane, pend->max)) < 0)
        return -1;
    *dropped += surplus;
    return 0;
}

/* A lane's name begins with its subscription: that is how all of a subscription's are found. */
static bool item_valid(const json_t *item)
{
    const char *lane = json_str(item, "lane"), *sub = json_str(item, "sub");

    return lane && sub && strncmp(lane, sub, strlen(sub)) == 0 && lane[strlen(sub)] == ' ' && json_object_get(item, "n");
}

/* A redelivered request is answered as the first time: whoever counts what is here would miss what came twice. */
int pending_apply(struct store *store, struct job *job)
{
    auto_str struct str answer = STR_EMPTY;
    const json_t *item;
    int64_t dropped = 0;
    size_t i;

    if (answers_noted(store, job)) {
        if (job->replay[0] == 'P')
            head_int(&job->answer.head, "dropped", strtoll(job->replay + 1, NULL, 10));
        else
            answer_refuse(&job->answer, RSC_BAD_REQUEST, "this key was used for something else");
        return 0;
    }

    json_array_foreach(job->pend.list, i, item)
    {
        if (!item_valid(item)) {
            answer_refuse(&job->answer, RSC_BAD_REQUEST, "entry %zu wants lane (beginning with sub and a blank), sub and n", i);
            return 0;
        }
    }
    json_array_foreach(job->pend.list, i, item)
    {
        if (pend_one(store, &job->pend, item, &dropped) < 0)
            return -1;
    }
    str_addf(&answer, "%lld", (long long)dropped);
    answers_note(store, &job->origin, 'P', answer.data, answer.len);
    head_int(&job->answer.head, "dropped", dropped);
    return 0;
}

int pended_apply(struct store *store, struct job *job)
{
    return db_run(store->db, PEND_UPTO, "ti", job->pend.lane, job->pend.upto);
}

int pending_forget(struct store *store, const char *ri)
{
    auto_free char *from = xasprintf("%s ", ri), *to = xasprintf("%s!", ri);

    return db_run(store->db, PEND_LANES, "tt", from, to);
}
