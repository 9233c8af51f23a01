/*
 * <locationPolicy>, TS-0004 7.4.10, TS-0001 9.6.10 and 10.2.9: a container for positions comes and goes with it. The
 * network, the device itself, or whoever shares its place stores them there; for a geofence each is looked at, and events are
 * stored behind it.
 */
#include "geometry.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "network.h"
#include "rules.h"
#include "special.h"

enum { TY_CONTAINER = 3, TY_CONTENT = 4 };
enum source { BY_NETWORK = 1, BY_DEVICE, BY_SHARING };
enum information { POSITION = 1, GEOFENCE };
enum fence_event { ENTERING = 1, LEAVING, INSIDE, OUTSIDE };

/* ---- places ---- */

/* A GeoJSON geometry, or its text; the caller owns it. */
static json_t *as_object(const json_t *value)
{
    if (json_is_string(value))
        return json_loadb(json_string_value(value), json_string_length(value), JSON_REJECT_DUPLICATES, NULL);
    return json_incref((json_t *)value);
}

/* {"type":"Point","coordinates":[...]} as a geometry, if it is of one of the types (m2m:geometryType, ended by 0). */
static struct geometry *read_geometry(const json_t *value, const int *types, char *why, size_t why_size)
{
    static const char *const names[] = {"", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"};
    json_auto_t *object = as_object(value);
    const char *type = json_str(object, "type");

    for (; type && *types; types++)
        if (strcmp(type, names[*types]) == 0)
            return geometry_new(*types, json_object_get(object, "coordinates"), why, why_size);
    snprintf(why, why_size, "not a GeoJSON geometry of the right type");
    return NULL;
}

static const int areas[] = {3, 6, 0}, points[] = {1, 0};

static enum rsc check_area(struct plan *plan, const json_t *gta)
{
    char why[160] = "";
    struct geometry *area = read_geometry(gta, areas, why, sizeof why);

    geometry_free(area);
    return area ? RSC_OK : plan_refuse(plan, RSC_BAD_REQUEST, "gta: %s (Polygon or MultiPolygon)", why);
}

/* ---- the policy ---- */

/* `a` is the policy as it will be. */
static enum rsc check_fence(struct plan *plan, const json_t *a)
{
    const json_t *gta = json_object_get(a, "gta");
    bool fence = json_int(a, "lit", POSITION) == GEOFENCE;

    if (fence && (!gta || !json_object_get(a, "gec")))
        return plan_refuse(plan, RSC_BAD_REQUEST, "lit: 2 (geofence) takes gta and gec");
    if (!fence && (gta || json_object_get(a, "gec")))
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: only with lit 2 (geofence)", gta ? "gta" : "gec");
    return fence ? check_area(plan, gta) : RSC_OK;
}

/* The network locates whom it knows; docs/network.md. */
static enum rsc check_network(struct plan *plan, const json_t *a)
{
    if (!network_configured())
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "los: 1 (network): %s", network_missing);
    if (!network_identity(json_str(a, "lot")))
        return plan_refuse(plan, RSC_BAD_REQUEST, "lot: neither an external identifier (LOCAL@DOMAIN) nor an MSISDN");
    return RSC_OK;
}

static enum rsc check_source(struct plan *plan, const json_t *a)
{
    const char *lon = json_str(a, "lon");
    enum rsc rsc;

    if (json_int(a, "los", 0) == BY_NETWORK && (!json_object_get(a, "lot") || !json_object_get(a, "lor")))
        return plan_refuse(plan, RSC_BAD_REQUEST, "los: 1 (network) takes lot and lor");
    if (json_int(a, "los", 0) == BY_NETWORK && (rsc = check_network(plan, a)) != RSC_OK)
        return rsc;
    if (lon && (!address_name_valid(lon) || rtype_name_is_virtual(lon)))
        return plan_refuse(plan, RSC_BAD_REQUEST, "lon: not a resource name");
    return RSC_OK;
}

/* The container for positions, beside the policy: both know each other, and have the same rights and time to live. */
static void add_container(struct plan *plan, json_t *a)
{
    static const char *const shared[] = {"pi", "ct", "acpi", "et"};
    char id[ID_SIZE];
    const char *rn;
    json_t *c = json_object();

    id_derived("cnt", json_str(a, "ri"), id);
    rn = json_str(a, "lon") ? json_str(a, "lon") : id;
    json_object_set_new(c, "rn", json_string(rn));
    json_object_set_new(c, "ty", json_integer(TY_CONTAINER));
    json_object_set_new(c, "ri", json_string(id));
    for (size_t i = 0; i < ARRAY_LEN(shared); i++)
        if (json_object_get(a, shared[i]))
            json_object_set(c, shared[i], json_object_get(a, shared[i]));
    json_object_set(c, "li", json_object_get(a, "ri"));
    json_object_set_new(a, "loi", json_string(id));
    auto_free char *path = xasprintf("%s/%s", plan->target->path, rn);
    plan->ops = json_pack("[{ss s{ss ss si ss ss so}}]", "op", "create", "r", "ri", id, "pi", plan->target->ri, "ty",
                          TY_CONTAINER, "path", path, "by", plan->originator, "a", c);
}

