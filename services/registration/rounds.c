#include "rounds.h"

#include "bus.h"
#include "clock.h"
#include "config.h"
#include "content.h"
#include "cse.h"
#include "delivery.h"
#include "id.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "primitive.h"

#include "mem.h"

enum { CALL_MS = 10000, SOON_MS = 100, PAUSE_MS = 500, TY_REMOTE_CSE = 16, DIRECT = 1 };

typedef void on_answer(const struct response *rsp, const char *why);

static struct metric registered = METRIC_GAUGE("tessera_registration_registered", "1: registered at the registrar CSE", NULL);
static struct metric rounds =
    METRIC_COUNTER("tessera_registration_rounds_total", "Times that the registration was looked at", "result");

static struct loop_timer *timer;
static bool active, running, again; /* `again`: something changed during the round */
static on_answer *waiting;          /* for the answer to the question under way */
static int64_t pause_ms;            /* the last one after a failure */
static int64_t interval_ms, pause_max_ms, lifetime_ms;
static char *own;          /* where our remoteCSE is */
static json_t *here;       /* remoteCSEs found here so far, in this round */
static json_t *wanted;     /* content of our remoteCSE, in this round; then of the mirror */
static bool known;         /* it was registered when last looked at */
static char *last_failure; /* what was logged */

/* ---- the round's end ---- */

static void end_round(int64_t next_ms)
{
    running = false;
    json_decref(here);
    json_decref(wanted);
    here = wanted = NULL;
    if (active)
        loop_timer_start(timer, again ? SOON_MS : next_ms, 0);
    again = false;
}

static void succeed(void)
{
    if (!known)
        log_info("registration.done", "registrar=%s at=%s", cse_registrar(), own);
    known = true;
    pause_ms = 0;
    free(last_failure);
    last_failure = NULL;
    metric_set(&registered, 1, NULL);
    metric_add(&rounds, 1, "ok");
    end_round(interval_ms);
}

/* It goes on for ever: the same failure is logged once. */
static void fail(const char *what, const struct response *rsp, const char *why)
{
    auto_free char *text =
        rsp && rsp->rsc != ABSENT
            ? xasprintf("%s: %d %.*s", what, rsp->rsc, (int)(rsp->pc.n > 300 ? 300 : rsp->pc.n), rsp->pc.n ? rsp->pc.p : "")
            : xasprintf("%s: %s", what, why ? why : "no answer");

    if (!last_failure || strcmp(last_failure, text) != 0)
        log_warn("registration.failed", "registrar=%s why=%s", cse_registrar(), text);
    free(last_failure);
    last_failure = xstrdup(text);
    known = false;
    metric_set(&registered, 0, NULL);
    metric_add(&rounds, 1, "failed");
    pause_ms = pause_ms ? 2 * pause_ms : PAUSE_MS;
    if (pause_ms > pause_max_ms)
        pause_ms = pause_max_ms;
    end_round(pause_ms);
}

/* ---- questions ---- */

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    on_answer *then = waiting;
    struct response rsp;
    const char *why = NULL;
    char problem[100];

    (void)context;
    waiting = NULL;
    response_init(&rsp);
    if (failure != BUS_OK)
        why = failure == BUS_TIMEOUT ? "no answer in time" : "the way was lost";
    else if (response_decode(&rsp, reply, problem, sizeof problem) < 0)
        why = "malformed answer";
    else if (rsp.rsc == ABSENT)
        why = envelope_str(reply, "why");
    then(&rsp, why);
}

/* `url` NULL: the orchestrator of this CSE. `then` is called later, once; or the round fails at once. */
static void ask(const struct request *question, const char *url, on_answer *then)
{
    const char *role = url ? delivery_role(url, NULL) : "orchestrator";
    auto_str struct str head = STR_EMPTY;
    struct request req = *question;
    char rqi[ID_SIZE];

    id_random("reg", rqi);
    req.tenant = "main";
    req.fr = cse_id();
    req.rqi = rqi;
    req.rvi = cse_release_supported("3") ? "3" : cse_release_answered(NULL);
    request_encode(&head, &req);
    head_str(&head, "url", url);
    waiting = then;
    if (role && bus_send(role, &head, req.pc.n > 0 ? req.pc.p : "", req.pc.n, clock_now_ms() + CALL_MS, on_reply, NULL) == 0)
        return;
    waiting = NULL;
    fail("asking", NULL, role ? "the broker takes nothing now" : "no service for the registrar's protocol");
}

