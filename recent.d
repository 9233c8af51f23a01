recent.o: services/coap/recent.c services/coap/recent.h \
  services/coap/message.h common/arena.h common/str.h common/mem.h

services/coap/recent.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/mem.h:
