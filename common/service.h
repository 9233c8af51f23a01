/*
 * The life of a service: settings, log, signals, bus, loop, /health and /metrics, drain on SIGTERM, exit. A service's
 * main.c is a table and a call:
 *     int main(int argc, char **argv) { return service_main(argc, argv, &notification); }
 */
#ifndef TESSERA_SERVICE_H
#define TESSERA_SERVICE_H

#include "bus.h"
#include "config.h"

#define SERVICE_EXIT_USAGE 64
/* So a reason of `ready` begins when the service itself is well, and waits for something outside of this installation. */
#define SERVICE_DEGRADED "degraded: "

struct service {
    const char *name;                     /* also its broker user */
    const struct config_row *config;      /* its own rows */
    const struct bus_consumer *consumers; /* NULL: consumes nothing */
    bool no_bus;                          /* true for the supervisor */
    bool tls;                             /* may listen with TLS: has the settings of tls.h */
    void (*start)(void);                  /* once, before the bus connects; ends the process on failure */
    void (*stop)(void);                   /* once, after the drain */
    bool (*ready)(struct str *why); /* false with a reason: /health answers 503. Asked when the bus is up; NULL: that is enough */
    bool (*idle)(void);             /* drain asks it again and again, up to service.drain ms; NULL: always */
    int64_t drain;                  /* ms, instead of service.drain; 0: that */
    const char *purpose;            /* one line for --help; may be NULL */
};

/* Its name among others of its kind, "http.1": the same after a restart. */
const char *service_instance(void);

/*
 * For what clients connect to: calls `listen(true)` now, or behind a balancer (service.linger) each time that the bus has come
 * up. A balancer tries elsewhere what is not connected; an answer that one is not ready yet goes to the client.
 */
void service_when_ready(void (*listen)(bool up));

int service_main(int argc, char **argv, const struct service *service);

#endif
