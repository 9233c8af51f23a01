/* Request primitives that came over MQTT, before they are handed in: TS-0010 6.4, and what clients make of it. Pure. */
#ifndef MQTT_MAP_H
#define MQTT_MAP_H

#include "primitive.h"
#include "topic.h"

/* This CSE's id as topics have it: "id-in", and between service providers (Mcc', TS-0010 6.4) absolute, ":sp:id-in". 0 or -1. */
int map_own_id(char out[TOPIC_ID_SIZE], bool absolute);
/* Does a topic mean this CSE, in either form? */
bool map_is_own_id(const char *id);

/*
 * May it come by this topic? RSC_OK, or a refusal with `why`: a broker ties its clients to their topics, so that the originator
 * in the topic has to be the one of the primitive; and by the topic of those who have no id yet nothing comes but registrations.
 */
enum rsc map_check(const struct topic *t, const struct request *req, char *why, size_t why_size);

/* `to` with a slash in front where none belongs, or without one: the usual form. The caller frees. */
char *map_to(const char *to);

/* The name by which a message is found again: 32 hexadecimal digits and what stands before. */
#define MAP_KEY_SIZE 40
void map_key(const char *topic, const void *payload, size_t len, char out[MAP_KEY_SIZE]);

/*
 * Where a request out goes, TS-0010 6.4.3 and docs/mqtt.md: for the next hop, or an AE at the broker of its point of access, to
 * its topic; for a notification target whose URL has a path, to that topic as it stands.
 */
struct route {
    char *topic;  /* owned */
    char *prefix; /* of the response's topic, owned; NULL: no response is waited for, the broker's word is enough */
    char originator[TOPIC_ID_SIZE], receiver[TOPIC_ID_SIZE];
};
/* 0, or -1 with `why`. `names`: the notification target mqtt://HOST/ID is the AE of that id, which gives no response. */
int map_route(struct route *route, const struct request *req, const struct broker *broker, enum serialization serialization,
              bool names, char *why, size_t why_size);
void route_done(struct route *route);

#endif
