#include "t8.h"

#include "clock.h"
#include "json.h"
#include "network.h"

#include <openssl/evp.h>

#include "mem.h"

enum { ID_MAX = 200, MINUTE = 60000, HOUR = 3600000, DAY = 86400000, HOURS_AHEAD = 366 * 24 };

/* ---- resources ---- */

static const struct {
    const char *name, *path;
} apis[] = {
    [T8_TRIGGER] = {"trigger",  "/3gpp-device-triggering/v1/%s/transactions"},
    [T8_LOCATION] = {"location", "/3gpp-monitoring-event/v1/%s/subscriptions"},
    [T8_TRANSFER] = {"transfer", "/3gpp-bdt/v1/%s/subscriptions"             },
};

const char *t8_name(enum t8_api api)
{
    return apis[api].name;
}

char *t8_path(enum t8_api api, const char *scs, const char *id)
{
    const char *mark = strstr(apis[api].path, "%s");

    return xasprintf("%.*s%s%s%s%s", (int)(mark - apis[api].path), apis[api].path, scs, mark + 2, id ? "/" : "", id ? id : "");
}

static char *last_segment(const char *address)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    const char *slash = address ? strrchr(address, '/') : NULL, *id = slash ? slash + 1 : address;
    size_t len = id ? strlen(id) : 0;

    if (len == 0 || len > ID_MAX || strspn(id, unreserved) != len || strspn(id, ".") == len)
        return NULL;
    return xstrdup(id);
}

char *t8_id(const char *location, const json_t *body)
{
    char *id = last_segment(*location ? location : NULL);

    return id ? id : last_segment(json_str(body, "self"));
}

char *t8_find(const json_t *list, const char *destination)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        const char *to = json_str(one, "notificationDestination");

        if (to && strcmp(to, destination) == 0)
            return last_segment(json_str(one, "self"));
    }
    return NULL;
}

/* Who is meant: one of the two members says it. */
static void set_device(json_t *body, const char *id)
{
    const char *member = id ? network_identity(id) : NULL;

    if (member)
        json_object_set_new(body, member, json_string(id));
}

/* ---- triggers ---- */

bool trigger_is_pending(int64_t status)
{
    return status == TRIGGER_PROCESSING || status == TRIGGER_TRIGGERED || status == TRIGGER_REPLACED;
}

static json_t *split(const char *text)
{
    json_t *list = json_array();

    while (*text) {
        size_t n = strcspn(text, ",");

        if (n > 0)
            json_array_append_new(list, json_stringn(text, n));
        text += n + (text[n] == ',');
    }
    return list;
}

/* m2m:triggerPayload, base64: what the device is to do. */
static json_t *payload(const json_t *a, const char *poa)
{
    static const char *const told[] = {"tpe", "tiae", "tia", "tio", "tirt"};
    json_t *tgp = json_object();
    json_auto_t *whole = json_pack("{so}", "m2m:tgp", tgp);
    auto_str struct str text = STR_EMPTY;
    unsigned char *encoded;
    json_t *result;

    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        if (json_object_get(a, told[i]))
            json_object_set(tgp, told[i], json_object_get(a, told[i]));
    if (*poa)
        json_object_set_new(tgp, "tipa", split(poa));
    json_write(&text, whole);
    encoded = xcalloc(text.len / 3 + 2, 4);
    EVP_EncodeBlock(encoded, (const unsigned char *)text.data, (int)text.len);
    result = json_string((const char *)encoded);
    free(encoded);
    return result;
}

json_t *t8_trigger(const json_t *a, int64_t now, int64_t until, const char *poa, const char *destination)
{
    int64_t left = (until - now + 999) / 1000;
    json_t *body = json_pack("{sI ss sI so ss}", "validityPeriod", (json_int_t)(left > 1 ? left : 1), "priority", "NO_PRIORITY",
                             "applicationPortId", (json_int_t)json_int(a, "tri", 0), "triggerPayload", payload(a, poa),
                             "notificationDestination", destination);

    set_device(body, json_str(a, "mei"));
    return body;
}

int t8_trigger_status(const char *result)
{
    static const struct {
        const char *result;
        enum trigger_status status;
    } results[] = {
        {"SUCCESS",     TRIGGER_DELIVERED  },
        {"UNKNOWN",     TRIGGER_FAILED     },
        {"FAILURE",     TRIGGER_FAILED     },
        {"TRIGGERED",   TRIGGER_TRIGGERED  },
        {"EXPIRED",     TRIGGER_EXPIRED    },
        {"UNCONFIRMED", TRIGGER_UNCONFIRMED},
        {"REPLACED",    TRIGGER_REPLACED   },
        {"TERMINATE",   TRIGGER_TERMINATED },
    };

    for (size_t i = 0; result && i < ARRAY_LEN(results); i++)
        if (strcmp(results[i].result, result) == 0)
            return (int)results[i].status;
    return 0;
}

/* ---- places ---- */

/* Seconds, at least one; 0 if there is none. */
static int64_t period(const json_t *a)
{
    const char *first = json_string_value(json_array_get(json_object_get(a, "lou"), 0));
    int64_t ms = 0;

    if (!first || clock_parse_duration(first, &ms) < 0 || ms <= 0)
        return 0;
    return ms < 1000 ? 1 : ms / 1000;
}

json_t *t8_location(const json_t *a, const char *destination)
{
    bool known = json_is_true(json_object_get(a, "rlkl"));
    json_t *body = json_pack("{ss ss ss ss}", "notificationDestination", destination, "monitoringType", "LOCATION_REPORTING",
                             "locationType", known ? "LAST_KNOWN_LOCATION" : "CURRENT_LOCATION", "accuracy", "GEO_AREA");
    const char *et = json_str(a, "et");
    char until[T8_TIME_SIZE];
    int64_t ms;

    set_device(body, json_str(a, "lot"));
    if (!period(a) && !json_object_get(a, "luec")) {
        json_object_set_new(body, "maximumNumberOfReports", json_integer(1));
        return body;
    }
    if (period(a))
        json_object_set_new(body, "repPeriod", json_integer(period(a)));
    if (et && clock_parse(et, &ms) == 0) {
        t8_format_time(ms, until);
        json_object_set_new(body, "monitorExpireTime", json_string(until));
    } else {
        json_object_set_new(body, "maximumNumberOfReports", json_integer(INT32_MAX));
    }
    return body;
}

/* GeographicalCoordinates as a position of GeoJSON. */
static json_t *position(const json_t *point)
{
    const json_t *lon = json_object_get(point, "lon"), *lat = json_object_get(point, "lat");

    if (!json_is_number(lon) || !json_is_number(lat))
        return NULL;
    return json_pack("[OO]", lon, lat);
}

static json_t *polygon(const json_t *points)
{
    json_t *ring = json_array();
    const json_t *point;
    size_t i;

    json_array_foreach(points, i, point)
    {
        if (json_array_append_new(ring, position(point)) < 0)
            break;
    }
    if (i < 3 || i < json_array_size(points)) {
        json_decref(ring);
        return NULL;
    }
    if (!json_equal(json_array_get(ring, 0), json_array_get(ring, i - 1)))
        json_array_append(ring, json_array_get(ring, 0));
    return json_pack("{ss s[o]}", "type", "Polygon", "coordinates", ring);
}

json_t *t8_position(const json_t *report)
{
    const char *type = json_str(report, "monitoringType");
    const json_t *info = json_object_get(report, "locationInfo");
    const json_t *area = json_object_get(info, "geographicArea");
    json_t *found;

    if ((type && strcmp(type, "LOCATION_REPORTING") != 0) || !json_is_object(info))
        return NULL;
    if ((found = position(json_object_get(area, "point"))))
        return json_pack("{ss so}", "type", "Point", "coordinates", found);
    if ((found = polygon(json_object_get(area, "pointList"))))
        return found;
    return json_incref((json_t *)info);
}

/* ---- background data ---- */

/* m2m:locationRegion as LocationArea: a circle (latitude, longitude, radius) or countries. NULL: none. */
static json_t *location_area(const json_t *region)
{
    const json_t *circle = json_object_get(region, "accr"), *countries = json_object_get(region, "accc"), *country;
    json_t *civic;
    size_t i;

    if (json_array_size(circle) == 3)
        return json_pack("{s[{ss s{sO sO} sO}]}", "geographicAreas", "shape", "POINT_UNCERTAINTY_CIRCLE", "point", "lat",
                         json_array_get(circle, 0), "lon", json_array_get(circle, 1), "uncertainty", json_array_get(circle, 2));
    if (json_array_size(countries) == 0)
        return NULL;
    civic = json_array();
    json_array_foreach(countries, i, country)
    {
        json_array_append_new(civic, json_pack("{sO}", "country", country));
    }
    return json_pack("{so}", "civicAddresses", civic);
}

static json_t *time_window(int64_t start, int64_t stop)
{
    char from[T8_TIME_SIZE], to[T8_TIME_SIZE];

    t8_format_time(start, from);
    t8_format_time(stop, to);
    return json_pack("{ss ss}", "startTime", from, "stopTime", to);
}

json_t *t8_transfer(const json_t *a, int64_t start, int64_t stop, const char *destination)
{
    json_t *body = json_pack("{s{sI} sI so ss}", "volumePerUE", "totalVolume", (json_int_t)json_int(a, "vpn", 0), "numberOfUEs",
                             (json_int_t)json_int(a, "non", 0), "desiredTimeWindow", time_window(start, stop),
                             "notificationDestination", destination);
    json_t *area = location_area(json_object_get(a, "ggi"));

    if (area)
        json_object_set_new(body, "locationArea", area);
    return body;
}

/* Bandwidth: "100 Kbps" in newer releases, a number of bits per second in older ones. */
static double bandwidth(const json_t *value)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {
        {"bps",  1   },
        {"Kbps", 1e3 },
        {"Mbps", 1e6 },
        {"Gbps", 1e9 },
        {"Tbps", 1e12},
    };
    const char *text = json_string_value(value);
    char *unit;
    double number;

    if (!text)
        return json_number_value(value);
    number = strtod(text, &unit);
    unit += strspn(unit, " ");
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(units[i].unit, unit) == 0)
            return number * units[i].factor;
    return 0;
}

/* The less, the better. The ratingGroup is all that a policy says of its cost. */
static double burden(const json_t *policy, int64_t guidance)
{
    enum { LOWEST_COST = 1, BEST_DATA_RATES };

    if (guidance == LOWEST_COST)
        return (double)json_int(policy, "ratingGroup", INT32_MAX);
    if (guidance == BEST_DATA_RATES)
        return -bandwidth(json_object_get(policy, "maxDownlinkBandwidth")) -
               bandwidth(json_object_get(policy, "maxUplinkBandwidth"));
    return 0;
}

const json_t *t8_choose(const json_t *policies, int64_t guidance)
{
    const json_t *best = NULL, *one;
    int64_t start, stop;
    size_t i;

    json_array_foreach(policies, i, one)
    {
        if (json_is_integer(json_object_get(one, "bdtPolicyId")) && t8_policy_window(one, &start, &stop) &&
            (!best || burden(one, guidance) < burden(best, guidance)))
            best = one;
    }
    return best;
}

bool t8_policy_window(const json_t *policy, int64_t *start, int64_t *stop)
{
    const json_t *window = json_object_get(policy, "timeWindow");
    const char *from = json_str(window, "startTime"), *to = json_str(window, "stopTime");

    return from && to && t8_parse_time(from, start) == 0 && t8_parse_time(to, stop) == 0 && *start < *stop;
}

/* ---- time ---- */

/* The entry with its first `count` fields open. */
static char *opened(const char *entry, int count)
{
    struct str text = STR_EMPTY;

    for (int i = 0; i < count; i++) {
        entry += strspn(entry, " ");
        entry += strcspn(entry, " ");
        str_puts(&text, "* ");
    }
    str_puts(&text, entry);
    return str_take(&text);
}

bool t8_next_window(const char *entry, int64_t now, int64_t *start, int64_t *stop)
{
    auto_free char *minutes = opened(entry, 1), *hours = opened(entry, 2);
    int64_t at = (now / MINUTE + 1) * MINUTE, end = now + HOURS_AHEAD * (int64_t)HOUR;

    while (at < end && !clock_schedule_matches(minutes, at))
        at = clock_schedule_matches(hours, at) ? at + MINUTE : (at / HOUR + 1) * HOUR;
    if (at >= end)
        return false;
    *start = at;
    while (at < *start + DAY && clock_schedule_matches(minutes, at))
        at += MINUTE;
    *stop = at;
    return true;
}

char *t8_entry(int64_t start, int64_t stop)
{
    struct clock_date a, b;

    clock_split(start, &a);
    clock_split(stop - 1, &b); /* the last moment inside */
    if (start % MINUTE || stop % MINUTE || a.year != b.year || a.month != b.month)
        return NULL;
    if (start % DAY == 0 && stop % DAY == 0)
        return xasprintf("* * * %d-%d %d * %d", a.day, b.day, a.month, a.year);
    if (a.day == b.day && start % HOUR == 0 && stop % HOUR == 0)
        return xasprintf("* * %d-%d %d %d * %d", a.hour, b.hour, a.day, a.month, a.year);
    if (a.day == b.day && a.hour == b.hour)
        return xasprintf("* %d-%d %d %d %d * %d", a.minute, b.minute, a.hour, a.day, a.month, a.year);
    return NULL;
}

void t8_format_time(int64_t ms, char out[T8_TIME_SIZE])
{
    struct clock_date d;

    clock_split(ms, &d);
    snprintf(out, T8_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year % 10000, d.month % 100, d.day % 100, d.hour % 100,
             d.minute % 100, d.second % 100);
}

/* "Z", "+hh:mm" or "-hh:mm". */
static int parse_offset(const char *text, int64_t *ms)
{
    int hours, minutes, len = 0;

    *ms = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return 0;
    if ((*text != '+' && *text != '-') || sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &len) != 2 || text[1 + len] ||
        hours > 23 || minutes > 59)
        return -1;
    *ms = (hours * INT64_C(60) + minutes) * MINUTE * (*text == '-' ? -1 : 1);
    return 0;
}

int t8_parse_time(const char *text, int64_t *ms)
{
    int year, month, day, hour, minute, second, len = 0;
    char stamp[CLOCK_TEXT_SIZE];
    int64_t offset, at;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &len) != 6 || year < 0 ||
        month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0)
        return -1;
    text += len;
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    snprintf(stamp, sizeof stamp, "%04d%02d%02dT%02d%02d%02d", year % 10000, month % 100, day % 100, hour % 100, minute % 100,
             second % 100);
    if (parse_offset(text, &offset) < 0 || clock_parse(stamp, &at) < 0)
        return -1;
    *ms = at - offset;
    return 0;
}
