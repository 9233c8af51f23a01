#include "probe.h"

#include "json.h"
#include "loop.h"
#include "mem.h"
#include "str.h"

#include <uv.h>

#define ANSWER_MAX 4096

struct probe {
    uv_tcp_t socket;
    uv_timer_t timer;
    uv_connect_t connect;
    uv_write_t write;
    const char *request;
    size_t request_len;
    bool greeting; /* any answer will do */
    char buffer[1024];
    struct str answer;
    int open_handles;
    bool done;
    probe_fn *fn;
    void *context;
};

static void on_closed(uv_handle_t *handle)
{
    struct probe *p = handle->data;

    if (--p->open_handles > 0)
        return;
    str_done(&p->answer);
    free(p);
}

static void finish(struct probe *p, bool answered, bool healthy, const char *why)
{
    if (p->done)
        return;
    p->done = true;
    p->fn(p->context, answered, healthy, why);
    uv_close((uv_handle_t *)&p->socket, on_closed);
    uv_close((uv_handle_t *)&p->timer, on_closed);
}

static void judge(struct probe *p)
{
    const char *text = str_text(&p->answer);
    const char *body = strstr(text, "\r\n\r\n");
    json_t *report;

    if (strncmp(text, "HTTP/1.", 7) != 0 || !body) {
        finish(p, false, false, "no HTTP answer");
        return;
    }
    report = json_parse(body + 4, strlen(body + 4), (char[128]){0}, 128);
    finish(p, true, strncmp(text + 8, " 200", 4) == 0, json_str(report, "why"));
    json_decref(report);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    struct probe *p = handle->data;

    (void)size;
    *out = uv_buf_init(p->buffer, sizeof(p->buffer));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct probe *p = stream->data;

    if (n > 0 && p->greeting)
        finish(p, true, true, NULL);
    else if (n > 0 && p->answer.len < ANSWER_MAX)
        str_add(&p->answer, buffer->base, (size_t)n);
    else if (n < 0)
        judge(p);
}

static void on_written(uv_write_t *write, int status)
{
    struct probe *p = write->data;

    if (status < 0)
        finish(p, false, false, uv_strerror(status));
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct probe *p = connect->data;
    uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)p->request, (unsigned)p->request_len);

    if (status < 0) {
        finish(p, false, false, uv_strerror(status));
        return;
    }
    uv_read_start((uv_stream_t *)&p->socket, on_alloc, on_read);
    uv_write(&p->write, (uv_stream_t *)&p->socket, &buffer, 1, on_written);
}

static void on_timeout(uv_timer_t *timer)
{
    finish(timer->data, false, false, "does not answer");
}

static struct probe *begin(int timeout_ms, probe_fn *fn, void *context)
{
    struct probe *p = xcalloc(1, sizeof(*p));

    p->fn = fn;
    p->context = context;
    p->open_handles = 2;
    p->socket.data = p->timer.data = p->connect.data = p->write.data = p;
    uv_tcp_init(loop_get(), &p->socket);
    uv_timer_init(loop_get(), &p->timer);
    uv_timer_start(&p->timer, on_timeout, (uint64_t)timeout_ms, 0);
    return p;
}

static void send_to(struct probe *p, const struct sockaddr *address)
{
    if (uv_tcp_connect(&p->connect, &p->socket, address, on_connected) < 0)
        finish(p, false, false, "cannot connect");
}

void probe_start(int port, int timeout_ms, probe_fn *fn, void *context)
{
    static const char request[] = "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n";
    struct probe *p = begin(timeout_ms, fn, context);
    struct sockaddr_in address;

    p->request = request;
    p->request_len = sizeof(request) - 1;
    uv_ip4_addr("127.0.0.1", port, &address);
    send_to(p, (const struct sockaddr *)&address);
}

void probe_broker(const char *host, int port, int timeout_ms, probe_fn *fn, void *context)
{
    static const char request[] = {'A', 'M', 'Q', 'P', 0, 0, 9, 1}; /* it answers with connection.start */
    struct probe *p = begin(timeout_ms, fn, context);
    struct sockaddr_storage address;

    p->request = request;
    p->request_len = sizeof(request);
    p->greeting = true;
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)&address) < 0 &&
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)&address) < 0)
        finish(p, true, true, NULL); /* no address: nobody can tell */
    else
        send_to(p, (const struct sockaddr *)&address);
}
