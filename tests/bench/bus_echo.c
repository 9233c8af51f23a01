/*
 * The bus alone: one process answers, one asks and keeps a number of requests in flight. Roles by the environment:
 * ECHO_ROLE is `answer` or `ask`; ECHO_FLIGHT (64), ECHO_SECONDS (5), ECHO_WORK (poison | slow | never): what the answerer
 * does with a request whose body says so. Broker settings as in any service; users: storage answers, orchestrator asks.
 */
#include "clock.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "service.h"

#include <signal.h>
#include <unistd.h>

static const char body[] =
    "{\"m2m:cin\":{\"cnf\":\"text/plain:0\",\"con\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}}";
static int64_t flight, answered, failures[3], refusals, ended, slowest_turn, last_turn;
static struct loop_timer *second, *turn;

static int64_t setting(const char *name, int64_t otherwise)
{
    return getenv(name) ? strtoll(getenv(name), NULL, 10) : otherwise;
}

static void on_echo(struct bus_delivery *delivery)
{
    static struct str head;
    const char *kill_me = envelope_str(&delivery->envelope, "poison");

    if (kill_me && *kill_me == 'k')
        raise(SIGKILL);
    if (kill_me && *kill_me == 'r') {
        bus_reject(delivery);
        return;
    }
    str_reset(&head);
    head_int(&head, "rsc", 2000);
    head_bool(&head, "again", delivery->again);
    bus_reply(delivery, &head, delivery->envelope.body, delivery->envelope.body_len);
}

static void fill(void);

static void on_answer(void *context, const struct envelope *reply, enum bus_failure failure)
{
    (void)context;
    if (failure == BUS_OK)
        answered++;
    else
        failures[failure]++;
    if (reply && envelope_bool(reply, "again", false))
        log_info("echo.again", "id=%s", envelope_str(reply, "id"));
    fill();
}

static void fill(void)
{
    static struct str head;
    const char *poison = getenv("ECHO_POISON");

    while (!ended && bus_in_flight() < flight) {
        str_reset(&head);
        head_str(&head, "tenant", "main");
        head_int(&head, "op", 1);
        head_str(&head, "to", "cse-in/ae/container");
        head_str(&head, "fr", "Cae");
        head_str(&head, "poison", poison);
        if (poison)
            ended = 1;
        if (bus_send("storage", &head, body, sizeof(body) - 1, clock_now_ms() + setting("ECHO_DEADLINE", 3000), on_answer, NULL) <
            0) {
            refusals++;
            return;
        }
    }
}

static void on_turn(void *unused)
{
    int64_t now = clock_mono_us();

    (void)unused;
    if (last_turn && now - last_turn > slowest_turn)
        slowest_turn = now - last_turn;
    last_turn = now;
}

static void on_second(void *unused)
{
    static int64_t seconds, before;

    (void)unused;
    log_info("echo.rate",
             "up=%d blocked=%d per_second=%lld timeouts=%lld lost=%lld refused=%lld in_flight=%d slowest_turn_ms=%lld",
             bus_is_up(), bus_is_blocked(), (long long)(answered - before), (long long)failures[BUS_TIMEOUT],
             (long long)failures[BUS_LOST], (long long)refusals, bus_in_flight(), (long long)slowest_turn / 1000);
    before = answered;
    slowest_turn = 0;
    fill();
    if (++seconds == setting("ECHO_SECONDS", 5))
        raise(SIGTERM);
}

static void on_state(bool up)
{
    if (up)
        fill();
}

static void start_asking(void)
{
    flight = setting("ECHO_FLIGHT", 64);
    second = loop_timer_new(on_second, NULL);
    loop_timer_start(second, 1000, 1000);
    turn = loop_timer_new(on_turn, NULL);
    loop_timer_start(turn, 10, 10);
    bus_on_state(on_state);
}

static void stop_asking(void)
{
    ended = 1;
    loop_timer_free(second);
    loop_timer_free(turn);
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_REQUESTS, "storage", NULL, BUS_SINGLE_ACTIVE, 64, on_echo},
        {0,            NULL,      NULL, 0,                 0,  NULL   },
    };
    static const struct service answer = {.name = "storage", .consumers = consumers};
    static const struct service ask = {.name = "orchestrator", .start = start_asking, .stop = stop_asking};
    const char *role = getenv("ECHO_ROLE");

    return service_main(argc, argv, role && strcmp(role, "answer") == 0 ? &answer : &ask);
}
