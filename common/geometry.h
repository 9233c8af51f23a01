/*
 * Geometries of m2m:geoCoordinates and geo-queries, and how two of them lie to each other. Positions are longitude and latitude
 * in degrees (RFC 7946); lines between them are straight in these coordinates, heights count for nothing. The relations are
 * those of OGC Simple Features. One thread only.
 */
#ifndef TESSERA_GEOMETRY_H
#define TESSERA_GEOMETRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GEOMETRY_POSITIONS_MAX 500 /* of one geometry: comparing two takes up to the product of their numbers */

enum geometry_relation { GEOMETRY_WITHIN = 1, GEOMETRY_CONTAINS, GEOMETRY_INTERSECTS }; /* m2m:geoSpatialFunctionType */

struct geometry;
/* `typ` is an m2m:geometryType, `crd` its coordinates or their text. NULL with `why` when they are no valid geometry. */
struct geometry *geometry_new(int64_t typ, const json_t *crd, char *why, size_t why_size);
void geometry_free(struct geometry *geometry);
/* Is `a` within `b`, does it contain `b`, do they share a point? */
bool geometry_related(const struct geometry *a, enum geometry_relation relation, const struct geometry *b);

/*
 * A geo-query of filterCriteria: gmty, geom and gsf relate the geometry asked for to the attribute `loc`. They belong together;
 * geo_query_new() gives NULL with `why` empty when all are absent, and with a reason when they are malformed.
 */
struct geo_query;
struct geo_query *geo_query_new(const json_t *fc, char *why, size_t why_size);
void geo_query_free(struct geo_query *query);
bool geo_query_match(const struct geo_query *query, const json_t *loc); /* false without a usable `loc` */

/*
 * Coordinates as RFC 7946 has them: read if given as text, a polygon's only ring put into a list where it is not. A new
 * reference; NULL when they do not fit the type or are too many. In common/types/geo.c.
 */
json_t *geometry_coordinates(int64_t typ, const json_t *crd);

#endif
