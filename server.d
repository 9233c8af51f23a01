server.o: services/coap/server.c services/coap/server.h \
  services/coap/lib.h services/coap/call.h common/config.h \
  services/coap/egress.h common/log.h common/loop.h common/metrics.h \
  common/str.h services/coap/options.h services/coap/message.h \
  common/arena.h common/primitive.h common/envelope.h common/rsc.h \
  services/coap/pdu.h services/coap/peer.h services/coap/secure.h \
  common/mem.h

services/coap/server.h:

services/coap/lib.h:

services/coap/call.h:

common/config.h:

services/coap/egress.h:

common/log.h:

common/loop.h:

common/metrics.h:

common/str.h:

services/coap/options.h:

services/coap/message.h:

common/arena.h:

common/primitive.h:

common/envelope.h:

common/rsc.h:

services/coap/pdu.h:

services/coap/peer.h:

services/coap/secure.h:

common/mem.h:
