#include "line.h"

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"

#include <MQTTAsync.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/tcp.h>
#include <pthread.h>

#include "mem.h"

enum {
    CONNECT_SECONDS = 10,
    RETRY_FIRST_MS = 200,
    RETRY_MAX_MS = 5000,
    NUDGE_FIRST_MS = 1,
    NUDGE_LAST_MS = 128,
    FILTERS = 8, /* of one connection */
    QOS = 1,
    HOLD_MS = 2,
    HOLD_MOST = 64, /* messages */
};

enum event_kind { EVENT_MESSAGE, EVENT_UP, EVENT_DOWN, EVENT_PUBLISHED, EVENT_UNPUBLISHED };

/* What one of the library's threads has to tell. */
struct event {
    struct event *next;
    enum event_kind kind;
    int link;
    uint64_t tag;
    struct message message;
    char why[120];
};

struct line {
    struct line *next;
    int number; /* what the library's threads know of it: it may be gone when they speak */
    MQTTAsync client;
    struct broker broker;
    bool own, up, once_up;
    int failures;
    struct loop_timer *retry;
    char *filters[FILTERS], *forgotten[FILTERS];
};

/* One message whose end is told. */
struct publication {
    int link;
    uint64_t tag;
};

static struct line_settings settings;
static const struct line_events *events;
static struct line *links;
static struct loop_wake *wake;
static struct loop_timer *holder;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct event *first, **last;
    size_t messages;
    uint64_t refused;
    bool held; /* the loop looks by itself, soon */
} queue = {.last = &queue.first};

static struct metric held_back = METRIC_COUNTER("tessera_mqtt_held_back_total",
                                                "Messages that were not taken from the library because the queue was full", NULL);

/* ---- on the library's threads: nothing of the library is called here but what frees memory ---- */

static void put(struct event *e)
{
    bool hold;

    e->next = NULL;
    pthread_mutex_lock(&mutex);
    *queue.last = e;
    queue.last = &e->next;
    hold = queue.held && queue.messages < HOLD_MOST;
    pthread_mutex_unlock(&mutex);
    if (!hold)
        loop_wake(wake);
}

static void tell(enum event_kind kind, int link, uint64_t tag, const char *why)
{
    struct event *e = xcalloc(1, sizeof *e);

    e->kind = kind;
    e->link = link;
    e->tag = tag;
    snprintf(e->why, sizeof e->why, "%s", why ? why : "");
    put(e);
}

static bool take_place(void)
{
    bool there;

    pthread_mutex_lock(&mutex);
    there = queue.messages < settings.queue;
    queue.messages += there;
    queue.refused += !there;
    pthread_mutex_unlock(&mutex);
    return there;
}

/* 0: not now; the library keeps it, and asks again. */
static int on_arrived(void *context, char *topic, int topic_len, MQTTAsync_message *m)
{
    size_t len = topic_len > 0 ? (size_t)topic_len : strlen(topic);
    struct event *e;

    if (m->retained || m->payloadlen < 0 || (size_t)m->payloadlen > settings.max_message || memchr(topic, '\0', len)) {
        MQTTAsync_freeMessage(&m);
        MQTTAsync_free(topic);
        return 1;
    }
    if (!take_place())
        return 0;
    e = xcalloc(1, sizeof *e);
    e->kind = EVENT_MESSAGE;
    e->link = (int)(intptr_t)context;
    e->message.topic = xstrndup(topic, len);
    e->message.dup = m->dup;
    str_add(&e->message.payload, m->payload, (size_t)m->payloadlen);
    MQTTAsync_freeMessage(&m);
    MQTTAsync_free(topic);
    put(e);
    return 1;
}

static void on_lost(void *context, char *cause)
{
    tell(EVENT_DOWN, (int)(intptr_t)context, 0, cause ? cause : "the connection is lost");
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    (void)data;
    tell(EVENT_UP, (int)(intptr_t)context, 0, NULL);
}

/* Answers of a broker to CONNECT, MQTT 3.1.1 table 3.1. */
static const char *explain(const MQTTAsync_failureData *data)
{
    static const char *const refusals[] = {
        [1] = "the broker refuses this version of MQTT",
        [2] = "the broker refuses the client identifier",
        [3] = "the broker is not available",
        [4] = "the broker refuses user name or password",
        [5] = "the broker does not authorize this client",
    };

    if (data && data->code > 0 && data->code < (int)ARRAY_LEN(refusals))
        return refusals[data->code];
    return data && data->message ? data->message : "the broker cannot be reached";
}

