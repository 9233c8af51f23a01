peer.o: services/coap/peer.c services/coap/peer.h services/coap/lib.h \
  common/log.h common/loop.h services/coap/secure.h common/str.h \
  services/coap/server.h common/table.h common/mem.h

services/coap/peer.h:

services/coap/lib.h:

common/log.h:

common/loop.h:

services/coap/secure.h:

common/str.h:

services/coap/server.h:

common/table.h:

common/mem.h:
