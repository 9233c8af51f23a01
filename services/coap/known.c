/*
 * libcoap refuses messages with critical options that it does not know, and can be told of two with large numbers only
 * (COAP_OPT_FILTER_LONG): oneM2M has more than twenty. The library asks this function, which takes the place of its own, whether
 * an option is in a set; and the set of known options is the one that has the mark.
 */
#include "lib.h"
#include "options.h"
#include "pdu.h"

#include "mem.h"

int coap_option_filter_get(coap_opt_filter_t *filter, coap_option_num_t number)
{
    bool marked = false;
    int found = 0;

    for (unsigned i = 0; i < COAP_OPT_FILTER_LONG; i++) {
        if (!(filter->mask & 1u << i))
            continue;
        marked = marked || filter->long_opts[i] == PDU_KNOWN_MARK;
        found = found || (number > 255 && filter->long_opts[i] == number);
    }
    for (unsigned i = 0; number <= 255 && i < COAP_OPT_FILTER_SHORT; i++)
        found = found || (filter->mask & 1u << (i + COAP_OPT_FILTER_LONG) && filter->short_opts[i] == number);
    return found || (marked && option_known(number));
}

void pdu_know_options(coap_context_t *context)
{
    coap_register_option(context, PDU_KNOWN_MARK);
}
