/*
 * A whole HTTP request as plain text: "METHOD TARGET", header lines, an empty line, the body. What is accepted makes a
 * primitive that can be read back; what is refused gets an answer; both are rendered.
 */
#include "cors.h"
#include "envelope.h"
#include "render.h"
#include "submit.h"

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* Cuts the next line off; as libmicrohttpd does, nothing behind a zero byte is seen. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = line ? strchr(line, '\n') : NULL;

    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return line;
}

static void read_head(struct http_in *in, char *head)
{
    char *rest = head, *line = next_line(&rest), *blank = line ? strchr(line, ' ') : NULL;

    in->method = line ? line : "";
    in->target = "";
    if (blank) {
        *blank = '\0';
        in->target = blank + 1;
        in->target_len = strlen(blank + 1);
    }
    while ((line = next_line(&rest))) {
        char *colon = strchr(line, ':');
        int id = colon ? header_find(line, (size_t)(colon - line)) : -1;

        if (id >= 0)
            in->header[id] = colon + 1 + strspn(colon + 1, " \t");
    }
}

static void check_primitive(const struct mapping *m)
{
    static struct envelope e;
    auto_str struct str head = STR_EMPTY;
    struct request again;
    char why[200];

    expect(!m->req.pc.p || (memchr(m->req.pc.p, '\n', m->req.pc.n) == NULL && memchr(m->req.pc.p, '\r', m->req.pc.n) == NULL));
    request_encode(&head, &m->req);
    head.data[0] = '{';
    str_puts(&head, "}\n\n");
    expect(envelope_parse(&e, head.data, head.len) > 0);
    expect(request_decode(&again, &e, why, sizeof why) == 0);
    expect(strcmp(again.to, m->req.to) == 0 && again.op == m->req.op && again.ty == m->req.ty);
}

static void check_answers(struct http_in *in, struct mapping *m, enum rsc rsc)
{
    struct response rsp;
    struct http_out out;

    render_init(&out);
    if (rsc == RSC_OK) {
        response_init(&rsp);
        rsp.rsc = RSC_OK;
        rsp.pc = m->req.pc;
        render_response(&out, in, m, &rsp);
    } else {
        render_refusal(&out, in, m, rsc, m->why, ABSENT);
    }
    expect(out.status >= 200 && out.status < 600 && out.count > 0);
    render_done(&out);
    render_init(&out);
    cors_preflight(&out, in);
    render_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_str struct str text = STR_EMPTY, body = STR_EMPTY;
    static struct mapping m;
    struct http_in in = {
        .body = &body, .identity = {"{}", 2},
             .now = 1795226400000, .origins = "http://page"
    };
    const uint8_t *end = memmem(data, size, "\n\n", 2);
    enum rsc rsc;

    if (size > 65536)
        return 0;
    str_add(&text, data, end ? (size_t)(end - data) : size);
    if (end && (size_t)(end - data) + 2 < size)
        str_add(&body, end + 2, size - (size_t)(end - data) - 2);
    if (text.len == 0)
        return 0;
    read_head(&in, text.data);
    mapping_init(&m);
    submit_setup(&(struct submit_limits){10000, 10000, 1});
    rsc = map_request(&in, &m);
    if (rsc == RSC_OK)
        check_primitive(&m);
    check_answers(&in, &m, rsc);
    mapping_done(&m);
    return 0;
}
