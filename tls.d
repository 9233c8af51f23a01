tls.o: common/tls.c common/tls.h common/config.h common/log.h \
  common/loop.h common/mem.h

common/tls.h:

common/config.h:

common/log.h:

common/loop.h:

common/mem.h:
