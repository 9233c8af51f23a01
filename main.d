main.o: services/coap/main.c services/coap/call.h services/coap/lib.h \
  services/coap/egress.h common/outbound.h common/bus.h common/config.h \
  common/envelope.h common/str.h common/metrics.h \
  common/outbound_lanes.h common/primitive.h common/rsc.h common/table.h \
  common/target.h services/coap/secure.h services/coap/server.h \
  common/service.h

services/coap/call.h:

services/coap/lib.h:

services/coap/egress.h:

common/outbound.h:

common/bus.h:

common/config.h:

common/envelope.h:

common/str.h:

common/metrics.h:

common/outbound_lanes.h:

common/primitive.h:

common/rsc.h:

common/table.h:

common/target.h:

services/coap/secure.h:

services/coap/server.h:

common/service.h:
