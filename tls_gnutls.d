tls_gnutls.o: common/tls_gnutls.c common/tls_gnutls.h common/metrics.h \
  common/str.h common/tls.h common/config.h common/clock.h common/log.h \
  common/mem.h

common/tls_gnutls.h:

common/metrics.h:

common/str.h:

common/tls.h:

common/config.h:

common/clock.h:

common/log.h:

common/mem.h:
