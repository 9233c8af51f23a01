#include "load.h"

#include "mem.h"

static void create(struct client *c)
{
    str_addf(&c->out,
             "POST /cse-in/m%d/c HTTP/1.1\r\nHost: 127.0.0.1\r\nX-M2M-Origin: Cm%d\r\nX-M2M-RI: %u\r\nX-M2M-RVI: 3\r\n"
             "Content-Type: application/json;ty=4\r\nContent-Length: %zu\r\n\r\n" LOAD_CONTENT,
             c->number, c->number, c->id, sizeof LOAD_CONTENT - 1);
}

static enum took take(struct client *c, const unsigned char *data, size_t len, size_t *used)
{
    static const char name[] = "Content-Length: ", created[] = "HTTP/1.1 201";
    const char *text = (const char *)data, *end = memmem(text, len, "\r\n\r\n", 4), *length;

    (void)c;
    length = end ? memmem(text, (size_t)(end - text), name, sizeof name - 1) : NULL;
    if (!end)
        return TOOK_NOTHING;
    *used = (size_t)(end + 4 - text) + (length ? strtoul(length + sizeof name - 1, NULL, 10) : 0);
    if (*used > len)
        return TOOK_NOTHING;
    return memcmp(text, created, sizeof created - 1) == 0 ? TOOK_CREATED : TOOK_REFUSED;
}

const struct binding binding_http = {"http", SOCK_STREAM, NULL, create, take};
