/* libcoap, without its names for levels of logging, which are those of syslog. */
#ifndef TESSERA_COAP_LIB_H
#define TESSERA_COAP_LIB_H

#include <coap3/coap.h>

#undef LOG_DEBUG
#undef LOG_INFO

#endif
