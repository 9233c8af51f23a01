/* The hosts of the broker: one, or the nodes of its cluster, of which any will do. Pure. */
#ifndef TESSERA_BUS_HOSTS_H
#define TESSERA_BUS_HOSTS_H

#include <stddef.h>

#define HOSTS_MAX 16
#define HOST_SIZE 256

struct bus_host {
    char name[HOST_SIZE];
    int port;
};

/*
 * Reads "a,b:5673,[::1]:5672"; who names no port has `port`. Returns how many there are, or -1 with `why`. An address of
 * IPv6 stands in brackets, except alone.
 */
int hosts_parse(const char *text, int port, struct bus_host hosts[HOSTS_MAX], char *why, size_t why_size);

/*
 * How long to wait, in ms, before the attempt number `attempt` (0: the first one after a loss) on one of `count` hosts: an
 * outage lasts as long as the broker is away and what its services then sleep on. The other hosts are tried at once; when all
 * have been, the wait doubles up to a fifth of a second, and is a second when they stay away. `chance` in [0, 1): services do
 * not come back in step.
 */
int hosts_delay(int attempt, int count, double chance);

#endif
