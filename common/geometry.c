#include "geometry.h"

#include "json.h"
#include "mem.h"

#include <assert.h>
#include <geos_c.h>

struct geometry {
    GEOSGeometry *shape;
    const GEOSPreparedGeometry *prepared; /* of `shape`: one geometry is compared with many */
};

struct geo_query {
    struct geometry *geometry;
    enum geometry_relation relation;
};

static GEOSContextHandle_t geos(void)
{
    static GEOSContextHandle_t handle;

    if (!handle)
        handle = GEOS_init_r();
    assert(handle);
    return handle;
}

/* ---- from coordinates, whose form has been checked ---- */

static GEOSCoordSequence *read_line(const json_t *positions)
{
    size_t count = json_array_size(positions), i;
    GEOSCoordSequence *line = GEOSCoordSeq_create_r(geos(), (unsigned)count, 2);
    const json_t *position;

    json_array_foreach((json_t *)positions, i, position)
    {
        if (line)
            GEOSCoordSeq_setXY_r(geos(), line, (unsigned)i, json_number_value(json_array_get(position, 0)),
                                 json_number_value(json_array_get(position, 1)));
    }
    return line;
}

static GEOSGeometry *read_point(const json_t *position)
{
    return GEOSGeom_createPointFromXY_r(geos(), json_number_value(json_array_get(position, 0)),
                                        json_number_value(json_array_get(position, 1)));
}

static GEOSGeometry *read_line_string(const json_t *positions)
{
    return GEOSGeom_createLineString_r(geos(), read_line(positions));
}

static GEOSGeometry *read_ring(const json_t *positions)
{
    return GEOSGeom_createLinearRing_r(geos(), read_line(positions));
}

typedef GEOSGeometry *read_fn(const json_t *coordinates);

/* Each member of a list, from `first` on. False, with nothing kept, if one is no geometry. The parts belong to the caller. */
static bool read_parts(const json_t *list, size_t first, read_fn *read, GEOSGeometry **parts)
{
    size_t count = json_array_size(list);

    for (size_t i = first; i < count; i++) {
        parts[i - first] = read(json_array_get(list, i));
        if (parts[i - first])
            continue;
        while (i > first)
            GEOSGeom_destroy_r(geos(), parts[--i - first]);
        return false;
    }
    return true;
}

/* The outer ring, then the holes. */
static GEOSGeometry *read_polygon(const json_t *rings)
{
    auto_free GEOSGeometry **holes = xcalloc(json_array_size(rings), sizeof *holes);
    GEOSGeometry *shell = read_ring(json_array_get(rings, 0));

    if (!shell || !read_parts(rings, 1, read_ring, holes)) {
        GEOSGeom_destroy_r(geos(), shell);
        return NULL;
    }
    return GEOSGeom_createPolygon_r(geos(), shell, holes, (unsigned)json_array_size(rings) - 1);
}

static GEOSGeometry *read_collection(const json_t *list, int type, read_fn *read)
{
    auto_free GEOSGeometry **parts = xcalloc(json_array_size(list), sizeof *parts);

    if (!read_parts(list, 0, read, parts))
        return NULL;
    return GEOSGeom_createCollection_r(geos(), type, parts, (unsigned)json_array_size(list));
}

/* By m2m:geometryType: a reader, or a type of collection and the reader of its parts. */
static const struct geometry_type {
    read_fn *read;
    int collection;
} types[] = {
    [1] = {read_point,       -1                  },
    [2] = {read_line_string, -1                  },
    [3] = {read_polygon,     -1                  },
    [4] = {read_point,       GEOS_MULTIPOINT     },
    [5] = {read_line_string, GEOS_MULTILINESTRING},
    [6] = {read_polygon,     GEOS_MULTIPOLYGON   },
};

/* Says why a geometry is none: a ring that crosses itself, a hole outside. */
static bool is_valid(const GEOSGeometry *shape, char *why, size_t why_size)
{
    char *reason;

    if (GEOSisValid_r(geos(), shape) == 1)
        return true;
    reason = GEOSisValidReason_r(geos(), shape);
    snprintf(why, why_size, "%s", reason ? reason : "not a valid geometry");
    GEOSFree_r(geos(), reason);
    return false;
}

struct geometry *geometry_new(int64_t typ, const json_t *crd, char *why, size_t why_size)
{
    json_auto_t *list = geometry_coordinates(typ, crd);
    struct geometry *geometry;
    GEOSGeometry *shape;

    if (!list) {
        snprintf(why, why_size, "coordinates that do not fit the type, or more than %d positions", GEOMETRY_POSITIONS_MAX);
        return NULL;
    }
    shape = types[typ].collection < 0 ? types[typ].read(list) : read_collection(list, types[typ].collection, types[typ].read);
    if (!shape) {
        snprintf(why, why_size, "not a geometry");
        return NULL;
    }
    if (!is_valid(shape, why, why_size)) {
        GEOSGeom_destroy_r(geos(), shape);
        return NULL;
    }
    geometry = xcalloc(1, sizeof *geometry);
    geometry->shape = shape;
    return geometry;
}

void geometry_free(struct geometry *geometry)
{
    if (!geometry)
        return;
    GEOSPreparedGeom_destroy_r(geos(), geometry->prepared);
    GEOSGeom_destroy_r(geos(), geometry->shape);
    free(geometry);
}

bool geometry_related(const struct geometry *a, enum geometry_relation relation, const struct geometry *b)
{
    static char (*const plain[])(GEOSContextHandle_t, const GEOSGeometry *, const GEOSGeometry *) = {
        [GEOMETRY_WITHIN] = GEOSWithin_r,
        [GEOMETRY_CONTAINS] = GEOSContains_r,
        [GEOMETRY_INTERSECTS] = GEOSIntersects_r,
    };
    static char (*const prepared[])(GEOSContextHandle_t, const GEOSPreparedGeometry *, const GEOSGeometry *) = {
        [GEOMETRY_WITHIN] = GEOSPreparedWithin_r,
        [GEOMETRY_CONTAINS] = GEOSPreparedContains_r,
        [GEOMETRY_INTERSECTS] = GEOSPreparedIntersects_r,
    };

    return (a->prepared ? prepared[relation](geos(), a->prepared, b->shape) : plain[relation](geos(), a->shape, b->shape)) == 1;
}

/* ---- queries ---- */

struct geo_query *geo_query_new(const json_t *fc, char *why, size_t why_size)
{
    const json_t *gmty = json_object_get(fc, "gmty"), *geom = json_object_get(fc, "geom"), *gsf = json_object_get(fc, "gsf");
    int64_t relation = json_int(fc, "gsf", 0);
    struct geometry *geometry;
    struct geo_query *query;
    char problem[120] = "";

    *why = 0;
    if (!gmty && !geom && !gsf)
        return NULL;
    if (!gmty || !geom || !gsf || relation < GEOMETRY_WITHIN || relation > GEOMETRY_INTERSECTS) {
        snprintf(why, why_size, "gmty, geom and gsf (1 to 3) belong together");
        return NULL;
    }
    geometry = geometry_new(json_int(fc, "gmty", 0), geom, problem, sizeof problem);
    if (!geometry) {
        snprintf(why, why_size, "geom: %s", problem);
        return NULL;
    }
    geometry->prepared = GEOSPrepare_r(geos(), geometry->shape);
    query = xcalloc(1, sizeof *query);
    query->geometry = geometry;
    query->relation = (enum geometry_relation)relation;
    return query;
}

void geo_query_free(struct geo_query *query)
{
    if (!query)
        return;
    geometry_free(query->geometry);
    free(query);
}

bool geo_query_match(const struct geo_query *query, const json_t *loc)
{
    char ignored[120];
    struct geometry *geometry;
    bool yes;

    if (!json_is_object(loc))
        return false;
    geometry = geometry_new(json_int(loc, "typ", 0), json_object_get(loc, "crd"), ignored, sizeof ignored);
    yes = geometry && geometry_related(query->geometry, query->relation, geometry);
    geometry_free(geometry);
    return yes;
}
