# The programs of Tessera in one image; compose.yaml runs one of them in each container. The brokers have images of their own.
FROM debian:bookworm-slim AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update && apt-get install -y --no-install-recommends ccache \
      gcc libc6-dev make pkg-config librabbitmq-dev libmicrohttpd-dev libgnutls28-dev libuv1-dev libjansson-dev libsqlite3-dev \
      libcurl4-gnutls-dev libcbor-dev libssl-dev libgeos-dev librasqal3-dev libraptor2-dev libwebsockets-dev libpaho-mqtt-dev libcoap3-dev
WORKDIR /src
COPY Makefile ./
COPY common common
COPY services services
RUN --mount=type=cache,target=/root/.cache/ccache make -s -j2 CC='ccache gcc' all

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
      librabbitmq4 libmicrohttpd12 libuv1 libjansson4 libsqlite3-0 libcurl3-gnutls libcbor0.8 libgeos-c1v5 librasqal3 libraptor2-0 \
      libwebsockets17 libwebsockets-evlib-uv libpaho-mqtt1.3 libcoap3 openssl ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/tessera --create-home tessera
COPY --from=build /src/build/release/bin /opt/tessera/bin
COPY broker-config /opt/tessera/broker-config
COPY services/supervisor/enter services/supervisor/healthy services/supervisor/provide /opt/tessera/services/supervisor/
# Volumes get their owner from the folder that they are mounted on first: `provide` mounts all of them here.
RUN install -d -o tessera -g tessera /volumes /volumes/secrets /volumes/state /volumes/data /volumes/statistics /volumes/broker /volumes/broker-data \
      /volumes/broker-data-2 /volumes/broker-data-3 \
      /volumes/mosquitto /volumes/mosquitto-data /volumes/balancer /volumes/prometheus-data /volumes/grafana-data /volumes/secrets/grafana \
    && for user in $(sed -E '/^(#|$)/d; s/ .*//' /opt/tessera/broker-config/users.table); do install -d -o tessera -g tessera "/volumes/secrets/$user"; done
ENV PATH=/opt/tessera/bin:$PATH
USER 10001:10001
WORKDIR /var/lib/tessera
ENTRYPOINT ["/opt/tessera/services/supervisor/enter"]
