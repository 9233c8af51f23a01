# Tessera in one image: all services and a private broker, run by the supervisor.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      gcc libc6-dev make pkg-config librabbitmq-dev libmicrohttpd-dev libgnutls28-dev libuv1-dev libjansson-dev libsqlite3-dev \
      libcurl4-gnutls-dev libcbor-dev libssl-dev libgeos-dev librasqal3-dev libraptor2-dev libwebsockets-dev libpaho-mqtt-dev libcoap3-dev
WORKDIR /src
COPY Makefile ./
COPY common common
COPY services services
RUN make -s -j2 all

FROM debian:bookworm-slim
RUN printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d \
    && apt-get update && apt-get install -y --no-install-recommends \
      librabbitmq4 libmicrohttpd12 libuv1 libjansson4 libsqlite3-0 libcurl3-gnutls libcbor0.8 libgeos-c1v5 librasqal3 libraptor2-0 libwebsockets17 libwebsockets-evlib-uv ca-certificates \
      libpaho-mqtt1.3 libcoap3 mosquitto rabbitmq-server openssl tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/tessera --create-home tessera
COPY --from=build /src/build/release/bin /opt/tessera/bin
COPY broker-config /opt/tessera/broker-config
COPY services/supervisor/foreground /opt/tessera/services/supervisor/foreground
ENV PATH=/opt/tessera/bin:$PATH TESSERA_PROGRAMS=/opt/tessera/bin TESSERA_STATE_DIR=/var/lib/tessera/state
USER tessera
VOLUME /var/lib/tessera
EXPOSE 8080 8081 5683/udp
# Healthy means: every process answers, and has what it needs.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=6 CMD ["tessera", "wait", "0"]
ENTRYPOINT ["tini", "--", "/opt/tessera/services/supervisor/foreground"]
