compose.o: services/coap/compose.c services/coap/compose.h \
  services/coap/message.h common/arena.h common/str.h common/outbound.h \
  common/bus.h common/config.h common/envelope.h common/metrics.h \
  common/outbound_lanes.h common/primitive.h common/rsc.h common/table.h \
  common/target.h common/cbor.h common/json.h services/coap/map.h \
  services/coap/media.h common/trace.h services/coap/options.h \
  common/path.h common/query.h common/text.h common/mem.h

services/coap/compose.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/outbound.h:

common/bus.h:

common/config.h:

common/envelope.h:

common/metrics.h:

common/outbound_lanes.h:

common/primitive.h:

common/rsc.h:

common/table.h:

common/target.h:

common/cbor.h:

common/json.h:

services/coap/map.h:

services/coap/media.h:

common/trace.h:

services/coap/options.h:

common/path.h:

common/query.h:

common/text.h:

common/mem.h:
