# Like the official image where compose.yaml relies on it: programs in the path, RABBITMQ_* variables, any user.
FROM debian:trixie-slim
RUN printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d \
    && apt-get update && apt-get install -y --no-install-recommends rabbitmq-server && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /etc/rabbitmq/conf.d && chmod 777 /var/lib/rabbitmq /etc/rabbitmq
ENV PATH=/usr/lib/rabbitmq/bin:$PATH RABBITMQ_DATA_DIR=/var/lib/rabbitmq RABBITMQ_LOGS=- HOME=/var/lib/rabbitmq LANG=C.UTF-8
VOLUME /var/lib/rabbitmq
EXPOSE 4369 5671 5672 15691 15692 25672
CMD ["rabbitmq-server"]
