/*
 * A CoAP message: its code, options as (number, length, value), a payload. What is accepted makes a primitive that can be read
 * back; what is refused gets an answer. The same bytes as what comes back from a target, and as a block of a content.
 */
#include "block.h"
#include "compose.h"
#include "config.h"
#include "cse.h"
#include "map.h"
#include "respond.h"

#include "mem.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const struct config_row *const tables[] = {cse_config, NULL};
    char *arguments[] = {(char[]){"fuzz"}, NULL};

    (void)argc, (void)argv;
    config_load("fuzz", tables, 1, arguments);
    return 0;
}

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void read_message(struct message *m, const uint8_t *p, size_t left)
{
    message_init(m, p[0]);
    p++, left--;
    while (left >= 4 && p[0] != 0xff) {
        unsigned number = (unsigned)p[0] << 8 | p[1];
        size_t n = (size_t)p[2] << 8 | p[3];

        p += 4, left -= 4;
        n = n < left ? n : left;
        if (number == 0 || !message_add(m, number, p, n)) /* no option has the number 0: packed messages use it */
            break;
        p += n, left -= n;
    }
    if (left > 1)
        m->payload = (struct slice){(const char *)p + 1, left - 1};
}

static void check_primitive(const struct mapping *m)
{
    static struct envelope e;
    auto_str struct str head = STR_EMPTY;
    struct request again;
    char why[200];

    expect(!m->req.pc.p || !memchr(m->req.pc.p, '\n', m->req.pc.n));
    request_encode(&head, &m->req);
    head.data[0] = '{';
    str_puts(&head, "}\n\n");
    expect(envelope_parse(&e, head.data, head.len) > 0);
    expect(request_decode(&again, &e, why, sizeof why) == 0);
    expect(strcmp(again.to, m->req.to) == 0 && again.op == m->req.op && again.ty == m->req.ty);
}

static void as_request(const struct message *m)
{
    static struct mapping map;
    auto_str struct str body = STR_EMPTY;
    struct coap_in in = {
        m, &body, {"{}", 2},
          1795226400000, "3"
    };
    struct message out;
    struct respond r;
    enum rsc rsc;

    str_add(&body, m->payload.p, m->payload.n);
    mapping_init(&map);
    rsc = map_request(&in, &map);
    if (rsc == RSC_OK)
        check_primitive(&map);
    respond_refuse(&r, &map.req, (int)rsc, map.why, ABSENT);
    map_response(&out, &in, &map, &r.rsp);
    expect(MESSAGE_CLASS(out.code) >= 2 && out.count > 0);
    respond_done(&r);
    mapping_done(&map);
}

static void as_response(const struct message *m)
{
    auto_str struct str body = STR_EMPTY;
    struct arena arena;
    struct response rsp;

    arena_init(&arena);
    str_add(&body, m->payload.p, m->payload.n);
    compose_response(&rsp, m, &body, &arena);
    expect(rsp.rsc > 0 && compose_outcome(OP_CREATE, m, &rsp));
    arena_done(&arena);
}

static void as_blocks(const struct message *m)
{
    auto_str struct str whole = STR_EMPTY, packed = STR_EMPTY;
    struct message again;
    struct arena arena;
    struct block block;

    block_setup(&(struct block_limits){65536, 1048576, 1000});
    arena_init(&arena);
    if (block_read(m, OPTION_BLOCK1, &block) == 1)
        block_receive((struct slice){"k", 1}, &block, m->payload, 0, &whole);
    message_pack(&packed, m);
    message_unpack(&again, &packed);
    expect(again.count == m->count && again.payload.n == m->payload.n);
    block_keep((struct slice){"k", 1}, &again, &arena, 0);
    if (block_read(m, OPTION_BLOCK2, &block) == 1 && block_kept((struct slice){"k", 1}, &again, 0)) {
        expect(again.payload.n == m->payload.n && again.code == m->code);
        if (block_cut(&again, &arena, &block))
            expect(again.payload.n <= block_size(block.szx));
    }
    arena_done(&arena);
    block_forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct message m;

    if (size == 0 || size > 65536)
        return 0;
    read_message(&m, data, size);
    as_request(&m);
    as_response(&m);
    as_blocks(&m);
    return 0;
}