static void on_not_connected(void *context, MQTTAsync_failureData *data)
{
    tell(EVENT_DOWN, (int)(intptr_t)context, 0, explain(data));
}

static void on_published(void *context, MQTTAsync_successData *data)
{
    struct publication *p = context;

    (void)data;
    tell(EVENT_PUBLISHED, p->link, p->tag, NULL);
    free(p);
}

static void on_not_published(void *context, MQTTAsync_failureData *data)
{
    struct publication *p = context;

    (void)data;
    tell(EVENT_UNPUBLISHED, p->link, p->tag, NULL);
    free(p);
}

/* ---- on the loop ---- */

/*
 * The library's sending thread may miss that there is something to send, and would look again after a second: it tests and waits
 * without a lock around both. So it is woken again a few times after each message, by a client that is never connected: what that
 * sends replaces what it sent before, and goes nowhere.
 */
static struct {
    MQTTAsync client;
    struct loop_timer *timer;
    int ms; /* of the running timer; 0: none runs */
} nudge;

static void on_nudge(void *unused)
{
    MQTTAsync_message message = MQTTAsync_message_initializer;

    (void)unused;
    MQTTAsync_sendMessage(nudge.client, "nowhere", &message, NULL);
    nudge.ms = nudge.ms < NUDGE_LAST_MS ? 2 * nudge.ms : 0;
    if (nudge.ms)
        loop_timer_start(nudge.timer, nudge.ms, 0);
}

static void nudge_soon(void)
{
    if (nudge.ms == NUDGE_FIRST_MS)
        return;
    nudge.ms = NUDGE_FIRST_MS;
    loop_timer_start(nudge.timer, nudge.ms, 0);
}

static void nudge_setup(void)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;

    options.sendWhileDisconnected = options.allowDisconnectedSendAtAnyTime = options.deleteOldestMessages = 1;
    options.maxBufferedMessages = 1;
    if (MQTTAsync_createWithOptions(&nudge.client, "tcp://localhost:1", "nudge", MQTTCLIENT_PERSISTENCE_NONE, NULL, &options) !=
        MQTTASYNC_SUCCESS)
        log_fatal("mqtt.library", "why=%s", "the MQTT client library does not start");
    nudge.timer = loop_timer_new(on_nudge, NULL);
}

static struct line *find(int number)
{
    struct line *link = links;

    while (link && link->number != number)
        link = link->next;
    return link;
}

static void subscribe(struct line *link, char *filter)
{
    if (MQTTAsync_subscribe(link->client, filter, QOS, NULL) != MQTTASYNC_SUCCESS)
        log_warn("mqtt.subscribe", "filter=%s why=%s", filter, "the library does not take it");
}

/*
 * The library leaves TCP's waiting for more as it is and has no way to its socket: each answer, sent behind the confirmation of
 * its request, would wait 40 ms for the broker's own confirmation. What is connected to that port here is looked for instead.
 */
static void send_at_once(const struct line *link)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        int fd = (int)strtol(entry->d_name, NULL, 10), on = 1;
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof peer;
        in_port_t port;

        if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0 || (peer.ss_family != AF_INET && peer.ss_family != AF_INET6))
            continue;
        port = peer.ss_family == AF_INET ? ((const struct sockaddr_in *)(const void *)&peer)->sin_port
                                         : ((const struct sockaddr_in6 *)(const void *)&peer)->sin6_port;
        if (ntohs(port) == link->broker.port)
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (dir)
        closedir(dir);
}

/* Subscribed even if the session is there: settings may have changed since it was made. */
static void come_up(struct line *link)
{
    link->up = link->once_up = true;
    link->failures = 0;
    send_at_once(link);
    for (int i = 0; i < FILTERS && link->forgotten[i]; i++)
        MQTTAsync_unsubscribe(link->client, link->forgotten[i], NULL);
    for (int i = 0; i < FILTERS && link->filters[i]; i++)
        subscribe(link, link->filters[i]);
    nudge_soon();
    log_info("mqtt.connected", "host=%s port=%d", link->broker.host, link->broker.port);
    events->up(link, true, "");
}

static void retry_later(struct line *link)
{
    int64_t pause = (int64_t)RETRY_FIRST_MS << (link->failures < 5 ? link->failures : 5);

    link->failures++;
    loop_timer_start(link->retry, pause < RETRY_MAX_MS ? pause : RETRY_MAX_MS, 0);
}

