# Like the official image where compose.yaml relies on it: the path of the configuration, the user 1883, the clients.
FROM debian:trixie-slim
RUN groupadd -g 1883 mosquitto && useradd -u 1883 -g 1883 -d /mosquitto -s /usr/sbin/nologin mosquitto \
    && apt-get update && apt-get install -y --no-install-recommends mosquitto mosquitto-clients && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /mosquitto/config /mosquitto/data /mosquitto/log && chown -R mosquitto:mosquitto /mosquitto
VOLUME ["/mosquitto/data", "/mosquitto/log"]
EXPOSE 1883
CMD ["/usr/sbin/mosquitto", "-c", "/mosquitto/config/mosquitto.conf"]