static void retrieve(const char *to, const char *url, on_answer *then)
{
    struct request req;

    request_init(&req);
    req.op = OP_RETRIEVE;
    req.to = to;
    ask(&req, url, then);
}

/* CREATE or UPDATE of a remoteCSE. Takes the attributes. */
static void send_content(int op, const char *to, const char *url, json_t *attributes, on_answer *then)
{
    auto_str struct str content = STR_EMPTY;
    json_auto_t *whole = json_pack("{so}", "m2m:csr", attributes);
    struct request req;

    json_write(&content, whole);
    request_init(&req);
    req.op = op;
    req.to = to;
    if (op == OP_CREATE)
        req.ty = TY_REMOTE_CSE;
    req.pc = (struct slice){content.data, content.len};
    ask(&req, url, then);
}

static const char *registrar_url(void)
{
    return config_text("cse.registrar.url");
}

/* What is below the content's root key, of an answer that says it is well. The caller owns it; NULL otherwise. */
static json_t *content_of(const struct response *rsp, int rsc)
{
    char problem[100];
    json_auto_t *whole = rsp->rsc == rsc && rsp->pc.n > 0 ? json_parse(rsp->pc.p, rsp->pc.n, problem, sizeof problem) : NULL;
    void *first = json_is_object(whole) ? json_object_iter(whole) : NULL;

    return first ? json_incref(json_object_iter_value(first)) : NULL;
}

/* ---- 4: the mirror ---- */

static void on_mirror_written(const struct response *rsp, const char *why)
{
    if (rsp->rsc == RSC_CREATED || rsp->rsc == RSC_UPDATED)
        succeed();
    else
        fail("writing the registrar's remoteCSE here", rsp, why);
}

static void on_mirror(const struct response *rsp, const char *why)
{
    json_auto_t *is = content_of(rsp, RSC_OK);
    json_t *changes;

    if (rsp->rsc == RSC_NOT_FOUND) {
        send_content(OP_CREATE, cse_name(), NULL, json_incref(wanted), on_mirror_written);
    } else if (!is) {
        fail("looking for the registrar's remoteCSE here", rsp, why);
    } else if ((changes = content_changes(is, wanted, clock_now_ms()))) {
        send_content(OP_UPDATE, cse_registrar() + 1, NULL, changes, on_mirror_written);
    } else {
        succeed();
    }
}

/* ---- 3: the registrar's CSEBase ---- */

static void on_base(const struct response *rsp, const char *why)
{
    json_auto_t *cb = content_of(rsp, RSC_OK);

    if (!cb && (rsp->rsc == ABSENT || rsp->rsc == RSC_TARGET_NOT_REACHABLE)) {
        fail("retrieving the registrar's CSEBase", rsp, why);
        return;
    }
    /* It need not show it: the settings say what matters. */
    json_decref(wanted);
    wanted = content_mirror(cb);
    retrieve(cse_registrar() + 1, NULL, on_mirror);
}

static void look_at_base(void)
{
    auto_free char *base = content_registrar_base();

    retrieve(base, registrar_url(), on_base);
}

/* ---- 2: our remoteCSE there ---- */

static void on_own_updated(const struct response *rsp, const char *why)
{
    if (rsp->rsc == RSC_UPDATED)
        look_at_base();
    else
        fail("updating the registration", rsp, why);
}

static void compare_own(const json_t *is)
{
    json_t *changes = content_changes(is, wanted, clock_now_ms());

    if (changes)
        send_content(OP_UPDATE, own, registrar_url(), changes, on_own_updated);
    else
        look_at_base();
}

/* It is there under another name: an earlier registration. */
static void on_found(const struct response *rsp, const char *why)
{
    json_auto_t *list = content_of(rsp, RSC_OK);
    const char *address = json_string_value(json_array_get(list, 0));

    if (!address) {
        fail("looking for an earlier registration", rsp, why ? why : "there is none");
        return;
    }
    free(own);
    own = *address == '/' ? xstrdup(address) : xasprintf("%s/%s", cse_registrar(), address);
    again = true;
    end_round(SOON_MS);
}

