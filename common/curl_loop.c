#include "curl_loop.h"

#include "log.h"
#include "loop.h"

static CURLM *multi;
static struct loop_timer *timer;
static void (*on_done)(void *context, CURL *easy, CURLcode code);

static void collect(void)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left))) {
        void *context = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&context);
        on_done(context, message->easy_handle, message->data.result);
    }
}

static void on_socket_event(void *context, int events)
{
    int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) | (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    int running;

    curl_multi_socket_action(multi, (curl_socket_t)(intptr_t)context, flags ? flags : CURL_CSELECT_ERR, &running);
    collect();
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *slot)
{
    struct loop_watch *watch = slot;

    (void)easy, (void)context;
    if (what == CURL_POLL_REMOVE) {
        loop_watch_free(watch);
        curl_multi_assign(multi, fd, NULL);
        return 0;
    }
    if (!watch) {
        watch = loop_watch_new(fd, on_socket_event, (void *)(intptr_t)fd);
        curl_multi_assign(multi, fd, watch);
    }
    loop_watch_set(watch, (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0));
    return 0;
}

static void on_timeout(void *context)
{
    int running;

    (void)context;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect();
}

/* May be called from inside curl_multi_*(): it must not call back into it. */
static int on_timer(CURLM *m, long ms, void *context)
{
    (void)m, (void)context;
    if (ms < 0)
        loop_timer_stop(timer);
    else
        loop_timer_start(timer, ms, 0);
    return 0;
}

CURLM *curl_loop_start(void (*done)(void *context, CURL *easy, CURLcode code))
{
    on_done = done;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(multi = curl_multi_init()))
        log_fatal("curl.start", "why=%s", "libcurl does not start");
    timer = loop_timer_new(on_timeout, NULL);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    return multi;
}

void curl_loop_stop(void)
{
    curl_multi_cleanup(multi);
    multi = NULL;
    loop_timer_free(timer);
    curl_global_cleanup();
}
