/* m2m:geoCoordinates: a geometry type and coordinates as in GeoJSON (RFC 7946 3.1). */
#include "geometry.h"
#include "json.h"
#include "mem.h"
#include "types/types.h"

#include <stdio.h>

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
const struct attr geo_coordinates[] = {
    {"typ", ENUM, ONE, M,  O,  NA, enum_geometry, NULL             },
    {"crd", ANY,  ONE, M,  O,  NA, NULL,          check_coordinates},
    {NULL,  ANY,  OPT, NP, NP, NA, NULL,          NULL             },
};

/* The nesting of coordinates by geometry type, and how many positions a line of them has at least. */
static const struct shape {
    int levels; /* lists around a position */
    size_t points;
    bool closed; /* the last position is the first one again */
} shapes[] = {
    [1] = {0, 1, false}, /* Point */
    [2] = {1, 2, false}, /* LineString */
    [3] = {2, 4, true }, /* Polygon */
    [4] = {1, 1, false}, /* MultiPoint */
    [5] = {2, 2, false}, /* MultiLineString */
    [6] = {3, 4, true }, /* MultiPolygon */
};

/* Longitude, latitude and perhaps a height. */
static bool is_position(const json_t *value)
{
    size_t count = json_array_size(value);

    if (count < 2 || count > 3)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!json_is_number(json_array_get(value, i)))
            return false;
    return true;
}

/* `positions` counts down those that are still permitted. */
static bool fits_shape(const json_t *value, const struct shape *shape, int levels, int *positions)
{
    size_t count = json_array_size(value);

    if (levels == 0)
        return is_position(value) && --*positions >= 0;
    if (count < (levels == 1 ? shape->points : 1))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!fits_shape(json_array_get(value, i), shape, levels - 1, positions))
            return false;
    return levels > 1 || !shape->closed || json_equal(json_array_get(value, 0), json_array_get(value, count - 1));
}

/* The coordinates as a list, also if they are given as text (as some releases do). The caller owns the result. */
static json_t *as_list(const json_t *value)
{
    char ignored[64];

    if (json_is_string(value))
        return json_parse(json_string_value(value), json_string_length(value), ignored, sizeof ignored);
    return json_incref((json_t *)value);
}

/* Polygons without holes: rings given where lists of rings belong. NULL if they are not. The caller owns the result. */
static json_t *add_ring_lists(const json_t *list, const struct shape *shape)
{
    json_t *polygons;
    size_t i;
    json_t *ring;
    int positions = GEOMETRY_POSITIONS_MAX;

    if (!shape->closed || !fits_shape(list, shape, shape->levels - 1, &positions))
        return NULL;
    if (shape->levels == 2)
        return json_pack("[O]", list);
    polygons = json_array();
    json_array_foreach((json_t *)list, i, ring)
    {
        json_array_append_new(polygons, json_pack("[O]", ring));
    }
    return polygons;
}

json_t *geometry_coordinates(int64_t typ, const json_t *crd)
{
    const struct shape *shape = typ >= 1 && typ < (int64_t)ARRAY_LEN(shapes) ? &shapes[typ] : NULL;
    json_auto_t *list = as_list(crd);
    int positions = GEOMETRY_POSITIONS_MAX;

    if (!shape)
        return NULL;
    return fits_shape(list, shape, shape->levels, &positions) ? json_incref(list) : add_ring_lists(list, shape);
}

bool check_coordinates(const json_t *value, char *why, size_t why_size)
{
    for (size_t typ = 1; typ < ARRAY_LEN(shapes); typ++) {
        json_auto_t *list = geometry_coordinates((int64_t)typ, value);

        if (list)
            return true;
    }
    snprintf(why, why_size, "not coordinates");
    return false;
}

bool check_geometry(const json_t *value, char *why, size_t why_size)
{
    json_auto_t *list = geometry_coordinates(json_int(value, "typ", 0), json_object_get(value, "crd"));

    if (list)
        return true;
    snprintf(why, why_size, "crd does not fit typ");
    return false;
}