static void go_down(struct line *link, const char *why)
{
    if (link->up || link->failures == 0)
        log_warn("mqtt.disconnected", "host=%s port=%d why=%s", link->broker.host, link->broker.port, why);
    link->up = false;
    if (link->own)
        retry_later(link);
    events->up(link, false, why); /* may close it */
}

static void connect_to(struct line *link, const char *numeric)
{
    auto_free char *uri =
        link->broker.tls
            ? xasprintf(strchr(link->broker.host, ':') ? "ssl://[%s]:%d" : "ssl://%s:%d", link->broker.host, link->broker.port)
            : xasprintf(strchr(numeric, ':') ? "tcp://[%s]:%d" : "tcp://%s:%d", numeric, link->broker.port);
    char *uris[] = {uri};
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_SSLOptions ssl = MQTTAsync_SSLOptions_initializer;
    int status;

    options.keepAliveInterval = settings.keepalive;
    options.cleansession = !link->own;
    options.maxInflight = settings.inflight;
    options.connectTimeout = CONNECT_SECONDS;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.onSuccess = on_connected;
    options.onFailure = on_not_connected;
    options.context = (void *)(intptr_t)link->number;
    options.serverURIs = uris;
    options.serverURIcount = 1;
    if (link->own && *settings.user) {
        options.username = settings.user;
        options.password = settings.password;
    }
    if (link->broker.tls) {
        ssl.sslVersion = MQTT_SSL_VERSION_TLS_1_2;
        ssl.enableServerCertAuth = 1;
        ssl.verify = 1;
        ssl.trustStore = *settings.ca ? settings.ca : "/etc/ssl/certs/ca-certificates.crt";
        ssl.keyStore = *settings.certificate ? settings.certificate : NULL;
        ssl.privateKey = *settings.key ? settings.key : NULL;
        options.ssl = &ssl;
    }
    status = MQTTAsync_connect(link->client, &options);
    nudge_soon();
    if (status != MQTTASYNC_SUCCESS)
        go_down(link, MQTTAsync_strerror(status) ? MQTTAsync_strerror(status) : "the library does not connect");
}

/* The library would wait for the name service, and everybody with it. */
static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct line *link = find((int)(intptr_t)request->data);
    char numeric[64] = "";

    if (status == 0 && found->ai_family == AF_INET)
        uv_ip4_name((const struct sockaddr_in *)(const void *)found->ai_addr, numeric, sizeof numeric);
    else if (status == 0)
        uv_ip6_name((const struct sockaddr_in6 *)(const void *)found->ai_addr, numeric, sizeof numeric);
    uv_freeaddrinfo(found);
    free(request);
    if (link && *numeric)
        connect_to(link, numeric);
    else if (link)
        go_down(link, "its name is not known");
}

static void on_retry(void *context)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct line *link = context;
    uv_getaddrinfo_t *request = xcalloc(1, sizeof *request);

    request->data = (void *)(intptr_t)link->number;
    if (uv_getaddrinfo(loop_get(), request, on_resolved, link->broker.host, NULL, &hints) == 0)
        return;
    free(request);
    go_down(link, "its name cannot be looked up");
}

static void handle(struct event *e)
{
    struct line *link = find(e->link);

    if (e->kind == EVENT_PUBLISHED || e->kind == EVENT_UNPUBLISHED)
        events->published(e->tag, e->kind == EVENT_PUBLISHED);
    else if (link && e->kind == EVENT_MESSAGE)
        events->message(link, &e->message);
    else if (link && e->kind == EVENT_UP)
        come_up(link);
    else if (link && e->kind == EVENT_DOWN)
        go_down(link, e->why);
    free(e->message.topic);
    str_done(&e->message.payload);
    free(e);
}

/*
 * The library hands over message by message, as they come, and each would go to RabbitMQ alone. So, as long as much is under way
 * and there is always something new, it is looked for every other millisecond; alone a request waits for nothing.
 */
static void on_wake(void *unused)
{
    struct event *e, *next;
    uint64_t refused;
    bool hold;

    (void)unused;
    hold = events->busy();
    pthread_mutex_lock(&mutex);
    e = queue.first;
    queue.first = NULL;
    queue.last = &queue.first;
    queue.messages = 0;
    queue.held = hold = hold && e;
    refused = queue.refused;
    queue.refused = 0;
    pthread_mutex_unlock(&mutex);
    if (hold)
        loop_timer_start(holder, HOLD_MS, 0);
    if (refused)
        metric_add(&held_back, (double)refused, NULL);
    for (; e; e = next) {
        next = e->next;
        handle(e);
    }
}

