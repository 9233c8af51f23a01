# Like the official image where compose.yaml relies on it: the paths, the user, the entry point.
FROM debian:trixie-slim
RUN printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d \
    && apt-get update && apt-get install -y --no-install-recommends prometheus busybox && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/bin/prometheus /usr/bin/promtool /bin/ 2>/dev/null; ln -s /usr/bin/busybox /usr/local/bin/wget \
    && mkdir -p /prometheus && chown 65534:65534 /prometheus
USER nobody
EXPOSE 9090
VOLUME /prometheus
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
