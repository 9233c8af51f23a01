/* The whole service with a bus made of functions: from a request's text to its reply and its events; and the second instance. */
#include "cse.h"
#include "fixture.h"
#include "lock.h"
#include "log.h"
#include "loop.h"
#include "server.h"

static char *replies[64];
static int reply_count, expected;
static int event_count;
static char last_key[128];
static struct loop_timer *limit;
static bool timed_out;
static bool consuming = true;

void bus_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len)
{
    (void)delivery;
    replies[reply_count++] = xasprintf("%s\n%.*s", str_text(head), (int)body_len, body);
    if (reply_count == expected)
        loop_stop();
}

int bus_event(const char *key, const char *text, size_t len, bus_confirm_fn *on_confirm, void *context)
{
    ck_assert_int_eq(text[len - 1], '\n');
    snprintf(last_key, sizeof last_key, "%s", key);
    event_count++;
    on_confirm(context, false);
    return 0;
}

void bus_hold(void)
{
    consuming = false;
}

void bus_consume(void)
{
    consuming = true;
    loop_stop();
}

void bus_on_state(void (*fn)(bool up))
{
    (void)fn;
}

static void on_limit(void *context)
{
    (void)context;
    timed_out = true;
    loop_stop();
}

/* Runs the loop until all requests are answered. */
static void wait_for(int count)
{
    expected = count;
    loop_timer_start(limit, 5000, 0);
    if (reply_count < count)
        loop_run();
    ck_assert(!timed_out);
    ck_assert_int_eq(reply_count, count);
}

static struct bus_delivery deliveries[64];
static char *texts[64];
static int delivery_count;

static void ask(const char *head, const char *body)
{
    struct bus_delivery *d = &deliveries[delivery_count];
    char *text = texts[delivery_count++] = xasprintf("{%s}\n%s\n", head, body);

    ck_assert_int_gt(envelope_parse(&d->envelope, text, strlen(text)), 0);
    d->id = "";
    server_on_request(d);
}

static void start(void)
{
    const struct config_row *const tables[] = {cse_config, server_config, NULL};
    char program[] = "tessera-storage";
    char *argv[] = {program, NULL};

    fixture_close(); /* the server opens it itself */
    setenv("TESSERA_STORAGE_DIRECTORY", fixture_dir, 1);
    log_open("storage.test", LOG_ERROR);
    config_load("tessera-storage", tables, 1, argv);
    limit = loop_timer_new(on_limit, NULL);
    server_start();
}

static void stop(void)
{
    auto_free char *lock = xasprintf("%s/main.lock", fixture_dir);

    server_stop();
    loop_timer_free(limit);
    for (int i = 0; i < reply_count; i++)
        free(replies[i]);
    for (int i = 0; i < delivery_count; i++)
        free(texts[i]);
    unlink(lock);
    fixture_open();
}

struct exchange {
    const char *head, *body;
    const char *reply; /* part of it */
};

static const struct exchange exchanges[] = {
    {"\"do\":\"ping\"",                                                           "",                                      "\"st\":\"ok\""     },
    {"\"do\":\"records\"",                                                        "[\"cse-in\"]",                          "[null]"            },
    {"\"do\":\"commit\",\"at\":5,\"key\":\"a\"",
     "{\"ops\":[{\"op\":\"create\",\"r\":{\"ri\":\"id-in\",\"pi\":\"\",\"ty\":5,\"path\":\"cse-in\",\"a\":{\"rn\":\"cse-in\"}}},"
     "{\"op\":\"create\",\"r\":{\"ri\":\"cnt1\",\"pi\":\"id-in\",\"ty\":3,\"path\":\"cse-in/c\",\"a\":{\"rn\":\"c\"}}}]}", "\"st\":\"ok\""     },
    {"\"do\":\"append\",\"pi\":\"cnt1\",\"ty\":4,\"cs\":1",                       "{\"con\":1}",                           "\"seq\":1"         },
    {"\"do\":\"get\",\"to\":\"cse-in/c\",\"virt\":\"la\"",                        "",                                      "\"con\":1"         },
    {"\"do\":\"get\",\"to\":\"cse-in/c\",\"virt\":\"la\",\"need\":{\"cnt1\":77}", "",                                      "\"st\":\"stale\""  },
    {"\"do\":\"get\",\"to\":\"cse-in/c\",\"virt\":\"xx\"",                        "",                                      "\"st\":\"refused\""},
    {"\"do\":\"get\",\"to\":\"cse-in/none\"",                                     "",                                      "\"st\":\"none\""   },
    {"\"do\":\"get\"",                                                            "",                                      "\"st\":\"refused\""},
    {"\"do\":\"query\",\"root\":\"id-in\",\"fc\":{\"ty\":[3]},\"max\":5",         "",                                      "[[\"cse-in/c\""    },
    {"\"do\":\"query\",\"fc\":{\"ty\":[3]}",                                      "",                                      "\"st\":\"refused\""},
    {"\"do\":\"query\",\"root\":\"id-in\",\"need\":{\"none\":1}",                 "",                                      "\"st\":\"stale\""  },
    {"\"do\":\"pending\"",                                                        "",                                      "[]"                },
    {"\"do\":\"kept\",\"name\":\"me\"",                                           "",                                      "[]"                },
    {"\"do\":\"kept\"",                                                           "",                                      "\"st\":\"refused\""},
    {"\"do\":\"records\"",                                                        "nonsense",                              "\"st\":\"refused\""},
    {"\"do\":\"commit\"",                                                         "nonsense",                              "\"st\":\"refused\""},
    {"\"do\":\"explode\"",                                                        "",                                      "\"st\":\"refused\""},
    {"\"tenant\":\"other\",\"do\":\"ping\"",                                      "",                                      "\"st\":\"refused\""},
    {"\"x\":1",                                                                   "",                                      "\"st\":\"refused\""},
};

START_TEST(requests)
{
    auto_str struct str why = STR_EMPTY;

    start();
    for (size_t i = 0; i < ARRAY_LEN(exchanges); i++) {
        ask(exchanges[i].head, exchanges[i].body);
        wait_for((int)i + 1);
        ck_assert_msg(strstr(replies[i], exchanges[i].reply) != NULL, "%s: %s", exchanges[i].head, replies[i]);
    }
    ck_assert(server_ready(&why));
    ck_assert(server_idle());
    ck_assert_int_eq(event_count, 3);
    ck_assert_str_eq(last_key, "main.cin.create.quiet");
    stop();
}
END_TEST

START_TEST(standby_takes_over)
{
    auto_free char *path = xasprintf("%s/main.lock", fixture_dir);
    auto_str struct str why = STR_EMPTY;
    int owner = lock_open(path);

    ck_assert(lock_try(owner));
    start();
    ck_assert(server_ready(&why));
    ck_assert_str_eq(why.data, "standby");
    loop_timer_start(limit, 200, 0);
    loop_run();
    ck_assert(!consuming); /* it waits while the owner lives */
    timed_out = false;
    lock_close(owner);
    loop_timer_start(limit, 5000, 0);
    loop_run();
    ck_assert(consuming && !timed_out);
    ask("\"do\":\"ping\"", "");
    ask("\"do\":\"records\"", "[\"cse-in\"]");
    wait_for(2);
    stop();
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("server");

    tcase_add_test(tcase, requests);
    tcase_add_test(tcase, standby_takes_over);
    return suite_run(tcase);
}
