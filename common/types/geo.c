/* m2m:geoCoordinates: a geometry type and coordinates as in GeoJSON (RFC 7946 3.1). */
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

static bool fits_shape(const json_t *value, const struct shape *shape, int levels)
{
    size_t count = json_array_size(value);

    if (levels == 0)
        return is_position(value);
    if (count < (levels == 1 ? shape->points : 1))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!fits_shape(json_array_get(value, i), shape, levels - 1))
            return false;
    return levels > 1 || !shape->closed || json_equal(json_array_get(value, 0), json_array_get(value, count - 1));
}

/* The coordinates as a list, also if they are given as text (as some releases do). The caller owns the result. */
static json_t *coordinates(const json_t *value)
{
    char ignored[64];

    if (json_is_string(value))
        return json_parse(json_string_value(value), json_string_length(value), ignored, sizeof ignored);
    return json_incref((json_t *)value);
}

bool check_coordinates(const json_t *value, char *why, size_t why_size)
{
    json_auto_t *list = coordinates(value);

    for (size_t i = 1; i < ARRAY_LEN(shapes); i++)
        if (fits_shape(list, &shapes[i], shapes[i].levels))
            return true;
    snprintf(why, why_size, "not coordinates");
    return false;
}

bool check_geometry(const json_t *value, char *why, size_t why_size)
{
    const struct shape *shape = &shapes[json_integer_value(json_object_get(value, "typ"))];
    json_auto_t *list = coordinates(json_object_get(value, "crd"));

    if (fits_shape(list, shape, shape->levels))
        return true;
    snprintf(why, why_size, "crd does not fit typ");
    return false;
}
