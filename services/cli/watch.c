/*
 * `watch`: a temporary AE with a polling channel is told. All of it expires by itself soon, its life being prolonged as long as
 * this process is there, so that nothing stays when it is killed.
 */
#include "watch.h"

#include "client.h"
#include "clock.h"
#include "json.h"
#include "rsc.h"
#include "show.h"
#include "text.h"
#include "values.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum { LIFE_MS = 300000, PROLONG_MS = 60000, POLL_S = 20, FIRST_POLL_S = 5, PAUSE_S = 1, NAME_BYTES = 8 };
enum { BY_SIGNAL = 1, BY_THREAD }; /* client_interrupted */
enum { EVENT_DELETED = 2 };        /* the resource itself */
enum { TY_ACP = 1, TY_AE = 2, TY_PCH = 15, TY_SUB = 23 };

static int misused(const struct args *args, const char *why)
{
    fprintf(stderr, "tessera %s: %s\n", args->command->name, why);
    return EXIT_USAGE;
}

/* ---- subscribe ---- */

/* The attributes among the words, besides the events. The caller frees the list only. */
static char **attributes(const struct args *args)
{
    char **list = (char **)xcalloc((size_t)args->count + 1, sizeof(char *));
    int n = 0;

    for (int i = 1; i < args->count; i++)
        if (strchr(args->words[i], '='))
            list[n++] = args->words[i];
    return list;
}

int watch_subscribe(const struct args *args)
{
    auto_free char **given = attributes(args);
    char why[2048];
    json_auto_t *events = watch_events(args->words + 1, why, sizeof why);
    json_auto_t *pc = events ? values_representation(rtype_by_ty(TY_SUB), false, NULL, 0, given, why, sizeof why) : NULL;
    json_t *sub = json_object_get(pc, "m2m:sub");
    auto_str struct str body = STR_EMPTY;
    auto_free char *address = NULL;
    struct call call = {.method = "POST", .ty = TY_SUB};
    struct answer a = {.body = STR_EMPTY};
    struct client *client;
    int status;

    if (!pc)
        return misused(args, why);
    if (!(client = client_new(args)))
        return EXIT_USAGE;
    if (!json_object_get(json_object_get(sub, "enc"), "net"))
        json_object_update_missing_new(sub, json_pack("{s:{s:O}}", "enc", "net", events));
    if (args->option[OPTION_NU] || !json_object_get(sub, "nu"))
        json_object_set_new(sub, "nu",
                            json_pack("[s]", args->option[OPTION_NU] ? args->option[OPTION_NU] : client_originator(client)));
    json_write(&body, pc);
    call.body = str_text(&body);
    status = client_ask_word(client, &call, args->words[0], &address, &a);
    if (status == EXIT_OK && args->option[OPTION_JSON])
        show_print_json(str_text(&a.body), a.body.len);
    else if (status == EXIT_OK)
        printf("subscribed: %s/%s, which `tessera delete` ends\n", address, json_str(json_object_get(a.pc, "m2m:sub"), "rn"));
    answer_done(&a);
    client_free(client);
    return status;
}

/* ---- what is needed for watching ---- */

struct watch {
    const struct args *args;
    struct client *asking;  /* as who asks */
    struct client *polling; /* as the temporary AE */
    char name[2 * NAME_BYTES + 8];
    char *ae, *pcu, *sub; /* addresses; NULL: not there */
    char *body;           /* of the subscription */
    int subscribing;      /* its outcome, an exit status */
    bool subscribed;      /* the thread has ended */
    int64_t prolonged;    /* ms */
    int64_t count, limit;
    bool away;  /* the CSE, at the last try */
    bool ended; /* the subscription is gone */
    bool coloured;
};

static void on_signal(int number)
{
    (void)number;
    client_interrupted = BY_SIGNAL;
}

static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is noticed when something is written */
}