enum rsc lcp_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = check_source(plan, a);

    (void)req;
    (void)snap;
    if (rsc == RSC_OK)
        rsc = check_fence(plan, a);
    if (rsc == RSC_OK)
        add_container(plan, a);
    return rsc;
}

/* Where the device is counts anew from another fence on; the container's time is the policy's. */
enum rsc lcp_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    static const char *const fence[] = {"lit", "gta", "gec"};
    json_auto_t *a = json_copy(plan->target->a);
    const char *loi = json_str(a, "loi");
    bool changes = false;
    enum rsc rsc;

    (void)req;
    (void)snap;
    json_object_update(a, set);
    for (size_t i = 0; i < json_array_size(del); i++)
        json_object_del(a, json_string_value(json_array_get(del, i)));
    if ((rsc = check_fence(plan, a)) != RSC_OK)
        return rsc;
    for (size_t i = 0; i < ARRAY_LEN(fence); i++)
        changes = changes || !json_equal(json_object_get(a, fence[i]), json_object_get(plan->target->a, fence[i]));
    if (changes)
        json_object_set_new(set, "lost", json_string(""));
    if (loi && json_object_get(set, "et"))
        json_array_append_new(
            plan->ops, json_pack("{ss ss s{sO} s[]}", "op", "update", "ri", loi, "set", "et", json_object_get(set, "et"), "del"));
    if (json_int(a, "los", 0) == BY_NETWORK) /* for who asks the network: this is not what the positions themselves change */
        json_array_append_new(
            plan->ops, json_pack("{ss ss ss s[] s{}}", "op", "report", "ri", plan->target->ri, "event", "locate", "to", "rep"));
    return RSC_OK;
}

enum rsc lcp_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const char *loi = json_str(plan->target->a, "loi");
    const struct resource *container = NULL;
    enum rsc rsc = loi ? look_up(snap, loi, &container) : RSC_NOT_FOUND;

    (void)req;
    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc == RSC_OK)
        plan->ops = json_pack("[{ss ss}]", "op", "delete", "ri", container->ri);
    return RSC_OK;
}

/* ---- positions ---- */

/* The event that a position causes, 0 = none. `before` is locationStatus: nothing is known before the first position. */
static int fence_event(int64_t gec, const char *before, bool inside)
{
    bool was_inside = strcmp(before, "inside") == 0, was_outside = strcmp(before, "outside") == 0;

    switch (gec) {
    case ENTERING:
        return was_outside && inside ? ENTERING : 0;
    case LEAVING:
        return was_inside && !inside ? LEAVING : 0;
    case INSIDE:
        return inside ? INSIDE : 0;
    case OUTSIDE:
        return inside ? 0 : OUTSIDE;
    default:
        return 0;
    }
}

static json_t *event_instance(const struct plan *plan, int event)
{
    static const char *const limits[] = {"mni", "mbs"};
    json_t *instance =
        json_pack("{si si s{ss so}}", "ty", TY_CONTENT, "cs", 1, "a", "cnf", "text/plain:0", "con", json_sprintf("%d", event));

    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        if (json_object_get(plan->limits, limits[i]))
            json_object_set(instance, limits[i], json_object_get(plan->limits, limits[i]));
    if (plan->et > 0)
        json_object_set_new(instance, "et", json_integer(plan->et));
    return instance;
}

static void follow(struct plan *plan, const struct resource *policy, bool inside)
{
    const char *before = json_str(policy->a, "lost") ? json_str(policy->a, "lost") : "", *now = inside ? "inside" : "outside";
    int event = fence_event(json_int(policy->a, "gec", 0), before, inside);

    if (strcmp(before, now) == 0 && !event)
        return;
    plan->then = json_array();
    if (strcmp(before, now) != 0)
        json_array_append_new(plan->then,
                              json_pack("{ss ss s{ss} s[]}", "op", "update", "ri", policy->ri, "set", "lost", now, "del"));
    if (event)
        json_array_append_new(
            plan->then, json_pack("{ss ss so}", "op", "append", "ri", plan->target->ri, "instance", event_instance(plan, event)));
}

enum rsc lcp_position(struct snapshot *snap, struct plan *plan, struct slice con)
{
    const char *li = json_str(plan->target->a, "li");
    const struct resource *policy = NULL;
    json_auto_t *content = NULL;
    struct geometry *place, *area;
    char ignored[160];
    enum rsc rsc = li ? look_up(snap, li, &policy) : RSC_NOT_FOUND;

    if (rsc != RSC_OK || json_int(policy->a, "lit", POSITION) != GEOFENCE)
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    content = json_loadb(con.p, con.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    place = read_geometry(content, points, ignored, sizeof ignored);
    area = place ? read_geometry(json_object_get(policy->a, "gta"), areas, ignored, sizeof ignored) : NULL;
    if (area)
        follow(plan, policy, geometry_related(area, GEOMETRY_CONTAINS, place));
    geometry_free(place);
    geometry_free(area);
    return RSC_OK;
}
