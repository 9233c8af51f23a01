#include "deliver.h"

#include "build.h"
#include "bus.h"
#include "clock.h"
#include "cse.h"
#include "lanes.h"
#include "log.h"
#include "mem.h"
#include "primitive.h"
#include "route.h"
#include "rsc.h"
#include "store.h"

#define FLIGHT_MAX_MS 60000

static int64_t timeout_ms;

/* One notification handed over. */
struct call {
    struct lane *lane;
    int index;
};

void deliver_init(int64_t timeout)
{
    timeout_ms = timeout;
}

const char *deliver_binding(const struct lane *lane)
{
    return lane->route ? lane->route : "none";
}

static const struct note *note_at(const struct lane *lane, int index)
{
    const struct note *note = lane->flight.head;

    while (note && index-- > 0)
        note = note->next;
    return note;
}

static enum outcome outcome_of_status(int rsc)
{
    if (rsc_is_success(rsc))
        return OUTCOME_DELIVERED;
    return rsc < RSC_INTERNAL_SERVER_ERROR && rsc != RSC_REQUEST_TIMEOUT ? OUTCOME_REFUSED : OUTCOME_UNREACHABLE;
}

static enum outcome outcome_of(const struct envelope *reply, enum bus_failure failure)
{
    const char *st = failure == BUS_OK ? envelope_str(reply, "st") : NULL;

    if (failure == BUS_OK && !st) /* the orchestrator's response primitive */
        return outcome_of_status((int)envelope_int(reply, "rsc", RSC_INTERNAL_SERVER_ERROR));
    if (st && strcmp(st, "ok") == 0)
        return OUTCOME_DELIVERED;
    /* A target that has trouble of its own (5xxx) did not say no. */
    if (st && strcmp(st, "refused") == 0 && envelope_int(reply, "rsc", RSC_BAD_REQUEST) < RSC_INTERNAL_SERVER_ERROR)
        return OUTCOME_REFUSED;
    return OUTCOME_UNREACHABLE;
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct call call = *(struct call *)context;
    enum outcome outcome = outcome_of(reply, failure);
    const struct note *note;

    free(context);
    if (!lanes_answered(call.lane))
        return;
    note = note_at(call.lane, call.index);
    if (outcome != OUTCOME_DELIVERED && note)
        log_debug("notify.failed", "rqi=%s sub=%s target=%s st=%s why=%s trace=%s", note->rqi, call.lane->ri, call.lane->target,
                  failure == BUS_OK        ? envelope_str(reply, "st")
                  : failure == BUS_TIMEOUT ? "timeout"
                                           : "lost",
                  reply ? envelope_str(reply, "why") : NULL, note->trace);
    lane_answer(call.lane, call.index, outcome);
}

/* The highest release that a receiver of release 3 or later knows; 3 is what the notification's content is of. */
static const char *release(void)
{
    return cse_release_supported("3") || !cse_release_supported("4") ? "3" : "4";
}

static int hand_over(struct lane *lane, const struct note *note, int index, const struct route *route, int64_t deadline)
{
    static struct str head, body; /* the bus copies them: their memory is used again */
    int category = policy_category(&lane->sub->policy, note->kept);
    struct slice content = {note->content->text, note->content->len};
    struct call *call = xmalloc(sizeof *call);

    str_reset(&head);
    head_str(&head, "tenant", STORE_TENANT);
    head_str(&head, "trace", note->trace);
    head_str(&head, "url", route->url);
    head_str(&head, "lane", lane->name);
    head_int(&head, "op", OP_NOTIFY);
    head_str(&head, "to", route->to);
    head_str(&head, "fr", cse_id());
    head_str(&head, "rqi", note->rqi);
    head_str(&head, "rvi", release());
    if (category > 0)
        head_int(&head, "ec", category);
    if (route->csz)
        head_raw(&head, "csz", route->csz, strlen(route->csz));
    if (!note->content->whole) {
        str_reset(&body);
        build_single(&body, content);
        content = (struct slice){body.data, body.len};
    }
    *call = (struct call){lane, index};
    if (bus_send(route->role, &head, content.p, content.n, deadline, on_reply, call) == 0) {
        lane->calls++;
        return 0;
    }
    free(call);
    return -1;
}

/* What can't be sent takes all behind it along: their order is kept. */
static void answer_rest(struct lane *lane, int from, int count, enum outcome outcome)
{
    for (int i = from; i < count; i++)
        lane_answer(lane, i, outcome);
}

static void on_route(void *context, const struct route *route)
{
    struct lane *lane = context;
    int count = lane->flight.count, index = 0;
    int64_t deadline;

    if (!lanes_answered(lane))
        return;
    if (route->scheme && (route->status == ROUTE_OK || !lane->route))
        lane->route = route->scheme;
    lane->channel =
        route->status == ROUTE_OK && route->role && strcmp(route->role, "egress.poll") == 0 ? table_hash(route->url) : 0;
    lane->facts.closed_until = route->closed_until;
    if (route->closed_until > 0 && lane->sub->policy.category != EC_IMMEDIATE) {
        answer_rest(lane, 0, count, OUTCOME_CLOSED);
        return;
    }
    if (route->status != ROUTE_OK) {
        answer_rest(lane, 0, count, route->status == ROUTE_NOWHERE ? OUTCOME_REFUSED : OUTCOME_UNREACHABLE);
        return;
    }
    deadline = clock_now_ms() + (timeout_ms * count < FLIGHT_MAX_MS ? timeout_ms * count : FLIGHT_MAX_MS);
    bus_keep_begin(route->role);
    for (const struct note *note = lane->flight.head; note; note = note->next, index++)
        if (hand_over(lane, note, index, route, deadline) < 0)
            break;
    bus_keep_end();
    answer_rest(lane, index, count, OUTCOME_UNREACHABLE);
}

void deliver_send(struct lane *lane)
{
    lane->calls++;
    route_get(lane->target, on_route, lane);
}
