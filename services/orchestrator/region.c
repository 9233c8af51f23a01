#include "region.h"

#include "json.h"
#include "mem.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

enum { COUNTRIES_MAX = 1024 };

/* An address or network as IPv6 has it: 128 bits, of which the first `bits` count. */
struct network {
    unsigned char base[16];
    long bits;
};

static struct {
    struct network network;
    char code[3];
} countries[COUNTRIES_MAX];
static size_t country_count;

/* ---- addresses */

/* Reads an address as IPv6 (IPv4 ones as ::ffff:a.b.c.d); `bits` is how many it really has. */
static bool address_read(const char *text, unsigned char out[16], long *bits)
{
    unsigned char v4[4];

    if (inet_pton(AF_INET, text, v4) == 1) {
        memset(out, 0, 10);
        memset(out + 10, 0xFF, 2);
        memcpy(out + 12, v4, 4);
        *bits = 32;
        return true;
    }
    *bits = 128;
    return inet_pton(AF_INET6, text, out) == 1;
}

/* `text` is an address, or "address/prefix". */
static bool network_read(const char *text, size_t len, struct network *network)
{
    auto_free char *copy = xstrndup(text, len);
    char *slash = strchr(copy, '/'), *end = NULL;
    long whole, bits;

    if (slash)
        *slash++ = '\0';
    if (!address_read(copy, network->base, &whole))
        return false;
    bits = slash ? strtol(slash, &end, 10) : whole;
    if (bits < 0 || bits > whole || (slash && (end == slash || *end)))
        return false;
    network->bits = bits + 128 - whole;
    return true;
}

static bool network_has(const struct network *network, const unsigned char peer[16])
{
    long whole = network->bits / 8, rest = network->bits % 8;
    unsigned mask = rest ? 0xFFU << (8 - rest) & 0xFF : 0;

    if (memcmp(network->base, peer, (size_t)whole) != 0)
        return false;
    return mask == 0 || (network->base[whole] & mask) == (peer[whole] & mask);
}

bool region_has_address(const json_t *addresses, const char *peer)
{
    static const char *const families[] = {"ipv4", "ipv6"};
    unsigned char binary[16];
    long bits;

    if (!peer || !address_read(peer, binary, &bits))
        return false;
    for (size_t f = 0; f < ARRAY_LEN(families); f++) {
        const json_t *list = json_object_get(addresses, families[f]);

        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *text = json_string_value(json_array_get(list, i));
            struct network network;

            if (text && network_read(text, strlen(text), &network) && network_has(&network, binary))
                return true;
        }
    }
    return false;
}

/* ---- countries */

static bool country_read(const char *text, size_t len, struct network *network, char code[3])
{
    const char *equals = memchr(text, '=', len);
    size_t at = equals ? (size_t)(equals - text) : 0;

    if (!equals || len - at != 3 || !isalpha((unsigned char)equals[1]) || !isalpha((unsigned char)equals[2]))
        return false;
    code[0] = (char)toupper((unsigned char)equals[1]);
    code[1] = (char)toupper((unsigned char)equals[2]);
    code[2] = '\0';
    return network_read(text, at, network);
}

bool region_set_countries(const char *text, char *why, size_t why_size)
{
    static const char blank[] = " \t\n,";
    size_t count = 0, len;

    for (const char *p = text + strspn(text, blank); *p; p += len, p += strspn(p, blank)) {
        len = strcspn(p, blank);
        if (count == COUNTRIES_MAX) {
            snprintf(why, why_size, "more than %d networks", COUNTRIES_MAX);
            return false;
        }
        if (!country_read(p, len, &countries[count].network, countries[count].code)) {
            snprintf(why, why_size, "'%.*s' is no NETWORK=COUNTRY", (int)(len < 80 ? len : 80), p);
            return false;
        }
        count++;
    }
    country_count = count;
    return true;
}

const char *region_country(const char *peer)
{
    unsigned char binary[16];
    long bits;

    if (!peer || country_count == 0 || !address_read(peer, binary, &bits))
        return NULL;
    for (size_t i = 0; i < country_count; i++)
        if (network_has(&countries[i].network, binary))
            return countries[i].code;
    return NULL;
}

static bool country_listed(const json_t *list, const char *country)
{
    for (size_t i = 0; country && i < json_array_size(list); i++)
        if (strcasecmp(json_string_value(json_array_get(list, i)), country) == 0)
            return true;
    return false;
}

/* ---- places */

/* A value, or the JSON that a text holds; the caller owns it. */
static json_t *read_value(const json_t *value)
{
    if (json_is_string(value))
        return json_loadb(json_string_value(value), json_string_length(value), JSON_DECODE_ANY, NULL);
    return json_incref((json_t *)value);
}

bool region_place(const json_t *value, struct place *place)
{
    enum { POINT = 1 };
    json_auto_t *object = read_value(value);
    const char *type = json_str(object, "type");
    bool point = json_int(object, "typ", 0) == POINT || (type && strcmp(type, "Point") == 0);
    json_auto_t *position = read_value(json_object_get(object, type ? "coordinates" : "crd"));
    const json_t *longitude = json_array_get(position, 0), *latitude = json_array_get(position, 1);

    if (!point || !json_is_number(longitude) || !json_is_number(latitude))
        return false;
    *place = (struct place){json_number_value(latitude), json_number_value(longitude)};
    return true;
}

static double radians(double degrees)
{
    return degrees * (3.14159265358979323846 / 180);
}

/* Metres on a sphere of the Earth's mean radius: at most 0.6 % off. */
static double distance(const struct place *a, const struct place *b)
{
    enum { EARTH_RADIUS_M = 6371009 };
    double up = sin(radians(b->latitude - a->latitude) / 2), across = sin(radians(b->longitude - a->longitude) / 2);
    double h = up * up + cos(radians(a->latitude)) * cos(radians(b->latitude)) * across * across;

    return 2 * EARTH_RADIUS_M * asin(sqrt(h < 1 ? h : 1));
}

static bool circle_has(const json_t *circle, const struct place *place)
{
    struct place centre = {json_number_value(json_array_get(circle, 0)), json_number_value(json_array_get(circle, 1))};

    return place && distance(&centre, place) <= json_number_value(json_array_get(circle, 2));
}

bool region_holds(const json_t *region, const struct place *place, const char *country)
{
    const json_t *circle = json_object_get(region, "accr"), *codes = json_object_get(region, "accc");

    if (!circle && !codes)
        return false;
    return (!circle || circle_has(circle, place)) && (!codes || country_listed(codes, country));
}
