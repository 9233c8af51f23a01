/* From an event on the bus to the request to egress.*, against the contract's golden files. The bus is made of strings. */
#include "active.h"
#include "deliver.h"
#include "events.h"
#include "fixture.h"
#include "lanes.h"
#include "loop.h"
#include "pending.h"

#include "cse.h"

#define SENT_MAX 16

static struct sent {
    char *role, *head, *body;
    bus_reply_fn *on_reply;
    void *context;
} sent[SENT_MAX];
static int sent_count, done_count, rejected_count;

int bus_send(const char *role, const struct str *head, const char *body, size_t body_len, int64_t deadline,
             bus_reply_fn *on_reply, void *context)
{
    (void)deadline;
    ck_assert_int_lt(sent_count, SENT_MAX);
    sent[sent_count++] =
        (struct sent){xstrdup(role), xasprintf("{%s}", head->data + 1), xstrndup(body, body_len), on_reply, context};
    return 0;
}

void bus_keep_begin(const char *role)
{
    (void)role;
}

void bus_keep_end(void)
{
}

const char *bus_instance(void)
{
    return "notification.1-test";
}

void bus_done(struct bus_delivery *delivery)
{
    (void)delivery;
    done_count++;
}

void bus_reject(struct bus_delivery *delivery)
{
    (void)delivery;
    rejected_count++;
}

void active_done(struct bus_delivery *delivery)
{
    bus_done(delivery);
}

void active_reject(struct bus_delivery *delivery)
{
    bus_reject(delivery);
}

static char *texts[SENT_MAX]; /* of what arrived */
static int text_count;

static void end(void)
{
    lanes_forget();
    for (int i = 0; i < text_count; i++)
        free(texts[i]);
    for (int i = 0; i < sent_count; i++) {
        free(sent[i].role);
        free(sent[i].head);
        free(sent[i].body);
    }
}

static void begin(void)
{
    static struct limits limits = {.memory = 100, .patience = 500, .batch = 60000, .retry = INT64_MAX / 2};
    static char program[] = "test";
    char *argv[] = {program, NULL};
    const struct config_row *const tables[] = {cse_config, NULL};

    config_load("test", tables, 1, argv);
    pending_init(1000);
    deliver_init(6000);
    lanes_init(&limits, 10000);
}

/* The event of a golden file, as if it had come. The text belongs to the test until its end. */
static void arrive(struct bus_delivery *delivery, const char *file)
{
    json_auto_t *json = fixture_contract(file);
    char *head = json_dumps(json_object_get(json, "head"), JSON_COMPACT);
    char *body = json_dumps(json_object_get(json, "body"), JSON_COMPACT);
    char *text = xasprintf("%s\n%s\n", head, body);

    texts[text_count++] = text;
    memset(delivery, 0, sizeof *delivery);
    delivery->id = "x";
    ck_assert(envelope_parse(&delivery->envelope, text, strlen(text)) > 0);
    events_handle(delivery);
    free(head);
    free(body);
}

static void reply(int index, const char *text)
{
    auto_free char *copy = fixture_quotes(text);
    struct envelope e;

    ck_assert(envelope_parse(&e, copy, strlen(copy)) > 0);
    sent[index].on_reply(sent[index].context, &e, BUS_OK);
}

static void check_json(const char *what, const char *is, const json_t *expected)
{
    json_auto_t *json = json_loads(is, 0, NULL);

    json_object_del(json, "deadline");
    ck_assert_msg(json_equal(json, expected), "%s: %s", what, is);
}

START_TEST(created)
{
    json_auto_t *golden = fixture_contract("notify.json");
    struct bus_delivery delivery;

    begin();
    arrive(&delivery, "event.create.json");
    ck_assert_int_eq(sent_count, 1);
    ck_assert_str_eq(sent[0].role, "egress.http");
    json_object_del(json_object_get(golden, "head"), "deadline");
    check_json("head", sent[0].head, json_object_get(golden, "head"));
    check_json("body", sent[0].body, json_object_get(golden, "body"));
    ck_assert_int_eq(done_count, 0);
    reply(0, "{'st':'ok','rsc':2000}\n\n");
    ck_assert_int_eq(done_count, 1);
    /* Delivered once more by the broker: known already. */
    delivery.again = true;
    events_handle(&delivery);
    ck_assert_int_eq(sent_count, 1);
    ck_assert_int_eq(done_count, 2);
    end();
}
END_TEST

/* An AE is looked up; its points of access follow each other. */
START_TEST(updated)
{
    static const char record[] = "{'st':'ok'}\n[{'ri':'Cae','ty':2,'a':{'poa':['ftp://no','http://one','http://two'],"
                                 "'csz':['application/cbor']}},null]\n";
    json_auto_t *expected = json_pack("{s{s{s{s{s[s]sn}}si}ss}}", "m2m:sgn", "nev", "rep", "m2m:cnt", "lbl", "room:1", "mbs",
                                      "net", 1, "sur", "/id-in/cse-in/ae/c/changes");
    struct bus_delivery delivery;

    begin();
    arrive(&delivery, "event.update.json");
    ck_assert_str_eq(sent[0].role, "storage");
    ck_assert_str_eq(sent[0].body, "[\"Cae\",\"pchCae\"]");
    reply(0, record);
    ck_assert_int_eq(sent_count, 2);
    ck_assert_str_eq(sent[1].role, "egress.http");
    ck_assert_ptr_nonnull(strstr(sent[1].head, "\"url\":\"http://one\""));
    ck_assert_ptr_nonnull(strstr(sent[1].head, "\"to\":\"Cae\""));
    ck_assert_ptr_nonnull(strstr(sent[1].head, "\"csz\":[\"application/cbor\"]"));
    check_json("body", sent[1].body, expected);
    reply(1, "{'st':'refused','rsc':4103}\n\n");
    ck_assert_int_eq(done_count, 1);
    end();
}
END_TEST

