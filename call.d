call.o: services/coap/call.c services/coap/call.h services/coap/lib.h \
  services/coap/block.h services/coap/message.h common/arena.h \
  common/str.h common/clock.h common/config.h common/cse.h \
  services/coap/exchange.h services/coap/recent.h common/log.h \
  common/loop.h services/coap/map.h services/coap/media.h \
  common/primitive.h common/envelope.h common/rsc.h common/trace.h \
  services/coap/options.h services/coap/pdu.h common/respond.h \
  services/coap/server.h common/submit.h common/metrics.h common/mem.h

services/coap/call.h:

services/coap/lib.h:

services/coap/block.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/clock.h:

common/config.h:

common/cse.h:

services/coap/exchange.h:

services/coap/recent.h:

common/log.h:

common/loop.h:

services/coap/map.h:

services/coap/media.h:

common/primitive.h:

common/envelope.h:

common/rsc.h:

common/trace.h:

services/coap/options.h:

services/coap/pdu.h:

common/respond.h:

services/coap/server.h:

common/submit.h:

common/metrics.h:

common/mem.h:
