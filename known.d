known.o: services/coap/known.c services/coap/lib.h \
  services/coap/options.h services/coap/message.h common/arena.h \
  common/str.h common/primitive.h common/envelope.h common/rsc.h \
  services/coap/pdu.h common/mem.h

services/coap/lib.h:

services/coap/options.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/primitive.h:

common/envelope.h:

common/rsc.h:

services/coap/pdu.h:

common/mem.h:
