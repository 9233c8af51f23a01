/* Requests out, with a bus and a binding made of functions: order, bounds, time, and which answer is whose. */
#include "outbound.h"

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "mem.h"

#include <check.h>

/* What happened, in one word each: "+7" sent, "-7 ok" replied. */
static struct str notes;
static int released;

struct out {
    struct outbound o;
    char *own;
};

static struct out *last;
static const char *unsendable; /* rqi */
static int64_t time_given;

void bus_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len)
{
    auto_str struct str text = STR_EMPTY;
    struct envelope e;

    (void)body, (void)body_len;
    str_addf(&text, "{%s}\n\n", str_text(head) + 1);
    ck_assert(envelope_parse(&e, text.data, text.len) > 0);
    str_addf(&notes, " -%s %s", envelope_str(&delivery->envelope, "rqi"), envelope_str(&e, "st"));
    if (envelope_int(&e, "rsc", 0))
        str_addf(&notes, "/%d", (int)envelope_int(&e, "rsc", 0));
    if (envelope_bool(&e, "sent", false))
        str_puts(&notes, "/sent");
}

static int prepare(struct outbound *o, char *why, size_t why_size)
{
    ((struct out *)o)->own = xstrdup("own");
    if (o->req.ec != 77)
        return 0;
    snprintf(why, why_size, "cannot be said");
    return -1;
}

static int send_it(struct outbound *o, int64_t left)
{
    if (unsendable && strcmp(o->req.rqi, unsendable) == 0)
        return -1;
    str_addf(&notes, " +%s", o->req.rqi);
    o->sent = true;
    last = (struct out *)o;
    time_given = left;
    return 0;
}

static void expire(struct outbound *o)
{
    outbound_failed(o, "time");
}

static void release(struct outbound *o)
{
    released++;
    free(((struct out *)o)->own);
}

static const char *const schemes[] = {"mqtt", "mqtts", NULL};
static struct outbound_metrics metrics = OUTBOUND_METRICS("test");
static struct bus_delivery deliveries[20];
static char *texts[20];
static int count;

static void begin(void)
{
    static const struct outbound_binding binding = {
        .size = sizeof(struct out),
        .schemes = schemes,
        .by_rqi = true,
        .metrics = &metrics,
        .prepare = prepare,
        .send = send_it,
        .expire = expire,
        .release = release,
    };

    log_open("outbound.test", LOG_ERROR);
    outbound_start(&binding, &(struct outbound_limits){.total = 3, .per_target = 2, .per_cse = 2, .timeout = 40});
    unsendable = NULL;
}

static void ask(const char *head)
{
    struct bus_delivery *d = &deliveries[count];

    texts[count] = xasprintf("{%s}\n{\"m2m:sgn\":{}}\n", head);
    ck_assert(envelope_parse(&d->envelope, texts[count], strlen(texts[count])) > 0);
    d->id = texts[count++]; /* anything unique */
    outbound_handle(d);
}

static void end(const char *expected)
{
    ck_assert_str_eq(str_text(&notes), expected);
    ck_assert(outbound_idle());
    ck_assert_int_eq(released, count);
    outbound_stop();
    while (count > 0)
        free(texts[--count]);
    str_done(&notes);
}

static struct outbound *find(const char *rqi)
{
    return outbound_find("mqtt://h", 8, rqi);
}

static void answer(const char *rqi, int rsc)
{
    struct outbound *o = find(rqi);
    struct response rsp;

    response_init(&rsp);
    rsp.rsc = rsc;
    ck_assert_ptr_nonnull(o);
    outbound_answered(o, &rsp, NULL, NULL);
}

#define TO "\"op\":5,\"to\":\"Cae\",\"url\":\"mqtt://h/x\","

START_TEST(in_order)
{
    begin();
    ask(TO "\"rqi\":\"1\",\"lane\":\"a\"");
    ask(TO "\"rqi\":\"2\",\"lane\":\"a\"");
    ask(TO "\"rqi\":\"3\",\"lane\":\"b\"");
    ask(TO "\"rqi\":\"4\"");
    ck_assert_ptr_null(find("2"));
    ck_assert_ptr_null(outbound_find("mqtt://g", 8, "1"));
    answer("3", 2000);
    answer("1", 4103); /* ends its lane */
    answer("4", 5103);
    end(" +1 +3 -3 ok/2000/sent +4 -1 refused/4103/sent -2 unreachable -4 unreachable/5103/sent");
}
END_TEST

/* Of those with one rqi only one is out: its answer is its own. A failure of one says nothing about the next. */
START_TEST(same_rqi)
{
    begin();
    ask("\"op\":2,\"to\":\"/cse/a\",\"url\":\"mqtt://h\",\"rqi\":\"1\",\"deadline\":99999999999999");
    ask("\"op\":2,\"to\":\"/cse/b\",\"url\":\"mqtt://h\",\"rqi\":\"1\",\"deadline\":99999999999999");
    answer("1", 4004);
    ck_assert_str_eq(find("1")->req.to, "/cse/b");
    ck_assert_int_gt(time_given, 1000000);
    answer("1", 2000);
    end(" +1 -1 refused/4004/sent +1 -1 ok/2000/sent");
}
END_TEST

START_TEST(cannot_be_sent)
{
    begin();
    unsendable = "3";
    ask(TO "\"rqi\":\"1\",\"ec\":77");
    ask("\"op\":5,\"url\":\"http://h/x\",\"rqi\":\"2\"");
    ask("\"op\":5,\"rqi\":\"4\"");
    ask("\"op\":\"5\",\"rqi\":\"5\"");
    ask(TO "\"rqi\":\"3\",\"lane\":\"a\"");
    ask(TO "\"rqi\":\"6\",\"deadline\":1");
    ask(TO "\"rqi\":\"7\"");
    outbound_refused(&last->o, 5001, "no");
    end(" -1 refused/4000 -2 refused/4000 -4 refused/4000 -5 refused/4000 -3 unreachable -6 unreachable +7 -7 refused/5001/sent");
}
END_TEST

START_TEST(target_lost)
{
    begin();
    ask(TO "\"rqi\":\"1\",\"lane\":\"a\"");
    ask(TO "\"rqi\":\"2\",\"lane\":\"a\"");
    ask(TO "\"rqi\":\"3\",\"lane\":\"b\"");
    ask("\"op\":5,\"url\":\"mqtt://g/x\",\"rqi\":\"4\"");
    outbound_lost("mqtt://h", 8, "gone");
    ck_assert_ptr_null(find("1"));
    outbound_lost("mqtt://g", 8, "gone");
    end(" +1 +3 +4 -3 unreachable/sent -1 unreachable/sent -2 unreachable -4 unreachable/sent");
}
END_TEST

static struct loop_timer *look;

static void on_look(void *context)
{
    (void)context;
    if (outbound_idle())
        loop_stop();
}

START_TEST(time_over)
{
    begin();
    ask(TO "\"rqi\":\"1\",\"lane\":\"a\",\"deadline\":99999999999999");
    ck_assert_int_eq(time_given, 40);
    ask("\"op\":5,\"url\":\"mqtt://g/x\",\"rqi\":\"4\"");
    look = loop_timer_new(on_look, NULL);
    loop_timer_start(look, 10, 10);
    loop_run();
    loop_timer_free(look);
    ck_assert_ptr_nonnull(strstr(str_text(&notes), "-1 unreachable/sent"));
    ck_assert_ptr_nonnull(strstr(str_text(&notes), "-4 unreachable/sent"));
    str_reset(&notes);
    end("");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outbound");
    TCase *tc = tcase_create("outbound");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, in_order);
    tcase_add_test(tc, same_rqi);
    tcase_add_test(tc, cannot_be_sent);
    tcase_add_test(tc, target_lost);
    tcase_add_test(tc, time_over);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
