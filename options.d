options.o: services/coap/options.c services/coap/options.h \
  services/coap/message.h common/arena.h common/str.h common/primitive.h \
  common/envelope.h common/rsc.h common/mem.h

services/coap/options.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/primitive.h:

common/envelope.h:

common/rsc.h:

common/mem.h:
