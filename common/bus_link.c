/* The life of the connections: opened by a thread, read by the loop, given up together, opened again for ever. */
#include "bus_link.h"
#include "bus_hosts.h"
#include "certificate.h"
#include "clock.h"
#include "config.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "process.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>

#define WRITE_AGAIN 5 /* ms */
#define PROBE_MS 1000
#define EARLY_S 15
#define LISTENERS 6 /* the bus itself, twice, and 4 */

static struct connect_job job;
static atomic_bool answered;
static bool connecting, draining, stopped;
static bool holding;                         /* consumes nothing yet */
static const struct bus_consumer *consumers; /* what it consumes when it does */
static pthread_t thread;
static struct loop_wake *wake;
static struct loop_timer *retry, *tick, *room, *probe;
static amqp_connection_state_t in, out;
static struct loop_watch *watch_in, *watch_out;
static struct bus_host hosts[HOSTS_MAX];
static char last_why[HOSTS_MAX][400]; /* of each host */
static int host_count, host_at;       /* the one that is connected, or tried next */
static int host_step;                 /* to the next one: up or down the list, by chance */
static int attempts;                  /* since the last loss */
static unsigned opened;
static char failure[400];
static bool failing;
static int64_t heard, silence_max; /* clock_mono_us() of the last sign of life on `out`; us, 0 = never too long */
static void (*listeners[LISTENERS])(bool up);
static int listener_count;

static struct metric reconnects = METRIC_COUNTER("tessera_bus_reconnects_total", "Connections to the broker that were lost");

static char trouble[400]; /* why there is no connection */
static bool ever_up;

bool link_up(void)
{
    return in != NULL && !failing;
}

amqp_connection_state_t link_in(void)
{
    return failing ? NULL : in;
}

amqp_connection_state_t link_out(void)
{
    return failing ? NULL : out;
}

const char *link_host(void)
{
    static char text[HOST_SIZE + 16];

    if (!link_up())
        return "";
    snprintf(text, sizeof(text), strchr(job.host, ':') ? "[%s]:%d" : "%s:%d", job.host, job.port);
    return text;
}

const char *link_why(void)
{
    return link_up() ? "" : trouble;
}

const char *link_reply_queue(void)
{
    return job.reply_queue;
}

void link_on_change(void (*fn)(bool up))
{
    if (listener_count == LISTENERS)
        log_fatal("bus.listeners", "max=%d", LISTENERS);
    listeners[listener_count++] = fn;
}

static void tell(bool up)
{
    for (int i = 0; i < listener_count; i++)
        listeners[i](up);
}

/* ---- opening ---- */

static void *connector(void *unused)
{
    (void)unused;
    connect_run(&job);
    atomic_store(&answered, true);
    loop_wake(wake);
    return NULL;
}

static void connect_now(void *unused)
{
    (void)unused;
    if (connecting || stopped)
        return;
    snprintf(job.reply_queue, sizeof(job.reply_queue), opened ? "reply.%s.%u" : "reply.%s", job.instance, opened);
    opened++;
    config_reread("bus.password"); /* the broker, or who looks after it, may have got another one */
    job.password = config_text("bus.password");
    job.host = hosts[host_at].name;
    job.port = hosts[host_at].port;
    connecting = true;
    atomic_store(&answered, false);
    if (pthread_create(&thread, NULL, connector, NULL) != 0)
        log_fatal("bus.thread", "error=%m");
}

/*
 * The next host of the list, if there are several: one that was lost is not the first to be asked again. Half of the services
 * go up the list and half go down, so that they do not all meet at the neighbour.
 */
static void connect_later(void)
{
    if (attempts == 0)
        host_step = random() % 2 ? 1 : host_count - 1;
    host_at = (host_at + host_step) % host_count;
    loop_timer_start(retry, hosts_delay(attempts++, host_count, (double)random() / ((double)RAND_MAX + 1)), 0);
}

/* ---- reading ---- */

/* All that has arrived: the library reads more than it hands out, so only its "nothing there" ends this. */
static void read_frames(amqp_connection_state_t c, void (*take)(const amqp_frame_t *frame), const char *which)
{
    struct timeval none = {0, 0};
    amqp_frame_t frame;
    int status;

    while (!failing) {
        status = amqp_simple_wait_frame_noblock(c, &frame, &none);
        if (status == AMQP_STATUS_TIMEOUT)
            break;
        if (status != AMQP_STATUS_OK) {
            link_fail(which, status);
            return;
        }
        take(&frame);
    }
    amqp_maybe_release_buffers(c);
}

static void on_in(void *unused, int events)
{
    (void)unused;
    (void)events;
    read_frames(in, in_frame, "receive");
}

