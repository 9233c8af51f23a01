/*
 * The ceiling for the HTTP binding: libmicrohttpd alone, turned as services/http turns it (external epoll, one thread), which
 * reads every request to its end and answers at once with a content of 200 bytes. GET /count answers the number of POSTs so
 * far: it serves as a receiver of notifications too. Usage: bare_mhd [PORT]
 *   cc -O2 -o bare_mhd tests/bench/bare_mhd.c -lmicrohttpd
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 4

static struct MHD_Response *response;
static unsigned long posts;

static enum MHD_Result answer_count(struct MHD_Connection *connection)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%lu", posts);
    struct MHD_Response *count = MHD_create_response_from_buffer((size_t)len, text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, count);

    MHD_destroy_response(count);
    return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **slot)
{
    (void)context, (void)version, (void)data;
    if (!*slot) {
        *slot = &response;
        return MHD_YES;
    }
    if (*size > 0) {
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(url, "/count") == 0)
        return answer_count(connection);
    if (*method == 'P')
        posts++;
    return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

/* Runs the daemon until it has nothing to do. Returns the milliseconds after which it wants to be run again, or -1. */
static int run(struct MHD_Daemon *server)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;

    for (int i = 0; i < ROUNDS; i++) {
        MHD_run(server);
        if (MHD_get_timeout(server, &timeout) != MHD_YES)
            return -1;
        if (timeout > 0)
            break;
    }
    return timeout > 1000 ? 1000 : (int)timeout;
}

int main(int argc, char **argv)
{
    static char content[201];
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 8090;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    struct MHD_Daemon *server;
    struct pollfd watched = {.events = POLLIN};

    if (port < 1 || port > 65535)
        return 64;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(content, 'x', sizeof content - 1);
    response = MHD_create_response_from_buffer(sizeof content - 1, content, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "text/plain");
    server = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &address,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_CONNECTION_LIMIT, 10000u,
                              MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_END);
    if (!server) {
        fprintf(stderr, "bare_mhd: cannot listen on port %ld\n", port);
        return 71;
    }
    watched.fd = MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    for (int wait = 0;; wait = run(server))
        poll(&watched, 1, wait);
}
