/* Access control rules and what they ask for: m2m:setOfAcrs, TS-0004 6.3.5.26 to 28 and 60. */
#include "mem.h"
#include "types/types.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

/* An address, or a network as "address/prefix". */
static bool network_valid(const char *text, int family, long bits)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char binary[16];
    size_t len = strcspn(text, "/");
    const char *prefix = text + len;
    char *end;

    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    if (inet_pton(family, address, binary) != 1)
        return false;
    if (!*prefix)
        return true;
    return isdigit((unsigned char)prefix[1]) && strtol(prefix + 1, &end, 10) <= bits && !*end;
}

static bool ipv4_valid(const char *text)
{
    return network_valid(text, AF_INET, 32);
}

static bool ipv6_valid(const char *text)
{
    return network_valid(text, AF_INET6, 128);
}

static bool check_ipv4(const json_t *value, char *why, size_t why_size)
{
    return check_each(value, ipv4_valid, "an IPv4 address or network", why, why_size);
}

static bool check_ipv6(const json_t *value, char *why, size_t why_size)
{
    return check_each(value, ipv6_valid, "an IPv6 address or network", why, why_size);
}

static bool check_one_ipv4(const json_t *value, char *why, size_t why_size)
{
    return check_text(value, ipv4_valid, "an IPv4 address or network", why, why_size);
}

static bool check_one_ipv6(const json_t *value, char *why, size_t why_size)
{
    return check_text(value, ipv6_valid, "an IPv6 address or network", why, why_size);
}

static bool country_valid(const char *text)
{
    return isalpha((unsigned char)text[0]) && isalpha((unsigned char)text[1]) && !text[2];
}

static bool check_countries(const json_t *value, char *why, size_t why_size)
{
    return check_each(value, country_valid, "a country code of two letters", why, why_size);
}

/* Latitude, longitude, radius in metres. */
static bool check_circle(const json_t *value, char *why, size_t why_size)
{
    static const double least[] = {-90, -180, 0}, most[] = {90, 180, 1e9};
    bool ok = json_array_size(value) == 3;

    for (size_t i = 0; ok && i < 3; i++) {
        double number = json_number_value(json_array_get(value, i));

        ok = number >= least[i] && number <= most[i];
    }
    if (!ok)
        snprintf(why, why_size, "not latitude, longitude and radius");
    return ok;
}

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr ip_addresses[] = {
    {"ipv4", LIST | STRING, OPT, O,  O,  NA, NULL, check_ipv4},
    {"ipv6", LIST | STRING, OPT, O,  O,  NA, NULL, check_ipv6},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL, NULL      },
};

const struct attr ip_address[] = {
    {"ip4", STRING, OPT, O,  O,  NA, NULL, check_one_ipv4},
    {"ip6", STRING, OPT, O,  O,  NA, NULL, check_one_ipv6},
    {NULL,  ANY,    OPT, NP, NP, NA, NULL, NULL          },
};

const struct attr location_region[] = {
    {"accr", LIST | FLOAT,  OPT, O,  O,  NA, NULL, check_circle   },
    {"accc", LIST | STRING, OPT, O,  O,  NA, NULL, check_countries},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL, NULL           },
};

static const struct attr contexts[] = {
    {"actw", LIST | SCHEDULE, OPT, O,  O,  NA, NULL,            NULL       },
    {"acip", OBJECT,          OPT, O,  O,  NA, ip_addresses,    NULL       },
    {"aclr", OBJECT,          OPT, O,  O,  NA, location_region, NULL       },
    {"acui", LIST | STRING,   OPT, O,  O,  NA, NULL,            check_texts},
    {"acec", OBJECT,          OPT, O,  O,  NA, eval_criteria,   NULL       },
    {"acl",  UINT,            OPT, O,  O,  NA, NULL,            NULL       },
    {NULL,   ANY,             OPT, NP, NP, NA, NULL,            NULL       },
};

static const struct attr object_details[] = {
    {"ty",   ENUM,        OPT, O,  O,  NA, enum_resource_type,  NULL},
    {"spty", OBJECT,      OPT, O,  O,  NA, specialization_type, NULL},
    {"chty", LIST | ENUM, ONE, M,  O,  NA, enum_resource_type,  NULL},
    {NULL,   ANY,         OPT, NP, NP, NA, NULL,                NULL},
};

static const struct attr rule[] = {
    {"acor", LIST | STRING, ONE, M,  O,  NA, NULL,           check_texts},
    {"acop", MASK,          ONE, M,  O,  NA, NULL,           NULL       },
    {"acco", LIST | OBJECT, OPT, O,  O,  NA, contexts,       NULL       },
    {"acod", LIST | OBJECT, OPT, O,  O,  NA, object_details, NULL       },
    {"acaf", BOOL,          OPT, O,  O,  NA, NULL,           NULL       },
    {"aca",  LIST | NCNAME, OPT, O,  O,  NA, NULL,           NULL       },
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,           NULL       },
};

const struct attr set_of_acrs[] = {
    {"acr", LIST | OBJECT, OPT, O,  O,  NA, rule, NULL},
    {NULL,  ANY,           OPT, NP, NP, NA, NULL, NULL},
};
