#include "load.h"

#include "mem.h"

/* RFC 7252 and TS-0008: confirmable, POST, a token of four bytes. */
enum {
    CON_TOKEN_4 = 0x44,
    POST = 2,
    CREATED = 0x41,
    ACK = 2,
    URI_PATH = 11,
    CONTENT_FORMAT = 12,
    TY = 267,
    RVI = 271,
    FR = 279,
    RQI = 283
};

/* Values are shorter than 13 bytes here, and the steps between numbers shorter than 269. */
static void add_option(struct str *out, unsigned *last, unsigned number, const char *value)
{
    unsigned step = number - *last;
    size_t n = strlen(value);

    str_putc(out, (char)((step < 13 ? step : 13) << 4 | n));
    if (step >= 13)
        str_putc(out, (char)(step - 13));
    str_add(out, value, n);
    *last = number;
}

static void create(struct client *c)
{
    unsigned char high = (unsigned char)(c->id >> 8), low = (unsigned char)c->id,
                  head[8] = {CON_TOKEN_4, POST, high, low, 't', 't', high, low};
    char number[12];
    unsigned last = 0;

    str_add(&c->out, head, sizeof head);
    add_option(&c->out, &last, URI_PATH, "cse-in");
    snprintf(number, sizeof number, "m%d", c->number);
    add_option(&c->out, &last, URI_PATH, number);
    add_option(&c->out, &last, URI_PATH, "c");
    add_option(&c->out, &last, CONTENT_FORMAT, "2"); /* 50 */
    add_option(&c->out, &last, TY, "\4");
    add_option(&c->out, &last, RVI, "3");
    snprintf(number, sizeof number, "Cm%d", c->number);
    add_option(&c->out, &last, FR, number);
    snprintf(number, sizeof number, "%u", c->id);
    add_option(&c->out, &last, RQI, number);
    str_puts(&c->out, "\xff" LOAD_CONTENT);
}

static enum took take(struct client *c, const unsigned char *data, size_t len, size_t *used)
{
    *used = len;
    if (len < 8 || (data[0] >> 4 & 3) != ACK || ((unsigned)data[6] << 8 | data[7]) != c->id)
        return TOOK_OTHER;
    return data[1] == CREATED ? TOOK_CREATED : TOOK_REFUSED;
}

const struct binding binding_coap = {"coap", SOCK_DGRAM, NULL, create, take};
