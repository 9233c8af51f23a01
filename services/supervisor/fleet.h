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
bool fleet_ready(struct str *why);
void fleet_status(struct str *json);
/* What there is to scrape, whether it runs or not, as Prometheus' HTTP service discovery wants it. */
void fleet_targets(struct str *json);

#endif
