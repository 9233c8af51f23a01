/*
 * Where an originator is, for accessControlLocationRegion and accessControlIpAddresses (TS-0001 9.6.2, TS-0004 6.3.5.27 and 28):
 * addresses in networks, countries by networks, places in circles. Pure, except for the table of countries, which is set once.
 */
#ifndef TESSERA_REGION_H
#define TESSERA_REGION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* m2m: one of `ipv4` and `ipv6`, lists of addresses and networks ("10.0.0.0/8"). False if `peer` is NULL or no address. */
bool region_has_address(const json_t *addresses, const char *peer);

/*
 * Setting, once at start: in which country the peers of a network are, "10.1.0.0/16=KR 2001:db8::/32=DE"; of several networks
 * the first counts. False with `why` when it is malformed; nothing is set then.
 */
bool region_set_countries(const char *text, char *why, size_t why_size);
/* The country of a peer in two letters; NULL: nobody has told. */
const char *region_country(const char *peer);

/* A position, in degrees. */
struct place {
    double latitude, longitude;
};
/* Of a GeoJSON Point, or an m2m:geoCoordinates of that type, or the text of either. False if it is none. */
bool region_place(const json_t *value, struct place *place);
/*
 * m2m:locationRegion: the circle has the place, the countries have the country; if both are there, both must hold. What is
 * not known (NULL) is nowhere.
 */
bool region_holds(const json_t *region, const struct place *place, const char *country);

#endif