static void find_own(void)
{
    auto_free char *base = content_registrar_base();
    auto_free char *fc = xasprintf("{\"fu\":1,\"ty\":[%d],\"atr\":[{\"nm\":\"csi\",\"val\":\"%s\"}]}", TY_REMOTE_CSE, cse_id());
    struct request req;

    request_init(&req);
    req.op = OP_RETRIEVE;
    req.to = base;
    req.fc = (struct slice){fc, strlen(fc)};
    ask(&req, registrar_url(), on_found);
}

static void on_own_created(const struct response *rsp, const char *why)
{
    json_auto_t *a = content_of(rsp, RSC_CREATED);
    const char *ri = json_str(a, "ri");

    if (rsp->rsc == RSC_ORIGINATOR_HAS_ALREADY_REGISTERED || rsp->rsc == RSC_CONFLICT) {
        find_own();
    } else if (rsp->rsc != RSC_CREATED) {
        fail("registering", rsp, why);
    } else {
        if (ri && *ri != '/') {
            free(own);
            own = xasprintf("%s/%s", cse_registrar(), ri);
        }
        look_at_base();
    }
}

/* Unknown there, it may neither look (4106, 4107, 4103) nor find anything (4004). */
static void on_own(const struct response *rsp, const char *why)
{
    json_auto_t *is = content_of(rsp, RSC_OK);
    const char *csi = json_str(is, "csi");

    if (csi && strcmp(csi, cse_id()) == 0) {
        compare_own(is);
    } else if (rsp->rsc == RSC_NOT_FOUND || rsp->rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE ||
               rsp->rsc == RSC_ORIGINATOR_NOT_AUTHENTICATED || rsp->rsc == RSC_SECURITY_ASSOCIATION_REQUIRED) {
        auto_free char *base = content_registrar_base();

        if (known)
            log_warn("registration.lost", "registrar=%s rsc=%d", cse_registrar(), rsp->rsc);
        known = false;
        send_content(OP_CREATE, base, registrar_url(), json_incref(wanted), on_own_created);
    } else {
        fail("looking for the registration", rsp, why);
    }
}

/* ---- 1: the CSEs here ---- */

static void look_here(int offset);

static void on_here(const struct response *rsp, const char *why)
{
    json_auto_t *found = content_of(rsp, RSC_OK);
    json_auto_t *descendants = NULL;

    if (!found) {
        fail("looking for the CSEs that registered here", rsp, why);
        return;
    }
    json_array_extend(here, json_object_get(found, "m2m:csr"));
    if (rsp->cnst == 1 && rsp->cnot > 0) {
        look_here(rsp->cnot);
        return;
    }
    descendants = content_descendants(here, cse_registrar());
    wanted = content_own(descendants, clock_now_ms(), lifetime_ms);
    retrieve(own, registrar_url(), on_own);
}

/* The remoteCSEs right below the CSEBase; long lists come in pages. */
static void look_here(int offset)
{
    auto_free char *fc = xasprintf("{\"ty\":[%d],\"lvl\":%d,\"ofst\":%d}", TY_REMOTE_CSE, DIRECT, offset);
    struct request req;

    request_init(&req);
    req.op = OP_RETRIEVE;
    req.to = cse_name();
    req.rcn = 8;
    req.fc = (struct slice){fc, strlen(fc)};
    ask(&req, NULL, on_here);
}

static void on_timer(void *context)
{
    (void)context;
    if (running || !active || !bus_is_up())
        return;
    running = true;
    here = json_array();
    look_here(1);
}

/* ---- from outside ---- */

void rounds_start(void)
{
    interval_ms = config_int("registration.interval") * 1000;
    pause_max_ms = config_int("registration.retry") * 1000;
    lifetime_ms = config_int("registration.lifetime") * 1000;
    own = content_own_address();
    timer = loop_timer_new(on_timer, NULL);
}

void rounds_begin(void)
{
    active = true;
    loop_timer_start(timer, 0, 0);
}

/* A question under way is answered by its failure. */
void rounds_suspend(void)
{
    active = false;
    loop_timer_stop(timer);
}

void rounds_changed(void)
{
    if (running)
        again = true;
    else if (active)
        loop_timer_start(timer, SOON_MS, 0);
}