static void make_name(struct watch *w)
{
    unsigned char bytes[NAME_BYTES] = {0};
    FILE *f = fopen("/dev/urandom", "re");
    size_t n = 0;

    if (f) {
        n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
    }
    if (n < sizeof bytes)
        snprintf((char *)bytes, sizeof bytes, "%d", (int)getpid());
    snprintf(w->name, sizeof w->name, "watch-");
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(w->name + 6 + 2 * i, 3, "%02x", bytes[i]);
}

/* Creates it as the temporary AE. *made, if asked for, gets its attribute `attribute`. */
static int create(struct watch *w, const char *parent, int ty, json_t *pc, const char *attribute, char **made)
{
    json_auto_t *owned = pc;
    auto_str struct str body = STR_EMPTY;
    struct call call = {.method = "POST", .address = parent, .ty = ty};
    struct answer a = {.body = STR_EMPTY};
    int status;

    json_write(&body, owned);
    call.body = str_text(&body);
    status = client_ask(w->polling, &call, &a);
    if (status == EXIT_OK && made) {
        const char *value = json_str(json_object_iter_value(json_object_iter(a.pc)), attribute);

        *made = value ? xstrdup(value) : NULL;
    }
    answer_done(&a);
    return status;
}

static void expiry(char out[CLOCK_TEXT_SIZE])
{
    clock_format(clock_now_ms() + LIFE_MS, out);
}

/* A temporary AE that everybody may notify, and its polling channel. */
static int make_ae(struct watch *w)
{
    auto_free char *id = NULL, *acp = NULL, *wanted = xasprintf("C%s", w->name);
    char et[CLOCK_TEXT_SIZE];
    json_t *pc;
    int status;

    expiry(et);
    client_set_originator(w->polling, wanted);
    pc = json_pack("{s:{s:s,s:s,s:b,s:[s],s:s}}", "m2m:ae", "rn", w->name, "api", "N.tessera.watch", "rr", 0, "srv", "3", "et",
                   et);
    status = create(w, client_name(w->polling), TY_AE, pc, "aei", &id);
    if (status != EXIT_OK)
        return status;
    w->ae = xasprintf("%s/%s", client_name(w->polling), w->name);
    w->prolonged = clock_now_ms();
    if (id)
        client_set_originator(w->polling, id);
    id = id ? id : xstrdup(wanted);
    pc = json_pack("{s:{s:s,s:{s:[{s:[s],s:i},{s:[s],s:i}]},s:{s:[{s:[s],s:i}]}}}", "m2m:acp", "rn", "acp", "pv", "acr", "acor",
                   id, "acop", 63, "acor", "all", "acop", 16, "pvs", "acr", "acor", id, "acop", 63);
    status = create(w, w->ae, TY_ACP, pc, "ri", &acp);
    if (status == EXIT_OK && acp) {
        auto_free char *body = xasprintf("{\"m2m:ae\":{\"acpi\":[\"%s\"]}}", acp);
        struct call call = {.method = "PUT", .address = w->ae, .body = body};
        struct answer a = {.body = STR_EMPTY};

        status = client_ask(w->polling, &call, &a);
        answer_done(&a);
    }
    if (status == EXIT_OK)
        status = create(w, w->ae, TY_PCH, json_pack("{s:{s:s,s:b}}", "m2m:pch", "rn", "channel", "rqag", 1), NULL, NULL);
    if (status == EXIT_OK)
        w->pcu = xasprintf("%s/channel/pcu", w->ae);
    return status;
}

/* The subscription is made beside the polls: its creation may wait for the answer to a question that comes with them. */
static void *subscribe(void *context)
{
    struct watch *w = context;
    auto_free char *address = NULL;
    struct call call = {.method = "POST", .ty = TY_SUB, .body = w->body};
    struct answer a = {.body = STR_EMPTY};

    w->subscribing = client_ask_word(w->asking, &call, w->args->words[0], &address, &a);
    if (w->subscribing == EXIT_OK) {
        const char *ri = json_str(json_object_get(a.pc, "m2m:sub"), "ri");

        w->sub = ri ? xstrdup(ri) : xasprintf("%s/%s", address, w->name);
        fprintf(stderr, "watching %s; Ctrl-C ends\n", address);
    } else if (!client_interrupted) {
        client_interrupted = BY_THREAD;
    }
    answer_done(&a);
    __atomic_store_n(&w->subscribed, true, __ATOMIC_RELEASE);
    return NULL;
}