static void on_out(void *unused, int events)
{
    (void)unused;
    (void)events;
    heard = clock_mono_us();
    read_frames(out, out_frame, "send");
}

/* The library sends and checks heartbeats only inside its calls. */
static void on_tick(void *unused)
{
    int unread = 0;

    (void)unused;
    if (in)
        read_frames(in, in_frame, "receive");
    if (out && ioctl(amqp_get_sockfd(out), FIONREAD, &unread) == 0 && unread > 0)
        heard = clock_mono_us();
    if (out)
        read_frames(out, out_frame, "send");
}

/*
 * The library waits, for ever and with it the loop, when something is published on a connection that has been silent for two
 * heartbeats (amqp_try_recv() with a time of 0): it must not come to that, by a margin that is larger than any delay of ours.
 */
bool link_silent(void)
{
    if (!out || failing || !silence_max || clock_mono_us() - heard < silence_max)
        return false;
    link_fail("send", AMQP_STATUS_HEARTBEAT_TIMEOUT);
    return true;
}

static void on_probe(void *unused)
{
    (void)unused;
    if (!link_silent())
        out_probe(); /* this turn's end writes it */
}

/*
 * Not by watching for POLLOUT: the system calls a socket writable when a third of its buffer is free, we want room for a
 * whole message without waiting, and between the two the loop would spin.
 */
void link_write_later(void)
{
    loop_timer_start(room, WRITE_AGAIN, 0);
}

void link_write_in(int ms)
{
    loop_timer_start(room, ms, 0);
}

static void on_room(void *unused)
{
    (void)unused; /* this turn's end writes */
}

/* ---- up and down ---- */

static void adopt(void)
{
    ever_up = true;
    *trouble = '\0';
    in = job.in;
    out = job.out;
    failing = false;
    attempts = 0;
    heard = clock_mono_us();
    silence_max = amqp_get_heartbeat(out) * INT64_C(1750000);
    memset(last_why, 0, sizeof(last_why));
    watch_in = loop_watch_new(amqp_get_sockfd(in), on_in, NULL);
    watch_out = loop_watch_new(amqp_get_sockfd(out), on_out, NULL);
    loop_watch_set(watch_in, UV_READABLE);
    loop_watch_set(watch_out, UV_READABLE);
    if (job.heartbeat > 0)
        loop_timer_start(tick, job.heartbeat * INT64_C(500), job.heartbeat * INT64_C(500));
    loop_timer_start(probe, PROBE_MS, PROBE_MS);
    out_opened(out);
    in_opened(job.consumers);
    if (draining)
        link_stop_consuming();
    log_info("bus.up", "host=%s port=%d", job.host, job.port);
    tell(true);
    on_tick(NULL); /* what came together with the last answer is in the library's buffer already */
    if (!holding && !draining && job.consumers != consumers) /* link_consume() came while the thread was at it */
        link_consume();
}

/* At a start of everything services are there before the broker: that is no trouble yet. */
static bool is_early(void)
{
    return !ever_up && !job.reached && process_uptime() < EARLY_S;
}

static void on_connected(void *unused)
{
    (void)unused;
    if (!connecting || !atomic_load(&answered))
        return;
    pthread_join(thread, NULL);
    connecting = false;
    if (job.in && !stopped) {
        adopt();
        return;
    }
    snprintf(trouble, sizeof(trouble), "%s", job.why);
    if (!is_early()) {
        if (strcmp(job.why, last_why[host_at]) != 0) /* once, not at every attempt */
            log_error("bus.unreachable", "why=%s", job.why);
        snprintf(last_why[host_at], sizeof(last_why[0]), "%s", job.why);
    }
    connect_later();
}

/* Not amqp_connection_close(): nothing is asked of a broker that may not answer. */
static void drop(void)
{
    loop_timer_stop(tick);
    loop_timer_stop(probe);
    loop_watch_free(watch_in);
    loop_watch_free(watch_out);
    watch_in = watch_out = NULL;
    amqp_destroy_connection(in);
    amqp_destroy_connection(out);
    in = out = NULL;
}

void link_fail(const char *what, int status)
{
    if (failing || !in)
        return;
    failing = true;
    snprintf(failure, sizeof(failure), "%s: %s", what, status < 0 ? amqp_error_string2(status) : "closed by the broker");
}

void link_closed(const amqp_frame_t *frame)
{
    const amqp_channel_close_t *close = frame->payload.method.decoded; /* connection.close begins with the same members */
    amqp_method_number_t id = frame->payload.method.id;
    char what[300];

    if (id == AMQP_CHANNEL_CLOSE_METHOD || id == AMQP_CONNECTION_CLOSE_METHOD) {
        snprintf(what, sizeof(what), "%.*s", (int)close->reply_text.len, (const char *)close->reply_text.bytes);
        link_fail(what, 0);
    } else if (id == AMQP_BASIC_CANCEL_METHOD) {
        link_fail("a queue was deleted", 0);
    }
}

