/*
 * What MQTT costs without Tessera:   mqtt_echo PORT
 * Answers each request of binding_load at once: what that measures then is the most that the broker and this machine can do.
 */
#include "load/packet.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mem.h"

enum { BUFFER = 262144 };

static const char answer[] =
    "{\"rsc\":2001,\"rqi\":\"0\",\"pc\":{\"m2m:cin\":{\"ri\":\"0123456789abcdef\",\"rn\":\"0123456789abcdef\","
    "\"pi\":\"0123456789abcdef\",\"ty\":4,\"ct\":\"20260101T000000,000000\",\"lt\":\"20260101T000000,000000\","
    "\"st\":1,\"cs\":100}},\"fr\":\"/id-in\",\"to\":\"Cm0\",\"rvi\":\"3\"}";

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* "/oneM2M/req/Cm0/id-in/json" is answered by "/oneM2M/resp/Cm0/id-in/json". */
static void reply(struct str *out, const unsigned char *body)
{
    size_t n = (size_t)body[0] << 8 | body[1];
    auto_free char *asked = xstrndup((const char *)body + 2, n),
                   *topic = xasprintf("/oneM2M/resp%s", asked + strlen("/oneM2M/req"));
    static unsigned id;

    id = id % 60000 + 1;
    packet_confirm(out, body + 2 + n);
    packet_publish(out, topic, id, answer, sizeof answer - 1);
}

static int open_broker(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    auto_str struct str out = STR_EMPTY;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    packet_connect(&out, "echo");
    packet_subscribe(&out, "/oneM2M/req/+/id-in/#");
    if (send(fd, out.data, out.len, MSG_NOSIGNAL) != (ssize_t)out.len)
        die("send");
    return fd;
}

int main(int argc, char **argv)
{
    static unsigned char buffer[BUFFER];
    struct str out = STR_EMPTY;
    int fd = argc == 2 ? open_broker((int)strtol(argv[1], NULL, 10)) : -1;
    size_t have = 0, at, whole, body;
    ssize_t n;

    if (fd < 0) {
        fprintf(stderr, "usage: mqtt_echo PORT\n");
        return 64;
    }
    while ((n = recv(fd, buffer + have, BUFFER - have, 0)) > 0) {
        have += (size_t)n;
        for (at = 0; (whole = packet_whole(buffer + at, have - at, &body)) > 0; at += whole)
            if (buffer[at] >> 4 == PACKET_PUBLISH)
                reply(&out, buffer + at + body);
        memmove(buffer, buffer + at, have -= at);
        if (out.len > 0 && send(fd, out.data, out.len, MSG_NOSIGNAL) != (ssize_t)out.len)
            die("send");
        str_reset(&out);
    }
    return 0;
}