/* False: it is gone. */
static bool put_expiry(struct client *client, const char *address, const char *key)
{
    char et[CLOCK_TEXT_SIZE];
    auto_free char *body = NULL;
    struct call call = {.method = "PUT", .address = address};
    struct answer a;
    bool there;

    expiry(et);
    body = xasprintf("{\"%s\":{\"et\":\"%s\"}}", key, et);
    call.body = body;
    there = client_send(client, &call, &a) != EXIT_OK || a.rsc != RSC_NOT_FOUND;
    answer_done(&a);
    return there;
}

static void prolong(struct watch *w)
{
    auto_free char *channel = NULL, *acp = NULL;
    int64_t now = clock_now_ms();

    if (now - w->prolonged < PROLONG_MS)
        return;
    w->prolonged = now;
    channel = xasprintf("%s/channel", w->ae);
    acp = xasprintf("%s/acp", w->ae);
    put_expiry(w->polling, w->ae, "m2m:ae");
    put_expiry(w->polling, acp, "m2m:acp");
    put_expiry(w->polling, channel, "m2m:pch");
    w->ended = !put_expiry(w->asking, w->sub, "m2m:sub");
}

/* In any case, whatever was made; nobody hears of what is gone already. */
static void remove_all(struct watch *w)
{
    const struct {
        struct client *client;
        const char *address;
    } made[] = {
        {w->asking,  w->sub},
        {w->polling, w->ae }
    };

    client_interrupted = 0;
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        struct call call = {.method = "DELETE", .address = made[i].address, .seconds = PAUSE_S + POLL_S};
        struct answer a;

        if (!made[i].address)
            continue;
        client_send(made[i].client, &call, &a);
        answer_done(&a);
    }
}

/* ---- notifications ---- */

static void print_one(struct watch *w, const json_t *sgn)
{
    auto_str struct str out = STR_EMPTY;
    char now[16];
    time_t seconds = time(NULL);
    struct tm tm;

    if (json_is_true(json_object_get(sgn, "vrq")) || client_interrupted || w->count >= w->limit)
        return;
    w->ended = json_is_true(json_object_get(sgn, "sud")) || json_int(json_object_get(sgn, "nev"), "net", 0) == EVENT_DELETED;
    if (w->args->option[OPTION_JSON]) {
        json_write(&out, sgn);
    } else {
        strftime(now, sizeof now, "%H:%M:%S", localtime_r(&seconds, &tm));
        watch_line(&out, sgn, now, w->coloured);
    }
    w->count++;
    if (printf("%s\n", str_text(&out)) < 0 || fflush(stdout) != 0)
        client_interrupted = BY_SIGNAL;
}

/* Answers a request for the AE: notifications are printed, whatever else it is, is taken. */
static void serve(struct watch *w, const json_t *request)
{
    const json_t *pc = json_object_get(request, "pc");
    const json_t *many = json_object_get(json_object_get(pc, "m2m:agn"), "m2m:sgn"), *one;
    auto_str struct str body = STR_EMPTY;
    json_auto_t *answer =
        json_pack("{s:{s:i,s:O,s:s}}", "m2m:rsp", "rsc", RSC_OK, "rqi", json_object_get(request, "rqi"), "rvi", "3");
    struct call call = {.method = "POST", .address = w->pcu};
    struct answer a;
    size_t i;

    json_write(&body, answer);
    call.body = str_text(&body);
    client_send(w->polling, &call, &a);
    answer_done(&a);
    if (json_object_get(pc, "m2m:sgn"))
        print_one(w, json_object_get(pc, "m2m:sgn"));
    json_array_foreach(many, i, one)
    {
        print_one(w, one);
    }
}

