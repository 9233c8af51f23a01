keys.o: services/coap/keys.c services/coap/keys.h services/coap/lib.h \
  common/str.h common/table.h common/mem.h

services/coap/keys.h:

services/coap/lib.h:

common/str.h:

common/table.h:

common/mem.h:
