#include "load.h"

#include "mem.h"

enum { TEXT = 0x81, MASKED = 0x80, LENGTH_16 = 126 };

static void greet(struct client *c)
{
    str_addf(&c->out,
             "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: oneM2M.json\r\n\r\n");
}

/* A mask of zeros leaves the text as it is. */
static void create(struct client *c)
{
    auto_str struct str text = STR_EMPTY;
    unsigned char head[8] = {TEXT, MASKED | LENGTH_16};

    load_primitive(&text, c);
    head[2] = (unsigned char)(text.len >> 8);
    head[3] = (unsigned char)text.len;
    str_add(&c->out, head, sizeof head);
    str_add(&c->out, text.data, text.len);
}

static enum took take(struct client *c, const unsigned char *data, size_t len, size_t *used)
{
    const unsigned char *end = c->open ? NULL : memmem(data, len, "\r\n\r\n", 4);
    size_t head = 2, n;

    if (!c->open) {
        *used = end ? (size_t)(end + 4 - data) : 0;
        return end ? TOOK_OPEN : TOOK_NOTHING;
    }
    if (len < 4)
        return TOOK_NOTHING;
    n = data[1];
    if (n == LENGTH_16) {
        n = (size_t)data[2] << 8 | data[3];
        head = 4;
    }
    *used = head + n;
    if (*used > len)
        return TOOK_NOTHING;
    if (data[0] != TEXT)
        return TOOK_OTHER;
    return memmem(data + head, n, "\"rsc\":2001", 10) ? TOOK_CREATED : TOOK_REFUSED;
}

const struct binding binding_websocket = {"websocket", SOCK_STREAM, greet, create, take};