/* One poll, and what it brings. EXIT_OK, or why watching ends. */
static int poll_once(struct watch *w, int seconds)
{
    struct call call = {.method = "GET", .address = w->pcu, .seconds = seconds, .quiet = w->away};
    struct answer a;
    int status = client_send(w->polling, &call, &a);
    const json_t *one;
    size_t i;

    if (status != EXIT_OK && !client_interrupted) {
        if (!w->away)
            fprintf(stderr, "trying again until it is there\n");
        w->away = true;
        sleep(PAUSE_S);
        answer_done(&a);
        return EXIT_OK;
    }
    if (status == EXIT_OK && w->away)
        fprintf(stderr, "it is there again\n");
    w->away = false;
    if (status == EXIT_OK && a.rsc == RSC_OK) {
        json_array_foreach(json_object_get(a.pc, "m2m:agrp"), i, one)
        {
            serve(w, json_object_get(one, "m2m:rqp") ? json_object_get(one, "m2m:rqp") : one);
        }
        if (json_object_get(a.pc, "m2m:rqp"))
            serve(w, json_object_get(a.pc, "m2m:rqp"));
    } else if (status == EXIT_OK && a.rsc == RSC_TARGET_NOT_REACHABLE) {
        sleep(PAUSE_S);
    } else if (status == EXIT_OK && a.rsc != RSC_REQUEST_TIMEOUT) {
        answer_refused(&a);
        answer_done(&a);
        return EXIT_REFUSED;
    }
    answer_done(&a);
    return EXIT_OK;
}

static int follow(struct watch *w)
{
    pthread_t thread;
    int status = EXIT_OK;

    if (pthread_create(&thread, NULL, subscribe, w) != 0)
        return EXIT_REFUSED;
    while (status == EXIT_OK && !client_interrupted && !w->ended && w->count < w->limit) {
        bool ready = __atomic_load_n(&w->subscribed, __ATOMIC_ACQUIRE);

        if (ready)
            prolong(w);
        status = poll_once(w, ready ? POLL_S : FIRST_POLL_S);
    }
    pthread_join(thread, NULL);
    if (w->subscribing != EXIT_OK && client_interrupted != BY_SIGNAL)
        return w->subscribing;
    if (w->ended)
        fprintf(stderr, "gone: the resource, or the subscription that was made to it\n");
    return w->ended ? EXIT_REFUSED : status;
}

static int watch(struct watch *w, json_t *events)
{
    json_auto_t *sub = NULL;
    auto_str struct str body = STR_EMPTY;
    char et[CLOCK_TEXT_SIZE];
    int status;

    make_name(w);
    catch_signals();
    status = make_ae(w);
    if (status == EXIT_OK) {
        expiry(et);
        sub = json_pack("{s:{s:s,s:[s],s:{s:O},s:i,s:s}}", "m2m:sub", "rn", w->name, "nu", client_originator(w->polling), "enc",
                        "net", events, "nct", 1, "et", et);
        json_write(&body, sub);
        w->body = body.data;
        status = follow(w);
    }
    remove_all(w);
    return status;
}

int watch_run(const struct args *args)
{
    char why[512];
    json_auto_t *events = watch_events(args->words + 1, why, sizeof why);
    struct watch w = {.args = args, .limit = INT64_MAX, .coloured = show_colours()};
    int status = EXIT_USAGE;

    if (!events)
        return misused(args, why);
    if (args->option[OPTION_LIMIT] && !text_number(args->option[OPTION_LIMIT], strlen(args->option[OPTION_LIMIT]), &w.limit))
        return misused(args, "--limit: a number");
    w.asking = client_new(args);
    w.polling = client_new(args);
    if (w.asking && w.polling)
        status = watch(&w, events);
    client_free(w.asking);
    client_free(w.polling);
    free(w.ae);
    free(w.pcu);
    free(w.sub);
    return status;
}