static void carry_out_failure(void)
{
    snprintf(trouble, sizeof(trouble), "%s", failure);
    log_warn("bus.lost", "host=%s port=%d why=%s", job.host, job.port, failure);
    metric_add(&reconnects, 1);
    drop();
    failing = false;
    in_lost();
    out_lost();
    tell(false);
    connect_later();
}

static bool has_data(amqp_connection_state_t c)
{
    return c && (amqp_data_in_buffer(c) || amqp_frames_enqueued(c));
}

bool link_needs_check(void)
{
    return failing || has_data(in) || has_data(out);
}

void link_check(void)
{
    if (!failing && has_data(in))
        read_frames(in, in_frame, "receive");
    if (!failing && has_data(out))
        read_frames(out, out_frame, "send");
    if (failing)
        carry_out_failure();
}

/* ---- start, drain, stop ---- */

void link_hold(void)
{
    holding = true;
}

/* Queues are declared and consumed by the thread that connects; this happens once in a life. */
void link_consume(void)
{
    holding = false;
    if (connecting || draining)
        return;
    job.consumers = consumers;
    link_fail("begins to consume", 0);
}

/* Services begin at different nodes of a cluster, and so share them. */
static void read_hosts(void)
{
    char why[200];

    host_count = hosts_parse(config_text("bus.host"), (int)config_int("bus.port"), hosts, why, sizeof(why));
    if (host_count <= 0)
        config_refuse("bus.host", "%s", why);
    host_at = (int)(random() % host_count);
}

void link_start(const char *instance, const char *user, const struct bus_consumer *table)
{
    srandom((unsigned)clock_mono_us());
    read_hosts();
    consumers = table;
    job = (struct connect_job){
        .vhost = config_text("bus.vhost"),
        .user = *config_text("bus.user") ? config_text("bus.user") : user,
        .password = config_text("bus.password"),
        .heartbeat = (int)config_int("bus.heartbeat"),
        .tls = config_bool("bus.tls"),
        .ca = config_text("bus.tls.ca"),
        .instance = instance,
        .consumers = holding ? NULL : table,
        .limits = {config_int("bus.queue.length"), config_int("bus.queue.ttl"),
                   strcmp(config_text("bus.queue.type"), "quorum") == 0},
    };
    if (job.tls)
        certificate_follow("bus.tls.ca");
    metric_add(&reconnects, 0);
    out_start(job.limits.quorum);
    events_start(job.limits.quorum);
    wake = loop_wake_new(on_connected, NULL);
    retry = loop_timer_new(connect_now, NULL);
    tick = loop_timer_new(on_tick, NULL);
    room = loop_timer_new(on_room, NULL);
    probe = loop_timer_new(on_probe, NULL);
    connect_now(NULL);
}

/* A connection lost after this comes back for replies only. */
bool link_draining(void)
{
    return draining;
}

void link_stop_consuming(void)
{
    char tag[16];

    draining = true;
    for (int i = 0; link_in() && job.consumers && job.consumers[i].kind; i++) {
        amqp_basic_cancel_t cancel = {.nowait = 1};
        int status;

        /* Its successor must not begin before what was delivered here has ended: what still comes is left for it. */
        if (job.consumers[i].flags & BUS_SINGLE_ACTIVE)
            continue;
        snprintf(tag, sizeof(tag), "%d", i);
        cancel.consumer_tag = amqp_cstring_bytes(tag);
        status = amqp_send_method(in, CHANNEL_PLAIN, AMQP_BASIC_CANCEL_METHOD, &cancel);
        if (status != AMQP_STATUS_OK)
            link_fail("cancel", status);
    }
    if (!connecting)
        job.consumers = NULL;
}

void link_stop(void)
{
    stopped = true;
    if (connecting) {
        pthread_join(thread, NULL); /* seconds at most */
        connecting = false;
        if (job.in) {
            amqp_destroy_connection(job.in);
            amqp_destroy_connection(job.out);
        }
    }
    if (in) {
        amqp_connection_close(in, AMQP_REPLY_SUCCESS); /* limited by the RPC timeout */
        amqp_connection_close(out, AMQP_REPLY_SUCCESS);
        drop();
    }
    loop_timer_free(retry);
    loop_timer_free(tick);
    loop_timer_free(room);
    loop_timer_free(probe);
    loop_wake_free(wake);
}
