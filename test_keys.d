test_keys.o: tests/unit/coap/test_keys.c services/coap/keys.h \
  services/coap/lib.h

services/coap/keys.h:

services/coap/lib.h:
