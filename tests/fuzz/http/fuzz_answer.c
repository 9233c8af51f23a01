/* An HTTP answer as plain text: the status, header lines, an empty line, the body. It becomes a response that can travel. */
#include "compose.h"
#include "envelope.h"

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void check_response(const struct response *rsp)
{
    static struct envelope e;
    auto_str struct str text = STR_EMPTY;
    struct response again;
    char why[200];

    expect(rsp->rsc > 0);
    expect(rsp->pc.n == 0 || (!memchr(rsp->pc.p, '\n', rsp->pc.n) && !memchr(rsp->pc.p, '\r', rsp->pc.n)));
    response_encode(&text, rsp);
    text.data[0] = '{';
    str_puts(&text, "}\n\n");
    expect(envelope_parse(&e, text.data, text.len) > 0);
    expect(response_decode(&again, &e, why, sizeof why) == 0);
    expect(again.rsc == rsp->rsc && again.cnot == rsp->cnot && !again.loc == !rsp->loc && again.ati.n == rsp->ati.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_str struct str text = STR_EMPTY;
    struct http_answer answer = {0};
    static struct arena arena;
    struct response rsp;
    const uint8_t *end = memmem(data, size, "\n\n", 2);
    char *rest, *line;

    str_add(&text, data, end ? (size_t)(end - data) : size);
    if (end && (size_t)(end - data) + 2 < size)
        str_add(&answer.body, end + 2, size - (size_t)(end - data) - 2);
    rest = text.data;
    if (rest)
        answer.status = strtol(strsep(&rest, "\n"), NULL, 10);
    while ((line = strsep(&rest, "\n"))) {
        char *colon = strchr(line, ':');
        int id = colon ? header_find(line, (size_t)(colon - line)) : -1;

        if (id >= 0)
            answer.header[id] = colon + 1 + strspn(colon + 1, " \t");
    }
    arena_init(&arena);
    compose_response(&rsp, &answer, &arena);
    check_response(&rsp);
    for (int op = OP_CREATE; op <= OP_NOTIFY; op++) {
        const char *st = compose_outcome(op, &answer, &rsp);

        expect((strcmp(st, "ok") == 0) == rsc_is_success(rsp.rsc));
    }
    arena_done(&arena);
    str_done(&answer.body);
    return 0;
}
