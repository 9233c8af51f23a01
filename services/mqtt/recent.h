/*
 * Requests that came a short while ago, to know one that the broker delivers a second time, MQTT 3.1.1 4.4. Pure but for its
 * memory. Only of what this instance took: for others, and after a restart, storage knows what it answered (docs/contracts.md).
 */
#ifndef MQTT_RECENT_H
#define MQTT_RECENT_H

#include "map.h"

#include <stdbool.h>
#include <stdint.h>

#define RECENT_MAX 1024
#define RECENT_ID_SIZE 120

struct recent {
    char key[MAP_KEY_SIZE];  /* map_key() */
    char id[RECENT_ID_SIZE]; /* of the request on the bus */
    bool running;
    uint64_t number; /* 0: free */
};

/* The newest of that key, or NULL. */
const struct recent *recent_find(const char *key);
/* Begins; the oldest is forgotten. The number that ends it. */
uint64_t recent_begin(const char *key, const char *id);
void recent_end(uint64_t number);

#endif
