#include "pdu.h"

#include "mem.h"

int pdu_read(struct message *m, const coap_pdu_t *pdu)
{
    coap_opt_iterator_t i;
    const uint8_t *data = NULL;
    coap_opt_t *option;
    size_t len = 0;

    message_init(m, (unsigned char)coap_pdu_get_code(pdu));
    coap_option_iterator_init(pdu, &i, COAP_OPT_ALL);
    while ((option = coap_option_next(&i)))
        if (!message_add(m, i.number, coap_opt_value(option), coap_opt_length(option)))
            return -1;
    if (coap_get_data(pdu, &len, &data))
        m->payload = (struct slice){(const char *)data, len};
    return 0;
}

int pdu_write(coap_pdu_t *pdu, const struct message *m)
{
    for (int i = 0; i < m->count; i++)
        if (!coap_add_option(pdu, (coap_option_num_t)m->options[i].number, m->options[i].value.n,
                             (const uint8_t *)m->options[i].value.p))
            return -1;
    if (m->payload.n > 0 && !coap_add_data(pdu, m->payload.n, (const uint8_t *)m->payload.p))
        return -1;
    return 0;
}
