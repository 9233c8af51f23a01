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

/* One flight of a lane on its way to one address after the other. */
struct attempt {
    struct lane *lane;
    int open;             /* notifications that are handed over and not answered */
    int tried, addresses; /* of the target */
    enum outcome outcomes[POLICY_FLIGHT];
};

/* One notification handed over. */
struct call {
    struct attempt *attempt;
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

/* ---- one flight ---- */

static bool all_reached(const struct attempt *a)
{
    for (int i = 0; i < a->lane->flight.count; i++)
        if (a->outcomes[i] == OUTCOME_UNREACHABLE)
            return false;
    return true;
}

/* Tells the lane; it may begin its next flight meanwhile. */
static void finish(struct attempt *a)
{
    struct attempt is = *a;
    int count = is.lane->flight.count;

    free(a);
    for (int i = 0; i < count; i++)
        lane_answer(is.lane, i, is.outcomes[i]);
}

static void on_route(void *context, const struct route *route);

/* Everything that was sent is answered. What was not reached at this address is sent to the next one, TS-0004 7.3.2.6. */
static void settle(struct attempt *a)
{
    if (all_reached(a)) {
        finish(a);
        return;
    }
    if (a->tried > 0)
        route_failed(a->lane->target);
    if (a->tried == 0 || a->tried >= a->addresses) {
        finish(a);
        return;
    }
    a->lane->calls++;
    route_get(a->lane->target, on_route, a);
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct call call = *(struct call *)context;
    struct attempt *a = call.attempt;
    enum outcome outcome = outcome_of(reply, failure);
    const struct note *note;

    free(context);
    a->open--;
    if (!lanes_answered(a->lane)) {
        if (a->open == 0)
            free(a);
        return;
    }
    note = note_at(a->lane, call.index);
    if (outcome != OUTCOME_DELIVERED && note)
        log_debug("notify.failed", "rqi=%s sub=%s target=%s st=%s why=%s trace=%s", note->rqi, a->lane->ri, a->lane->target,
                  failure == BUS_OK        ? envelope_str(reply, "st")
                  : failure == BUS_TIMEOUT ? "timeout"
                  : failure == BUS_NOBODY  ? "nobody"
                                           : "lost",
                  reply ? envelope_str(reply, "why") : NULL, note->trace);
    a->outcomes[call.index] = outcome;
    if (a->open == 0)
        settle(a);
}

/* The highest release that a receiver of release 3 or later knows; 3 is what the notification's content is of. */
static const char *release(void)
{
    return cse_release_supported("3") || !cse_release_supported("4") ? "3" : "4";
}

static int hand_over(struct attempt *a, const struct note *note, int index, const struct route *route, int64_t deadline)
{
    struct lane *lane = a->lane;
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
    *call = (struct call){a, index};
    if (bus_send(route->role, &head, content.p, content.n, deadline, on_reply, call) == 0) {
        lane->calls++;
        a->open++;
        return 0;
    }
    free(call);
    return -1;
}

static void end_all(struct attempt *a, enum outcome outcome)
{
    for (int i = 0; i < a->lane->flight.count; i++)
        a->outcomes[i] = outcome;
    finish(a);
}

/* What of the flight nobody has taken yet goes to this address. What can't be sent takes all behind it along: their order is
 * kept. */
static void send_to(struct attempt *a, const struct route *route)
{
    int count = a->lane->flight.count, index = 0;
    int64_t limit = timeout_ms * count, deadline = clock_now_ms() + (limit < FLIGHT_MAX_MS ? limit : FLIGHT_MAX_MS);

    a->tried++;
    a->addresses = route->addresses;
    bus_keep_begin(route->role);
    for (const struct note *note = a->lane->flight.head; note; note = note->next, index++) {
        if (a->outcomes[index] != OUTCOME_UNREACHABLE)
            continue;
        if (hand_over(a, note, index, route, deadline) < 0) {
            a->addresses = 0; /* nor anywhere else, now */
            break;
        }
    }
    bus_keep_end();
    if (a->open == 0)
        settle(a);
}

static void on_route(void *context, const struct route *route)
{
    struct attempt *a = context;
    struct lane *lane = a->lane;
    bool channel = route->status == ROUTE_OK && route->role && strcmp(route->role, "egress.poll") == 0;

    if (!lanes_answered(lane)) {
        free(a);
        return;
    }
    if (route->scheme && (route->status == ROUTE_OK || !lane->route))
        lane->route = route->scheme;
    if (a->tried == 0 || channel)
        lane->channel = channel ? table_hash(route->url) : 0;
    lane->facts.closed_until = route->closed_until;
    if (a->tried > 0 && route->status != ROUTE_OK)
        finish(a);
    else if (a->tried == 0 && route->closed_until > 0 && lane->sub->policy.category != EC_IMMEDIATE)
        end_all(a, OUTCOME_CLOSED);
    else if (route->status != ROUTE_OK)
        end_all(a, route->status == ROUTE_NOWHERE ? OUTCOME_REFUSED : OUTCOME_UNREACHABLE);
    else
        send_to(a, route);
}

void deliver_send(struct lane *lane)
{
    struct attempt *a = xmalloc(sizeof *a);

    *a = (struct attempt){.lane = lane};
    for (int i = 0; i < POLICY_FLIGHT; i++)
        a->outcomes[i] = OUTCOME_UNREACHABLE; /* yet */
    lane->calls++;
    route_get(lane->target, on_route, a);
}