/* A polling channel goes before points of access; its owner's next poll is reason enough to try again. */
START_TEST(polled)
{
    static const char record[] = "{'st':'ok'}\n[{'ri':'Cae','ty':2,'a':{'poa':['http://one'],'rr':false}},"
                                 "{'ri':'pchCae','ty':15,'a':{}}]\n";
    char poll[] = "{\"event\":\"poll\",\"url\":\"poll:pchCae\"}\n\n", other[] = "{\"event\":\"poll\",\"url\":\"poll:pchCb\"}\n\n";
    struct bus_delivery delivery, announcement = {.id = "y"};

    begin();
    arrive(&delivery, "event.update.json");
    reply(0, record);
    ck_assert_int_eq(sent_count, 2);
    ck_assert_str_eq(sent[1].role, "egress.poll");
    ck_assert_ptr_nonnull(strstr(sent[1].head, "\"url\":\"poll:pchCae\""));
    reply(1, "{'st':'unreachable','rsc':5103}\n\n");
    ck_assert(envelope_parse(&announcement.envelope, other, strlen(other)) > 0);
    events_handle(&announcement);
    ck_assert_int_eq(sent_count, 2);
    ck_assert(envelope_parse(&announcement.envelope, poll, strlen(poll)) > 0);
    events_handle(&announcement);
    ck_assert_int_eq(done_count, 2); /* the announcements */
    ck_assert_int_eq(sent_count, 3);
    reply(2, record);
    ck_assert_str_eq(sent[3].role, "egress.poll");
    reply(3, "{'st':'ok','rsc':2000}\n\n");
    ck_assert_int_eq(done_count, 3);
    end();
}
END_TEST

/* The id of an AE that is addressed by its path comes with its record. */
START_TEST(polled_by_path)
{
    char event[] =
        "{\"event\":\"resource\",\"id\":\"e1\",\"op\":3,\"ty\":3,\"path\":\"cse-in/ae/c\",\"at\":1}\n"
        "{\"rep\":{\"m2m:cnt\":{}},\"mod\":[\"lbl\"],\"self\":{},\"subs\":[{\"ri\":\"sub1\",\"path\":\"cse-in/ae/c/s\","
        "\"side\":\"self\",\"a\":{\"nu\":[\"cse-in/ae\"]}}]}\n";
    struct bus_delivery delivery = {.id = "x"};

    begin();
    ck_assert(envelope_parse(&delivery.envelope, event, strlen(event)) > 0);
    events_handle(&delivery);
    ck_assert_str_eq(sent[0].body, "[\"cse-in/ae\"]");
    reply(0, "{'st':'ok'}\n[{'ri':'Cae','ty':2,'a':{}}]\n");
    ck_assert_str_eq(sent[1].body, "[\"pchCae\"]");
    reply(1, "{'st':'ok'}\n[{'ri':'pchCae','ty':15,'a':{}}]\n");
    ck_assert_str_eq(sent[2].role, "egress.poll");
    end();
}
END_TEST

START_TEST(nobody_there)
{
    struct bus_delivery delivery;

    begin();
    arrive(&delivery, "event.update.json");
    reply(0, "{'st':'ok'}\n[null]\n");
    ck_assert_int_eq(sent_count, 1);
    ck_assert_int_eq(done_count, 1);
    end();
}
END_TEST

START_TEST(deleted)
{
    json_auto_t *expected = json_pack("{s{sbss}}", "m2m:sgn", "sud", 1, "sur", "/id-in/cse-in/ae/c/sub");
    struct bus_delivery delivery;

    begin();
    arrive(&delivery, "event.delete.json");
    ck_assert_int_eq(sent_count, 1);
    ck_assert_ptr_nonnull(strstr(sent[0].head, "\"url\":\"http://127.0.0.1:9000/owner\""));
    check_json("body", sent[0].body, expected);
    reply(0, "{'st':'ok','rsc':2000}\n\n");
    ck_assert_int_eq(done_count, 1);
    end();
}
END_TEST

START_TEST(malformed)
{
    char text[] = "{\"event\":\"resource\",\"path\":\"p\"}\n{\"rep\":\n";
    struct bus_delivery delivery = {.id = "x"};

    begin();
    ck_assert(envelope_parse(&delivery.envelope, text, strlen(text)) > 0);
    events_handle(&delivery);
    ck_assert_int_eq(rejected_count, 1);
    ck_assert_int_eq(done_count, 0);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deliver");
    TCase *tcase = tcase_create("deliver");

    tcase_add_test(tcase, created);
    tcase_add_test(tcase, updated);
    tcase_add_test(tcase, polled);
    tcase_add_test(tcase, polled_by_path);
    tcase_add_test(tcase, nobody_there);
    tcase_add_test(tcase, deleted);
    tcase_add_test(tcase, malformed);
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