void line_setup(const struct line_settings *given, const struct line_events *callbacks)
{
    MQTTAsync_init_options init = MQTTAsync_init_options_initializer;

    settings = *given;
    events = callbacks;
    init.do_openssl_init = 1;
    MQTTAsync_global_init(&init);
    wake = loop_wake_new(on_wake, NULL);
    holder = loop_timer_new(on_wake, NULL);
    nudge_setup();
}

struct line *line_open(const struct broker *broker, bool own)
{
    static int numbers;
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    struct line *link = xcalloc(1, sizeof *link);
    auto_free char *guest = NULL;
    void *context;
    int status;

    link->number = ++numbers;
    guest = xasprintf("%s.%d", settings.client, link->number); /* it may be the same broker by another name */
    link->broker = *broker;
    link->own = own;
    context = (void *)(intptr_t)link->number;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.sendWhileDisconnected = own;
    options.maxBufferedMessages = settings.backlog;
    /* the address is given with each attempt */
    status = MQTTAsync_createWithOptions(&link->client, broker->tls ? "ssl://localhost:1" : "tcp://localhost:1",
                                         own ? settings.client : guest, MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (status != MQTTASYNC_SUCCESS)
        log_fatal("mqtt.library", "status=%d why=%s", status, "the MQTT client library does not start");
    MQTTAsync_setCallbacks(link->client, context, on_lost, on_arrived, NULL);
    link->retry = loop_timer_new(on_retry, link);
    loop_timer_start(link->retry, 0, 0);
    link->next = links;
    links = link;
    return link;
}

void line_close(struct line *link)
{
    struct line **at = &links;

    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    MQTTAsync_setCallbacks(link->client, NULL, NULL, on_arrived, NULL);
    MQTTAsync_destroy(&link->client);
    loop_timer_free(link->retry);
    for (int i = 0; i < FILTERS; i++) {
        free(link->filters[i]);
        free(link->forgotten[i]);
    }
    free(link);
}

const struct broker *line_broker(const struct line *link)
{
    return &link->broker;
}

bool line_is_up(const struct line *link)
{
    return link->up;
}

/* True if it is new and there was room for it. */
static bool remember(char *list[FILTERS], const char *filter)
{
    for (int i = 0; i < FILTERS; i++) {
        if (list[i] && strcmp(list[i], filter) == 0)
            return false;
        if (list[i])
            continue;
        list[i] = xstrdup(filter);
        return true;
    }
    return false;
}

void line_subscribe(struct line *link, const char *filter)
{
    auto_free char *text = xstrdup(filter);

    if (remember(link->filters, filter) && link->up)
        subscribe(link, text);
}

void line_forget(struct line *link, const char *filter)
{
    remember(link->forgotten, filter);
}

int line_publish(struct line *link, const char *topic, const void *data, size_t len, uint64_t tag)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    MQTTAsync_message message = MQTTAsync_message_initializer;
    struct publication *p = NULL;

    if (tag && !link->up)
        return -1;
    message.payload = (void *)(uintptr_t)data;
    message.payloadlen = (int)len;
    message.qos = QOS;
    if (tag) {
        p = xcalloc(1, sizeof *p);
        p->link = link->number;
        p->tag = tag;
        options.context = p;
        options.onSuccess = on_published;
        options.onFailure = on_not_published;
    }
    nudge_soon();
    if (MQTTAsync_sendMessage(link->client, topic, &message, &options) == MQTTASYNC_SUCCESS)
        return 0;
    free(p);
    return -1;
}

bool line_idle(struct line *link)
{
    MQTTAsync_token *tokens = NULL;
    bool idle;

    if (!link->up)
        return true;
    idle = MQTTAsync_getPendingTokens(link->client, &tokens) != MQTTASYNC_SUCCESS || !tokens || tokens[0] == -1;
    if (tokens)
        MQTTAsync_free(tokens);
    return idle;
}

void line_stop(void)
{
    while (links)
        line_close(links);
    MQTTAsync_destroy(&nudge.client);
    loop_timer_free(nudge.timer);
    on_wake(NULL); /* frees what was told meanwhile */
    loop_timer_free(holder);
    loop_wake_free(wake);
}
