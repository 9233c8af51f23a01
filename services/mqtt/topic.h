/* Topics, and which broker an address means: TS-0010 6.3 and 6.4. Pure. */
#ifndef MQTT_TOPIC_H
#define MQTT_TOPIC_H

#include "str.h"
#include "target.h"

enum topic_kind { TOPIC_REQUEST, TOPIC_RESPONSE, TOPIC_REGISTRATION, TOPIC_REGISTRATION_RESPONSE };

#define TOPIC_ID_SIZE 256 /* of an id, as topics write it, with its NUL */

/* [PREFIX]/oneM2M/KIND/ORIGINATOR/RECEIVER[/TYPE]. The ids as topics write them: "id-in:Cae". */
struct topic {
    enum topic_kind kind;
    char originator[TOPIC_ID_SIZE], receiver[TOPIC_ID_SIZE];
    enum serialization serialization; /* JSON when the topic does not say; NONE: one that is not spoken here */
};

/* 0, or -1: it is none. `prefix` is what stands before "/oneM2M", "" for nothing. */
int topic_parse(struct topic *t, const char *topic, const char *prefix);
/* Appends the topic. */
void topic_write(struct str *out, const char *prefix, const struct topic *t);

/* "/id-in/Cae" becomes "id-in:Cae", "//sp/id-in" ":sp:id-in", TS-0010 6.3. 0, or -1: it can be no part of a topic. */
int topic_escape(const char *id, char out[TOPIC_ID_SIZE]);
/* Back: "/id-in/Cae", and "/Cae" as well for "Cae". The caller frees. */
char *topic_unescape(const char *id);
/* Is the one that a topic names who says to be `fr`? */
bool topic_names(const char *id, const char *fr);

/* mqtt://HOST[:PORT][/PATH] */
struct broker {
    bool tls;
    int port;
    char host[256]; /* without the brackets of an IPv6 address */
    char path[512]; /* without the slash in front; "" when there is none */
};
/* 0, or -1 with `why`. */
int broker_parse(struct broker *b, const char *url, char *why, size_t why_size);
bool broker_same(const struct broker *a, const struct broker *b); /* apart from their paths */

#endif
