/*
 * Load for the MQTT binding:   mqtt_load PORT CLIENTS SECONDS
 * Client N publishes CREATEs of contentInstances as the AE CmN to cse-in/mN/c, the next one when the last is answered. Over plain
 * sockets, so that no client library is measured, or waits for more to send. Prints what load.lua does: one line of JSON.
 */
#include "clock.h"
#include "str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "mem.h"

enum { CONNACK = 2, PUBLISH = 3, SUBACK = 9, BUFFER = 16384, SAMPLES = 1000000 };

struct client {
    int fd, number;
    int64_t sent; /* clock_mono_us() */
    unsigned id;
    size_t have;
    unsigned char buffer[BUFFER];
};

static int64_t samples[SAMPLES];
static size_t count;
static int64_t failed, until;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void put_text(struct str *s, const char *text)
{
    size_t n = strlen(text);

    str_putc(s, (char)(n >> 8));
    str_putc(s, (char)n);
    str_add(s, text, n);
}

static void send_packet(const struct client *c, struct str *out, unsigned char type, const struct str *body)
{
    size_t n = body->len;

    str_putc(out, (char)type);
    do {
        str_putc(out, (char)((n & 127) | (n > 127 ? 128 : 0)));
        n >>= 7;
    } while (n);
    str_add(out, body->data, body->len);
    if (send(c->fd, out->data, out->len, MSG_NOSIGNAL) != (ssize_t)out->len)
        die("send");
}

static void send_connect(struct client *c)
{
    auto_str struct str body = STR_EMPTY, out = STR_EMPTY;
    auto_free char *id = xasprintf("A::Cm%d", c->number);

    put_text(&body, "MQTT");
    str_add(&body, "\4\2\0\74", 4); /* 3.1.1, clean session, 60 s */
    put_text(&body, id);
    send_packet(c, &out, 0x10, &body);
}

static void send_subscribe(struct client *c)
{
    auto_str struct str body = STR_EMPTY, out = STR_EMPTY;
    auto_free char *filter = xasprintf("/oneM2M/resp/Cm%d/#", c->number);

    str_add(&body, "\0\1", 2);
    put_text(&body, filter);
    str_putc(&body, 1);
    send_packet(c, &out, 0x82, &body);
}

/* Confirms the message before, if there was one, in the same segment. */
static void send_create(struct client *c, const unsigned char *confirm)
{
    auto_str struct str body = STR_EMPTY, out = STR_EMPTY;
    auto_free char *topic = xasprintf("/oneM2M/req/Cm%d/id-in/json", c->number);

    if (confirm) {
        str_add(&out, "\x40\2", 2);
        str_add(&out, confirm, 2);
    }
    c->id = c->id % 60000 + 1;
    put_text(&body, topic);
    str_putc(&body, (char)(c->id >> 8));
    str_putc(&body, (char)c->id);
    str_addf(
        &body,
        "{\"op\":1,\"to\":\"cse-in/m%d/c\",\"fr\":\"Cm%d\",\"rqi\":\"%u\",\"rvi\":\"3\",\"ty\":4,\"pc\":{\"m2m:cin\":{\"cnf\":"
        "\"text/plain:0\",\"con\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}}}",
        c->number, c->number, c->id);
    c->sent = clock_mono_us();
    send_packet(c, &out, 0x32, &body);
}

static void on_message(struct client *c, const unsigned char *body, size_t len)
{
    size_t topic = (size_t)body[0] << 8 | body[1];

    if (topic + 4 > len)
        die("malformed");
    if (count < SAMPLES)
        samples[count++] = clock_mono_us() - c->sent;
    failed += !memmem(body, len, "\"rsc\":2001", 10);
    if (clock_mono_us() < until)
        send_create(c, body + 2 + topic);
}

static void on_packet(struct client *c, unsigned type, const unsigned char *body, size_t len)
{
    if (type == CONNACK)
        send_subscribe(c);
    else if (type == SUBACK)
        send_create(c, NULL);
    else if (type == PUBLISH)
        on_message(c, body, len);
}

static void on_readable(struct client *c)
{
    ssize_t n = recv(c->fd, c->buffer + c->have, BUFFER - c->have, 0);
    size_t at = 0;

    if (n <= 0)
        die("recv");
    c->have += (size_t)n;
    while (at < c->have) {
        size_t len = 0, p = at + 1;
        int shift = 0;

        while (p < c->have && c->buffer[p] & 128 && shift < 21) {
            len |= (size_t)(c->buffer[p++] & 127) << shift;
            shift += 7;
        }
        if (p >= c->have || p + 1 + (len |= (size_t)c->buffer[p] << shift) > c->have)
            break;
        on_packet(c, c->buffer[at] >> 4, c->buffer + p + 1, len);
        at = p + 1 + len;
    }
    memmove(c->buffer, c->buffer + at, c->have - at);
    c->have -= at;
}

static void begin(struct client *c, int number, int port, int poll)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int on = 1;

    c->number = number;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event) < 0)
        die("epoll");
    send_connect(c);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int port = argc == 4 ? (int)strtol(argv[1], NULL, 10) : 0, clients = argc == 4 ? (int)strtol(argv[2], NULL, 10) : 0;
    int poll = epoll_create1(EPOLL_CLOEXEC), got;
    struct epoll_event events[64];
    struct client *all;
    int64_t start;

    if (port <= 0 || clients <= 0 || poll < 0) {
        fprintf(stderr, "usage: mqtt_load PORT CLIENTS SECONDS\n");
        return 64;
    }
    all = xcalloc((size_t)clients, sizeof *all);
    for (int i = 0; i < clients; i++)
        begin(&all[i], i, port, poll);
    start = clock_mono_us(); /* more at once than the broker's backlog take a second to connect */
    until = start + strtol(argv[3], NULL, 10) * 1000000;
    while (clock_mono_us() < until && (got = epoll_wait(poll, events, 64, 100)) >= 0)
        for (int i = 0; i < got; i++)
            on_readable(events[i].data.ptr);
    qsort(samples, count, sizeof *samples, compare);
    printf("{\"requests\":%zu,\"us\":%lld,\"failed\":%lld,\"errors\":0,\"p50\":%lld,\"p99\":%lld}\n", count,
           (long long)(clock_mono_us() - start), (long long)failed, (long long)(count ? samples[count / 2] : 0),
           (long long)(count ? samples[count * 99 / 100] : 0));
    free(all);
    return 0;
}
