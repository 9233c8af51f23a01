egress.o: services/coap/egress.c services/coap/egress.h \
  services/coap/lib.h services/coap/block.h services/coap/message.h \
  common/arena.h common/str.h common/clock.h services/coap/compose.h \
  common/outbound.h common/bus.h common/config.h common/envelope.h \
  common/metrics.h common/outbound_lanes.h common/primitive.h \
  common/rsc.h common/table.h common/target.h common/log.h \
  services/coap/pdu.h services/coap/peer.h services/coap/secure.h \
  services/coap/server.h common/mem.h

services/coap/egress.h:

services/coap/lib.h:

services/coap/block.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/clock.h:

services/coap/compose.h:

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

common/log.h:

services/coap/pdu.h:

services/coap/peer.h:

services/coap/secure.h:

services/coap/server.h:

common/mem.h:
