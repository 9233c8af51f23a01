pdu.o: services/coap/pdu.c services/coap/pdu.h services/coap/lib.h \
  services/coap/message.h common/arena.h common/str.h common/mem.h

services/coap/pdu.h:

services/coap/lib.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/mem.h:
