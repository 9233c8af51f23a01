/* CoAP messages to primitives and back: the mapping, the block-wise transfers, what came before. */
#include "block.h"
#include "compose.h"
#include "map.h"
#include "options.h"
#include "recent.h"

#include <check.h>

#include "mem.h"

#define NOW 1795226400000

/* A message as text: "POST 11=cse-in 283=r1 267=#4 15=rt=1 | {...}"; "#" begins a number. */
static void read_text(struct message *m, struct arena *arena, const char *text)
{
    static const char *const methods[] = {"", "GET ", "POST ", "PUT ", "DELETE ", "FETCH "};
    const char *payload = strstr(text, " | ");
    char *line = arena_dup(arena, text, payload ? (size_t)(payload - text) : strlen(text)), *save = NULL, *part;

    message_init(m, 0);
    for (size_t i = 1; i < ARRAY_LEN(methods); i++)
        if (strncmp(line, methods[i], strlen(methods[i])) == 0)
            m->code = (unsigned char)i;
    strtok_r(line, " ", &save);
    while ((part = strtok_r(NULL, " ", &save))) {
        char *value;
        unsigned number = (unsigned)strtoul(part, &value, 10);

        if (value[1] == '#')
            message_add_uint(m, arena, number, (uint32_t)strtoul(value + 2, NULL, 10));
        else
            message_add_text(m, number, value + 1);
    }
    if (payload)
        m->payload = (struct slice){payload + 3, strlen(payload + 3)};
}

static const struct {
    const char *name, *message, *to;
    int rsc, op, ty;
    bool early;
} requests[] = {
    {"retrieve",        "GET 11=cse-in 11=a 283=1",           "cse-in/a",     2000, 2, -1, false},
    {"create",          "POST 11=cse-in 267=#4 283=1 | {}",   "cse-in",       2000, 1, 4,  false},
    {"notify",          "POST 11=cse-in 283=1 | {}",          "cse-in",       2000, 5, -1, false},
    {"update",          "PUT 11=cse-in 283=1 | {}",           "cse-in",       2000, 3, -1, false},
    {"delete",          "DELETE 11=cse-in 283=1",             "cse-in",       2000, 4, -1, false},
    {"fetch",           "FETCH 11=cse-in 283=1 | {}",         "cse-in",       2000, 2, -1, false},
    {"sp-relative",     "GET 11=~ 11=id-in 11=a 283=1",       "/id-in/a",     2000, 2, -1, false},
    {"absolute",        "GET 11=_ 11=sp 11=id-in 11=a 283=1", "//sp/id-in/a", 2000, 2, -1, false},
    {"early numbers",   "POST 11=a 256=C 257=1 267=#3 | {}",  "a",            2000, 1, 3,  true },
    {"mixed numbers",   "GET 11=a 256=C 283=1",               "a",            2000, 2, -1, false},
    {"op",              "POST 11=a 15=op=2 283=1",            "a",            2000, 2, -1, false},
    {"op out of range", "POST 11=a 15=op=6 283=1",            "a",            4000, 0, -1, false},
    {"op with GET",     "GET 11=a 15=op=4 283=1",             "a",            4000, 2, -1, false},
    {"no identifier",   "GET 11=a",                           NULL,           4000, 0, -1, false},
    {"no path",         "GET 283=1",                          NULL,           4000, 0, -1, false},
    {"slash in a path", "GET 11=a/b 283=1",                   NULL,           4000, 0, -1, false},
    {"bad json",        "PUT 11=a 283=1 12=#50 | {",          "a",            4000, 3, -1, false},
    {"xml",             "PUT 11=a 283=1 12=#41 | <a/>",       "a",            4015, 3, -1, false},
    {"accept xml",      "GET 11=a 283=1 17=#41",              "a",            5207, 2, -1, false},
    {"bad time",        "GET 11=a 283=1 291=soon",            NULL,           4000, 0, -1, false},
    {"unknown method",  "IPATCH 11=a 283=1",                  "a",            4005, 0, -1, false},
};

START_TEST(test_request)
{
    struct arena arena;
    struct message m;
    struct mapping map;
    struct str body = STR_EMPTY;
    struct coap_in in = {
        &m, &body, {"{}", 2},
          NOW, NULL
    };
    enum rsc rsc;

    arena_init(&arena);
    mapping_init(&map);
    read_text(&m, &arena, requests[_i].message);
    str_add(&body, m.payload.p, m.payload.n);
    rsc = map_request(&in, &map);
    ck_assert_msg((int)rsc == requests[_i].rsc, "%s: %d %s", requests[_i].name, (int)rsc, map.why);
    if (requests[_i].to)
        ck_assert_msg(map.req.to && strcmp(map.req.to, requests[_i].to) == 0, "%s: to %s", requests[_i].name, map.req.to);
    if (rsc == RSC_OK) {
        ck_assert_msg(map.req.op == requests[_i].op && map.req.ty == requests[_i].ty, "%s: op %d ty %d", requests[_i].name,
                      map.req.op, map.req.ty);
        ck_assert_msg(map.early == requests[_i].early, "%s: generation", requests[_i].name);
    }
    mapping_done(&map);
    str_done(&body);
    arena_done(&arena);
}
END_TEST

static const struct {
    int rsc, op, retry, code;
} codes[] = {
    {2000, 2, -1, 205},
    {2000, 5, -1, 204},
    {2001, 1, -1, 201},
    {2002, 4, -1, 202},
    {2004, 3, -1, 204},
    {4004, 2, -1, 404},
    {4103, 2, -1, 403},
    {5103, 2, -1, 404},
    {5103, 2, 1,  503},
};

START_TEST(test_response)
{
    struct message out;
    struct mapping map;
    struct response rsp;
    struct coap_in in = {.now = NOW};
    uint32_t rsc;

    for (int early = 0; early < 2; early++) {
        mapping_init(&map);
        map.early = early;
        map.req.op = codes[_i].op;
        map.req.rqi = "r1";
        response_init(&rsp);
        rsp.rsc = codes[_i].rsc;
        rsp.retry = codes[_i].retry;
        map_response(&out, &in, &map, &rsp);
        ck_assert_int_eq(out.code, MESSAGE_CODE(codes[_i].code));
        ck_assert(message_uint(&out, early ? 265 : 307, &rsc) && (int)rsc == codes[_i].rsc);
        ck_assert(message_find(&out, early ? 257 : 283) && !message_find(&out, early ? 283 : 257));
        mapping_done(&map);
    }
}
END_TEST

/* What is composed is understood as what it was. */
START_TEST(test_there_and_back)
{
    static const char *const schemes[] = {"coap", NULL};
    struct composed c;
    struct mapping map;
    struct target_url base;
    struct request req;
    struct str body = STR_EMPTY;
    char why[160];
    struct coap_in in = {
        &c.message, &body, {"{}", 2},
          NOW, NULL
    };

    ck_assert_int_eq(target_parse(&base, "coap://host:1/x%20y", schemes, why, sizeof why), 0);
    request_init(&req);
    req.op = OP_CREATE;
    req.to = "/id-in/cse in/a";
    req.fr = "Cae";
    req.rqi = "r1";
    req.ty = 4;
    req.rcn = 3;
    req.rt = (struct slice){"{\"rtv\":2,\"nu\":[\"http://a\"]}", 27};
    req.fc = (struct slice){"{\"lbl\":[\"a b\",\"c+d\"]}", 21};
    req.pc = (struct slice){"{\"m2m:cin\":{}}", 14};
    composed_init(&c);
    mapping_init(&map);
    ck_assert_msg(compose_request(&c, &req, &base, SERIALIZATION_CBOR, why, sizeof why) == 0, "%s", why);
    str_add(&body, c.message.payload.p, c.message.payload.n);
    ck_assert_msg(map_request(&in, &map) == RSC_OK, "%s", map.why);
    ck_assert_str_eq(map.req.to, "x y/~/id-in/cse in/a");
    ck_assert(map.req.op == OP_CREATE && map.req.ty == 4 && map.req.rcn == 3);
    ck_assert(slice_is(map.req.pc, "{\"m2m:cin\":{}}") && slice_is(map.req.rt, "{\"rtv\":2,\"nu\":[\"http://a\"]}"));
    mapping_done(&map);
    composed_done(&c);
    target_done(&base);
    str_done(&body);
}
END_TEST

static int receive(uint32_t num, bool more, unsigned szx, size_t n, int64_t now, struct str *whole)
{
    static const char bytes[1024] = "0123456789abcdef";
    struct block block = {num, more, szx};

    return block_receive((struct slice){"key", 3}, &block, (struct slice){bytes, n}, now, whole);
}

START_TEST(test_blocks_in)
{
    struct str whole = STR_EMPTY;

    block_setup(&(struct block_limits){100, 4096, 1000});
    ck_assert_int_eq(receive(0, true, 0, 16, 0, &whole), 231);
    ck_assert_int_eq(receive(1, true, 0, 16, 1, &whole), 231);
    ck_assert_int_eq(receive(2, false, 0, 5, 2, &whole), 0);
    ck_assert_uint_eq(whole.len, 37);
    str_done(&whole);
    ck_assert_int_eq(receive(1, true, 0, 16, 3, &whole), 408); /* of nothing */
    ck_assert_int_eq(receive(0, true, 0, 15, 3, &whole), 408); /* not a whole block, and more to come */
    ck_assert_int_eq(receive(0, true, 0, 16, 4, &whole), 231);
    ck_assert_int_eq(receive(2, true, 0, 16, 5, &whole), 408); /* one left out */
    ck_assert_int_eq(receive(0, true, 2, 64, 6, &whole), 231);
    ck_assert_int_eq(receive(1, true, 2, 64, 7, &whole), 413); /* too large */
    ck_assert_int_eq(receive(0, true, 0, 16, 8, &whole), 231);
    ck_assert_int_eq(receive(1, false, 0, 1, 2000, &whole), 408); /* too late */
    ck_assert_int_eq(receive(0xfffff, true, 6, 1024, 9, &whole), 413);
    ck_assert_uint_eq(block_bytes(), 0);
    block_forget();
}
END_TEST

START_TEST(test_blocks_out)
{
    struct arena arena;
    struct message m, kept;
    struct block block = {2, false, 0};

    block_setup(&(struct block_limits){100, 4096, 1000});
    arena_init(&arena);
    message_init(&m, MESSAGE_CODE(205));
    m.payload = (struct slice){"0123456789abcdef0123456789abcdefxyz", 35};
    block_keep((struct slice){"k", 1}, &m, &arena, 0);
    ck_assert(!block_kept((struct slice){"j", 1}, &kept, 1));
    ck_assert(block_kept((struct slice){"k", 1}, &kept, 1));
    ck_assert(block_cut(&kept, &arena, &block));
    ck_assert(slice_is(kept.payload, "xyz") && kept.code == m.code);
    ck_assert(block_read(&kept, OPTION_BLOCK2, &block) == 1 && block.num == 2 && !block.more);
    block.num = 3;
    ck_assert(block_kept((struct slice){"k", 1}, &kept, 1) && !block_cut(&kept, &arena, &block));
    ck_assert(!block_kept((struct slice){"k", 1}, &kept, 5000));
    arena_done(&arena);
    block_forget();
}
END_TEST

START_TEST(test_recent)
{
    struct message m, answer;
    struct recent *fresh = NULL;
    struct recent_key key, others;
    bool acknowledged;

    recent_setup(4, 1000);
    message_init(&m, CODE_POST);
    message_add_text(&m, OPTION_URI_PATH, "a");
    key = recent_key((struct slice){"peer", 4}, 7, (struct slice){"t", 1}, &m);
    ck_assert(!recent_find(key, 0, &fresh) && fresh);
    ck_assert(recent_find(key, 1, &fresh) && !recent_answered(fresh, &answer, &acknowledged));
    message_init(&answer, MESSAGE_CODE(201));
    recent_answer(fresh, &answer, false);
    ck_assert(recent_answered(recent_find(key, 2, &fresh), &answer, &acknowledged) && answer.code == MESSAGE_CODE(201));
    m.payload = (struct slice){"x", 1};
    others = recent_key((struct slice){"peer", 4}, 7, (struct slice){"t", 1}, &m);
    ck_assert(!recent_find(others, 2, &fresh)); /* says something else */
    ck_assert(!recent_find(key, 1000, &fresh)); /* long ago */
    for (uint16_t mid = 100; mid < 104; mid++)
        recent_find(recent_key((struct slice){"peer", 4}, mid, (struct slice){"t", 1}, &m), 1000, &fresh);
    ck_assert(!recent_find(key, 1001, &fresh)); /* pushed out */
    recent_forget();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map");
    TCase *tcase = tcase_create("map");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_request, 0, ARRAY_LEN(requests));
    tcase_add_loop_test(tcase, test_response, 0, ARRAY_LEN(codes));
    tcase_add_test(tcase, test_there_and_back);
    tcase_add_test(tcase, test_blocks_in);
    tcase_add_test(tcase, test_blocks_out);
    tcase_add_test(tcase, test_recent);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
