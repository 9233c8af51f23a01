#include "curl_loop.h"

#include "log.h"
#include "loop.h"
#include "mem.h"

#include <string.h>

#define KEPT_SECONDS 2L /* a connection, for what must not be carried out twice */

struct curl_loop {
    CURLM *multi; /* NULL: unused */
    struct loop_timer *timer;
    void (*done)(void *context, CURL *easy, CURLcode code);
};

/* A socket that libcurl waits for. */
struct socket_watch {
    struct curl_loop *loop;
    curl_socket_t fd;
    struct loop_watch *watch;
};

static struct curl_loop loops[CURL_LOOPS_MAX];

static void collect(struct curl_loop *l)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(l->multi, &left))) {
        void *context = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&context);
        l->done(context, message->easy_handle, message->data.result);
    }
}

static void on_socket_event(void *context, int events)
{
    struct socket_watch *w = context;
    struct curl_loop *l = w->loop;
    int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) | (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    int running;

    curl_multi_socket_action(l->multi, w->fd, flags ? flags : CURL_CSELECT_ERR, &running); /* `w` may be gone */
    collect(l);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *slot)
{
    struct curl_loop *l = context;
    struct socket_watch *w = slot;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w)
            loop_watch_free(w->watch);
        free(w);
        curl_multi_assign(l->multi, fd, NULL);
        return 0;
    }
    if (!w) {
        w = xmalloc(sizeof *w);
        *w = (struct socket_watch){.loop = l, .fd = fd};
        w->watch = loop_watch_new(fd, on_socket_event, w);
        curl_multi_assign(l->multi, fd, w);
    }
    loop_watch_set(w->watch, (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0));
    return 0;
}

static void on_timeout(void *context)
{
    struct curl_loop *l = context;
    int running;

    curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(l);
}

/* May be called from inside curl_multi_*(): it must not call back into it. */
static int on_timer(CURLM *m, long ms, void *context)
{
    struct curl_loop *l = context;

    (void)m;
    if (ms < 0)
        loop_timer_stop(l->timer);
    else
        loop_timer_start(l->timer, ms, 0);
    return 0;
}

static struct curl_loop *find(const CURLM *multi)
{
    int i = 0;

    while (i < CURL_LOOPS_MAX && loops[i].multi != multi)
        i++;
    return i < CURL_LOOPS_MAX ? &loops[i] : NULL;
}

CURLM *curl_loop_start(void (*done)(void *context, CURL *easy, CURLcode code))
{
    struct curl_loop *l = find(NULL);

    if (!l || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(l->multi = curl_multi_init()))
        log_fatal("curl.start", "why=%s", "libcurl does not start");
    l->done = done;
    l->timer = loop_timer_new(on_timeout, l);
    curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
    curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
    return l->multi;
}

void curl_loop_stop(CURLM *multi)
{
    struct curl_loop *l = find(multi);

    curl_multi_cleanup(multi);
    loop_timer_free(l->timer);
    l->multi = NULL;
    curl_global_cleanup();
}

static size_t on_read(char *buffer, size_t size, size_t count, void *context)
{
    struct curl_loop_content *content = context;
    size_t n = content->len - content->sent;

    n = n < size * count ? n : size * count;
    memcpy(buffer, content->data + content->sent, n);
    content->sent += n;
    return n;
}

/* A content that is read, and cannot be read again: nothing that libcurl could repeat. */
void curl_loop_post_once(CURL *easy, struct curl_loop_content *content)
{
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)content->len);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, content);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, KEPT_SECONDS);
}
