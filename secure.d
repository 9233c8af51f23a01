secure.o: services/http/secure.c services/http/secure.h common/str.h \
  common/metrics.h common/tls.h common/config.h common/tls_gnutls.h \
  common/mem.h

services/http/secure.h:

common/str.h:

common/metrics.h:

common/tls.h:

common/config.h:

common/tls_gnutls.h:

common/mem.h:
