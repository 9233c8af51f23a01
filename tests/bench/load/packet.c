#include "packet.h"

#include "mem.h"

void packet_text(struct str *body, const char *text)
{
    size_t n = strlen(text);

    str_putc(body, (char)(n >> 8));
    str_putc(body, (char)n);
    str_add(body, text, n);
}

static void add_head(struct str *out, unsigned char type, size_t n)
{
    str_putc(out, (char)type);
    do {
        str_putc(out, (char)((n & 127) | (n > 127 ? 128 : 0)));
        n >>= 7;
    } while (n);
}

void packet_add(struct str *out, unsigned char type, const struct str *body)
{
    add_head(out, type, body->len);
    str_add(out, body->data, body->len);
}

void packet_connect(struct str *out, const char *client)
{
    auto_str struct str body = STR_EMPTY;

    packet_text(&body, "MQTT");
    str_add(&body, "\4\2\0\0", 4);
    packet_text(&body, client);
    packet_add(out, 0x10, &body);
}

void packet_subscribe(struct str *out, const char *filter)
{
    auto_str struct str body = STR_EMPTY;

    str_add(&body, "\0\1", 2);
    packet_text(&body, filter);
    str_putc(&body, 1);
    packet_add(out, 0x82, &body);
}

void packet_confirm(struct str *out, const unsigned char *id)
{
    str_add(out, "\x40\2", 2);
    str_add(out, id, 2);
}

void packet_publish(struct str *out, const char *topic, unsigned id, const char *payload, size_t len)
{
    add_head(out, 0x32, 2 + strlen(topic) + 2 + len);
    packet_text(out, topic);
    str_putc(out, (char)(id >> 8));
    str_putc(out, (char)id);
    str_add(out, payload, len);
}

size_t packet_whole(const unsigned char *data, size_t len, size_t *body)
{
    size_t n = 0, p = 1;
    int shift = 0;

    while (p < len && data[p] & 128 && shift < 21) {
        n |= (size_t)(data[p++] & 127) << shift;
        shift += 7;
    }
    if (p >= len || p + 1 + (n |= (size_t)data[p] << shift) > len)
        return 0;
    *body = p + 1;
    return p + 1 + n;
}
