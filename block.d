block.o: services/coap/block.c services/coap/block.h \
  services/coap/message.h common/arena.h common/str.h common/table.h \
  common/mem.h

services/coap/block.h:

services/coap/message.h:

common/arena.h:

common/str.h:

common/table.h:

common/mem.h:
