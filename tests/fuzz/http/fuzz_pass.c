/*
 * A request that is passed on: an HTTP request as plain text ("METHOD TARGET", header lines, an empty line, the body). What is
 * accepted and can be sent on must be understood by the next one as the same request.
 */
#include "compose.h"
#include "json.h"
#include "map.h"
#include "query.h"
#include "submit.h"

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void read_head(struct http_in *in, char *head)
{
    char *rest = head, *line = strsep(&rest, "\n"), *blank = strchr(line, ' ');

    in->method = line;
    in->target = "";
    if (blank) {
        *blank = '\0';
        in->target = blank + 1;
        in->target_len = strlen(blank + 1);
    }
    while ((line = strsep(&rest, "\n"))) {
        char *colon = strchr(line, ':');
        int id = colon ? header_find(line, (size_t)(colon - line)) : -1;

        if (id >= 0)
            in->header[id] = colon + 1 + strspn(colon + 1, " \t");
    }
}

/* Numbers inside may be written in another way. */
static void same_criteria(struct slice one, struct slice other)
{
    char why[80];
    json_auto_t *a = one.n > 0 ? json_parse(one.p, one.n, why, sizeof why) : NULL;
    json_auto_t *b = other.n > 0 ? json_parse(other.p, other.n, why, sizeof why) : NULL;

    expect((one.n > 0) == (other.n > 0) && (!a || json_equal(a, b)));
}

/* All parameters but those, and what each hop makes anew. */
static void encode_rest(struct str *out, const struct request *req)
{
    struct request rest = *req;

    rest.fc = rest.identity = (struct slice){NULL, 0};
    rest.deadline = 0;
    request_encode(out, &rest);
}

/* A fragment that names attributes becomes one more. */
static size_t arguments(const char *target)
{
    size_t count = 1;

    for (; *target; target++)
        count += *target == '&';
    return count;
}

static void check_passed(const struct http_call *call, const struct request *req, size_t base)
{
    auto_str struct str body = STR_EMPTY, there = STR_EMPTY, back = STR_EMPTY;
    static struct mapping m;
    struct http_in in = {.method = call->method, .target = call->url + base, .body = &body, .now = 1795226400000, .origins = ""};

    in.target_len = strlen(in.target);
    for (int i = 0; i < call->count; i++)
        in.header[header_find(call->headers[i].name, strlen(call->headers[i].name))] = call->headers[i].value;
    if (call->body.n > 0)
        str_add(&body, call->body.p, call->body.n);
    mapping_init(&m);
    if (in.target_len <= MAP_MAX_TARGET && arguments(in.target) <= QUERY_MAX_ARGUMENTS) {
        expect(map_request(&in, &m) == RSC_OK);
        same_criteria(req->fc, m.req.fc);
        encode_rest(&there, req);
        encode_rest(&back, &m.req);
        expect(there.len == back.len && memcmp(there.data, back.data, there.len) == 0);
    }
    mapping_done(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char base[] = "http://next:8080";
    auto_str struct str text = STR_EMPTY, body = STR_EMPTY;
    static struct mapping m;
    static struct http_call call;
    struct http_in in = {.body = &body, .now = 1795226400000, .origins = ""};
    const uint8_t *end = memmem(data, size, "\n\n", 2);
    char why[200];

    str_add(&text, data, end ? (size_t)(end - data) : size);
    if (end && (size_t)(end - data) + 2 < size)
        str_add(&body, end + 2, size - (size_t)(end - data) - 2);
    if (text.len == 0)
        return 0;
    read_head(&in, text.data);
    mapping_init(&m);
    http_call_init(&call);
    submit_setup(&(struct submit_limits){10000, 10000, 1});
    /* A NOTIFY to a plain id is for an AE's own URL. */
    if (map_request(&in, &m) == RSC_OK && (m.req.op != OP_NOTIFY || *m.req.to == '/') &&
        compose_request(&call, &m.req, base, SERIALIZATION_JSON, why, sizeof why) == 0)
        check_passed(&call, &m.req, sizeof base - 1);
    http_call_done(&call);
    mapping_done(&m);
    return 0;
}
