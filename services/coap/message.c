#include "message.h"

#include "mem.h"

void message_init(struct message *m, unsigned char code)
{
    m->code = code;
    m->count = 0;
    m->payload = (struct slice){NULL, 0};
}

bool message_add(struct message *m, unsigned number, const void *value, size_t len)
{
    int at = m->count;

    if (m->count == MESSAGE_MAX_OPTIONS || len > UINT16_MAX)
        return false;
    for (; at > 0 && m->options[at - 1].number > number; at--)
        m->options[at] = m->options[at - 1];
    m->options[at] = (struct option){
        number, {value, len}
    };
    m->count++;
    return true;
}

bool message_add_text(struct message *m, unsigned number, const char *text)
{
    return message_add(m, number, text, strlen(text));
}

bool message_add_uint(struct message *m, struct arena *arena, unsigned number, uint32_t value)
{
    size_t len = value > 0xffffff ? 4 : value > 0xffff ? 3 : value > 0xff ? 2 : value > 0;
    char *bytes = arena_alloc(arena, 4);

    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(value >> 8 * (len - 1 - i));
    return message_add(m, number, bytes, len);
}

void message_remove(struct message *m, unsigned number)
{
    int kept = 0;

    for (int i = 0; i < m->count; i++)
        if (m->options[i].number != number)
            m->options[kept++] = m->options[i];
    m->count = kept;
}

const struct option *message_find(const struct message *m, unsigned number)
{
    for (int i = 0; i < m->count; i++)
        if (m->options[i].number == number)
            return &m->options[i];
    return NULL;
}

bool option_uint(const struct option *o, uint32_t *value)
{
    uint32_t sum = 0;

    if (o->value.n > 4)
        return false;
    for (size_t i = 0; i < o->value.n; i++)
        sum = sum << 8 | (unsigned char)o->value.p[i];
    *value = sum;
    return true;
}

bool message_uint(const struct message *m, unsigned number, uint32_t *value)
{
    const struct option *o = message_find(m, number);

    return o && option_uint(o, value);
}

size_t message_options_size(const struct message *m)
{
    size_t sum = 0;

    for (int i = 0; i < m->count; i++)
        sum += 5 + m->options[i].value.n;
    return sum;
}

/* ---- in one piece ---- */

struct packed {
    unsigned number;
    size_t len;
};

void message_pack(struct str *out, const struct message *m)
{
    struct packed end = {0, m->payload.n};

    str_putc(out, (char)m->code);
    for (int i = 0; i < m->count; i++) {
        struct packed head = {m->options[i].number, m->options[i].value.n};

        str_add(out, &head, sizeof head);
        str_add(out, m->options[i].value.p, head.len);
    }
    str_add(out, &end, sizeof end); /* no option has the number 0 */
    str_add(out, m->payload.p, m->payload.n);
}

void message_unpack(struct message *m, const struct str *packed)
{
    const char *p = packed->data + 1;
    struct packed head;

    message_init(m, (unsigned char)packed->data[0]);
    for (;;) {
        memcpy(&head, p, sizeof head);
        p += sizeof head;
        if (head.number == 0)
            break;
        message_add(m, head.number, p, head.len);
        p += head.len;
    }
    m->payload = (struct slice){p, head.len};
}
