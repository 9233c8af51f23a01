message.o: services/coap/message.c services/coap/message.h common/arena.h \
  common/str.h common/mem.h

services/coap/message.h:

common/arena.h:

common/str.h:

common/mem.h:
