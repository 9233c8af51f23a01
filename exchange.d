exchange.o: services/coap/exchange.c services/coap/exchange.h \
  services/coap/lib.h services/coap/message.h common/arena.h \
  common/str.h services/coap/recent.h services/coap/pdu.h \
  services/coap/secure.h services/coap/server.h common/submit.h \
  common/metrics.h common/primitive.h common/envelope.h common/rsc.h \
  common/mem.h

services/coap/exchange.h:

services/coap/lib.h:

services/coap/message.h:

common/arena.h:

common/str.h:

services/coap/recent.h:

services/coap/pdu.h:

services/coap/secure.h:

services/coap/server.h:

common/submit.h:

common/metrics.h:

common/primitive.h:

common/envelope.h:

common/rsc.h:

common/mem.h:
