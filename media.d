media.o: services/coap/media.c services/coap/media.h common/mem.h

services/coap/media.h:

common/mem.h:
