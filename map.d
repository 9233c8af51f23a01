map.o: services/coap/map.c services/coap/map.h services/coap/media.h \
  services/coap/message.h common/arena.h common/str.h common/primitive.h \
  common/envelope.h common/rsc.h common/trace.h common/cbor.h \
  common/clock.h common/json.h services/coap/options.h common/path.h \
  common/query.h common/text.h common/mem.h

services/coap/map.h:

services/coap/media.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/primitive.h:

common/envelope.h:

common/rsc.h:

common/trace.h:

common/cbor.h:

common/clock.h:

common/json.h:

services/coap/options.h:

common/path.h:

common/query.h:

common/text.h:

common/mem.h:
