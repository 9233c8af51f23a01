/*
 * Load over one binding:   binding_load BINDING PORT CLIENTS SECONDS
 * Client N creates contentInstances as the AE CmN in cse-in/mN/c, the next one when the last is answered. Prints one line of
 * JSON: how many in how many us, their latencies, how many were refused, what was sent again, and the CPU time all this took
 * here.
 */
#include "clock.h"
#include "load/load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mem.h"

enum { SAMPLES = 4000000, READY = 64, REPEAT_US = 2000000, WARM_US = 300000 };

static const struct binding *const bindings[] = {&binding_http, &binding_coap, &binding_mqtt, &binding_websocket};
static const struct binding *binding;
static int64_t *samples, now, from = INT64_MAX, until = INT64_MAX; /* us; measured is from .. until */
static size_t count, answered, refused, repeated;
static int opened;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

void load_primitive(struct str *out, const struct client *c)
{
    str_addf(out,
             "{\"op\":1,\"to\":\"cse-in/m%d/c\",\"fr\":\"Cm%d\",\"rqi\":\"%u\",\"rvi\":\"3\",\"ty\":4,\"pc\":" LOAD_CONTENT "}",
             c->number, c->number, c->id);
}

static void send_out(struct client *c)
{
    if (send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL) != (ssize_t)c->out.len)
        die("send");
}

static void send_next(struct client *c)
{
    str_reset(&c->out);
    c->id = c->id % 60000 + 1;
    binding->create(c);
    c->sent = now;
    send_out(c);
}

static void on_took(struct client *c, enum took took)
{
    if (took == TOOK_OTHER)
        return;
    if (took == TOOK_OPEN) {
        c->open = true;
        opened++;
    } else {
        answered++;
        refused += took == TOOK_REFUSED;
        if (c->sent >= from && count < SAMPLES)
            samples[count++] = now - c->sent;
    }
    if (now < until)
        send_next(c);
}

static void on_readable(struct client *c)
{
    ssize_t n = recv(c->fd, c->buffer + c->have, LOAD_BUFFER - c->have, MSG_DONTWAIT);
    size_t at = 0, used = 0;
    enum took took;

    if (n <= 0)
        die("recv");
    now = clock_mono_us();
    c->have += (size_t)n;
    while (at < c->have && (took = binding->take(c, c->buffer + at, c->have - at, &used)) != TOOK_NOTHING) {
        on_took(c, took);
        at += used;
    }
    memmove(c->buffer, c->buffer + at, c->have - at);
    c->have -= at;
}

/* Datagrams may be lost. */
static void repeat(struct client *all, int clients)
{
    now = clock_mono_us();
    for (int i = 0; i < clients; i++) {
        if (all[i].sent + REPEAT_US > now)
            continue;
        all[i].sent = now;
        repeated++;
        send_out(&all[i]);
    }
}

static void begin(struct client *c, int number, int port, int poll)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int on = 1;

    c->number = number;
    c->fd = socket(AF_INET, binding->socket | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    if (binding->socket == SOCK_STREAM)
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event) < 0)
        die("epoll");
}

static void open_all(struct client *all, int clients)
{
    now = clock_mono_us();
    for (int i = 0; i < clients; i++) {
        if (!binding->greet) {
            on_took(&all[i], TOOK_OPEN);
            continue;
        }
        binding->greet(&all[i]);
        send_out(&all[i]);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void print(int64_t took)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used); /* before the sorting */
    qsort(samples, count, sizeof *samples, compare);
    printf(
        "{\"answered\":%zu,\"requests\":%zu,\"us\":%lld,\"failed\":%zu,\"errors\":%zu,\"p50\":%lld,\"p99\":%lld,\"cpu\":%lld}\n",
        answered, count, (long long)took, refused, repeated, (long long)(count ? samples[count / 2] : 0),
        (long long)(count ? samples[count * 99 / 100] : 0),
        (long long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
    int port = argc == 5 ? (int)strtol(argv[2], NULL, 10) : 0, clients = argc == 5 ? (int)strtol(argv[3], NULL, 10) : 0;
    int poll = epoll_create1(EPOLL_CLOEXEC), got = 0;
    struct epoll_event events[READY];
    struct client *all;

    for (size_t i = 0; argc == 5 && i < ARRAY_LEN(bindings); i++)
        if (strcmp(bindings[i]->name, argv[1]) == 0)
            binding = bindings[i];
    if (!binding || port <= 0 || clients <= 0 || poll < 0) {
        fprintf(stderr, "usage: binding_load http|coap|mqtt|websocket PORT CLIENTS SECONDS\n");
        return 64;
    }
    samples = xcalloc(SAMPLES, sizeof *samples);
    all = xcalloc((size_t)clients, sizeof *all);
    for (int i = 0; i < clients; i++)
        begin(&all[i], i, port, poll);
    open_all(all, clients);
    while ((now = clock_mono_us()) < until && (got = epoll_wait(poll, events, READY, 100)) >= 0) {
        for (int i = 0; i < got; i++)
            on_readable(events[i].data.ptr);
        if (got == 0 && binding->socket == SOCK_DGRAM)
            repeat(all, clients);
        if (opened == clients && until == INT64_MAX) { /* more at once than a backlog take a second to connect */
            from = now + WARM_US;
            until = from + (int64_t)(strtod(argv[4], NULL) * 1e6);
        }
    }
    print(clock_mono_us() - from);
    return 0;
}
