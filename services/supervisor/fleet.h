/* All that the supervisor runs: the broker (if it owns one), the services, its keeper. */
#ifndef TESSERA_FLEET_H
#define TESSERA_FLEET_H

#include "child.h"
#include "str.h"

#define FLEET_MAX 64

/* "storage=1 http=2" taken apart. Returns the count, or -1 with `why`. Pure. */
struct fleet_entry {
    char service[32];
    int instances;
};
int fleet_parse(const char *text, struct fleet_entry *entries, int max, char *why, size_t why_size);

void fleet_start(void); /* adopts what runs already, starts the rest in order */
bool fleet_stop(void);  /* call again until true: everything has ended, fronts first, the broker last */
/* For scale.c. */
bool fleet_stops(void);                /* everything is being stopped */
int fleet_room(void);                  /* for so many processes more */
bool fleet_knows(const char *service); /* there is such a program */
bool fleet_needs(const char *service); /* it has something to do, by the settings */
int fleet_count(const char *service);  /* without those that leave */
bool fleet_leaving(const char *service);
void fleet_add(const char *service, int number); /* starts SERVICE.NUMBER, the next one */
void fleet_remove_last(const char *service);     /* stops the one with the highest number, which finishes what it has begun */
bool fleet_ready(struct str *why);
void fleet_status(struct str *json);
/* What there is to scrape, whether it runs or not, as Prometheus' HTTP service discovery wants it. */
void fleet_targets(struct str *json);

#endif
