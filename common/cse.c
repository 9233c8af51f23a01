/* The CSE's own identity and rules, from settings. */
#include "cse.h"

#include <ctype.h>
#include <strings.h>

#include "mem.h"

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define RELEASES_MAX 8
#define MAX_SECONDS INT64_C(31536000000) /* a thousand years: sums with the time of day stay in range */

const struct config_row cse_config[] = {
    {"cse.id",                 CONFIG_TEXT, "/id-in",              2,  256,         "CSE-ID, SP-relative: a slash and one segment (TS-0001 7.2)"                      },
    {"cse.name",               CONFIG_TEXT, "cse-in",              1,  255,         "resource name of the CSEBase"                                                    },
    {"cse.sp",                 CONFIG_TEXT, "tessera.example.com", 1,  253,         "M2M-SP-ID: the service provider's domain name, without slashes"                  },
    {"cse.admin",              CONFIG_TEXT, "CAdmin",              1,  255,         "originator that may do everything"                                               },
    {"cse.type",               CONFIG_TEXT, "IN",                  2,  3,           "kind of CSE: IN, MN or ASN"                                                      },
    {"cse.poa",                CONFIG_TEXT, "",                    0,  2000,        "points of access of the CSEBase: URLs, comma separated"                          },
    {"cse.peers",              CONFIG_TEXT, "",                    0,  65536,       "CSEs that may register here: CSE-IDs, comma separated, or * for all; empty: none"},
    {"cse.registrar.id",       CONFIG_TEXT, "",                    0,  512,         "CSE-ID of the CSE that this MN- or ASN-CSE registers at; empty: none"            },
    {"cse.registrar.name",     CONFIG_TEXT, "cse-in",              1,  255,         "resource name of the registrar's CSEBase"                                        },
    {"cse.registrar.url",      CONFIG_TEXT, "",                    0,  2000,        "point of access of the registrar: a URL"                                         },
    {"cse.in",                 CONFIG_TEXT, "",                    0,  512,         "CSE-ID of the IN-CSE, for an MN- or ASN-CSE; empty: the registrar is it"         },
    {"cse.releases",           CONFIG_TEXT, "1,2,2a,3,4,5",        1,  64,          "supported release versions, comma separated, of 1 2 2a 3 4 5"                    },
    {"cse.expiration.default", CONFIG_INT,  "157680000",           1,  MAX_SECONDS, "s that a resource lives when its creator does not say"                           },
    {"cse.expiration.max",     CONFIG_INT,  "315360000",           0,  MAX_SECONDS, "s that a resource may live at most; 0 = no limit"                                },
    {"cse.flexcontainers",     CONFIG_TEXT, "",                    0,  4000,
     "directory of further flexContainer specializations, files *.json; empty = none"                                                                                 },
    {"cse.request.lifetime",   CONFIG_INT,  "10000",               10, 3600000,
     "ms after which a request without an expiry of its own is given up"                                                                                              },
    {NULL,                     CONFIG_TEXT, NULL,                  0,  0,           NULL                                                                              },
};

static bool checked;
static int type;
static char *releases_text; /* cut at its commas */
static const char *releases[RELEASES_MAX + 1];

/* As address_name_valid(), TS-0001 7.2: this file is below addresses. */
static bool name_valid(const char *name)
{
    return isalnum((unsigned char)name[0]) && strspn(name, UNRESERVED) == strlen(name) && !strchr(name, '~');
}

static void check_identifiers(void)
{
    const char *id = config_text("cse.id"), *sp = config_text("cse.sp"), *admin = config_text("cse.admin");

    if (id[0] != '/' || !id[1] || strspn(id + 1, UNRESERVED) != strlen(id + 1))
        config_refuse("cse.id", "must be a slash and one segment of letters, digits and - . _ ~, like /id-in");
    if (!name_valid(config_text("cse.name")))
        config_refuse("cse.name", "must begin with a letter or digit and consist of letters, digits and - . _");
    if (!isalnum((unsigned char)sp[0]) ||
        strspn(sp, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(sp))
        config_refuse("cse.sp", "must be a domain name without slashes: letters, digits and - .");
    if (strspn(admin, UNRESERVED) != strlen(admin) || !strchr("CS", admin[0]) || !admin[1])
        config_refuse("cse.admin", "must be an AE-ID: C or S, then letters, digits and - . _ ~");
}

/* m2m:cseTypeID, TS-0004 6.3.4.2.2. */
static void check_type(void)
{
    static const char *const names[] = {NULL, "IN", "MN", "ASN"};

    for (int i = 1; i < (int)ARRAY_LEN(names); i++) {
        if (strcasecmp(config_text("cse.type"), names[i]) == 0) {
            type = i;
            return;
        }
    }
    config_refuse("cse.type", "must be IN, MN or ASN");
}

static void check_releases(void)
{
    static const char *const known[] = {"1", "2", "2a", "3", "4", "5"};
    int count = 0;

    free(releases_text);
    releases_text = xstrdup(config_text("cse.releases"));
    for (char *p = releases_text, *word; (word = strsep(&p, ","));) {
        bool right = false;

        word += strspn(word, " ");
        word[strcspn(word, " ")] = '\0';
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            right = right || strcmp(word, known[i]) == 0;
        if (!right || count == RELEASES_MAX)
            config_refuse("cse.releases", "\"%s\" is none of 1, 2, 2a, 3, 4, 5 (comma separated, each once)", word);
        releases[count++] = word;
    }
    releases[count] = NULL;
}

/* "/cse" or "//sp/cse". */
static bool cse_id_valid(const char *id, size_t len)
{
    size_t slashes = len > 1 && id[0] == '/' ? (id[1] == '/' ? 2 : 1) : 0;
    size_t first = slashes ? strspn(id + slashes, UNRESERVED) : 0;

    if (slashes == 0 || first == 0)
        return false;
    if (slashes == 1)
        return 1 + first >= len;
    return 2 + first + 1 < len && id[2 + first] == '/' && 2 + first + 1 + strspn(id + 2 + first + 1, UNRESERVED) >= len;
}

static void check_peers(void)
{
    const char *p = config_text("cse.peers");

    if (strcmp(p, "*") == 0)
        return;
    while (*p) {
        size_t n = strcspn(p, ",");

        if (!cse_id_valid(p, n) || (p[n] && !p[n + 1]))
            config_refuse("cse.peers", "must be * or CSE-IDs like /id-mn, separated by commas without blanks");
        p += n + (p[n] == ',');
    }
}

/* A URL with something behind the scheme, and nothing in which a path could get lost. */
static bool poa_valid(const char *url, size_t len)
{
    const char *scheme = memmem(url, len, "://", 3);

    return scheme && scheme != url && scheme + 3 < url + len && !memchr(url, ' ', len) && !memchr(url, '?', len) &&
           !memchr(url, '#', len);
}

static void check_registrar(void)
{
    const char *id = config_text("cse.registrar.id"), *url = config_text("cse.registrar.url");

    if (!*id)
        return;
    if (type == 1)
        config_refuse("cse.registrar.id", "an IN-CSE has no registrar: set cse.type to MN or ASN");
    if (!cse_id_valid(id, strlen(id)) || id[1] == '/' || strcmp(id, cse_id()) == 0)
        config_refuse("cse.registrar.id", "must be the CSE-ID of another CSE, like /id-in");
    if (!name_valid(config_text("cse.registrar.name")))
        config_refuse("cse.registrar.name", "must begin with a letter or digit and consist of letters, digits and - . _");
    if (!poa_valid(url, strlen(url)) || strchr(url, ','))
        config_refuse("cse.registrar.url", "must be a URL like http://host:8080, together with cse.registrar.id");
}

static void check_in(void)
{
    const char *id = config_text("cse.in");

    if (!*id)
        return;
    if (type == CSE_TYPE_IN)
        config_refuse("cse.in", "is for MN- and ASN-CSEs: set cse.type, or leave it empty");
    if (!cse_id_valid(id, strlen(id)) || id[1] == '/' || strcmp(id, cse_id()) == 0)
        config_refuse("cse.in", "must be the CSE-ID of another CSE, like /id-in");
}

static void check_poa(void)
{
    const char *p = config_text("cse.poa");

    while (*p) {
        size_t n = strcspn(p, ",");

        if (!poa_valid(p, n) || (p[n] && !p[n + 1]))
            config_refuse("cse.poa", "must be URLs like http://host:8080 without a query, separated by commas without blanks");
        p += n + (p[n] == ',');
    }
}

void cse_check(void)
{
    check_identifiers();
    check_type();
    check_releases();
    check_poa();
    check_peers();
    check_registrar();
    check_in();
    if (cse_expiration_max_ms() && cse_expiration_default_ms() > cse_expiration_max_ms())
        config_refuse("cse.expiration.default", "must not exceed cse.expiration.max (%lld)",
                      (long long)config_int("cse.expiration.max"));
    checked = true;
}

const char *cse_id(void)
{
    return config_text("cse.id");
}

const char *cse_ri(void)
{
    return cse_id() + 1;
}

const char *cse_name(void)
{
    return config_text("cse.name");
}

const char *cse_spid(void)
{
    return config_text("cse.sp");
}

const char *cse_admin(void)
{
    return config_text("cse.admin");
}

int cse_type(void)
{
    if (!checked)
        cse_check();
    return type;
}

const char *cse_poa(void)
{
    return config_text("cse.poa");
}

bool cse_peer_allowed(const char *id)
{
    const char *p = config_text("cse.peers");

    if (strcmp(p, "*") == 0)
        return true;
    while (*p) {
        size_t n = strcspn(p, ",");

        if (strlen(id) == n && memcmp(p, id, n) == 0)
            return true;
        p += n + (p[n] == ',');
    }
    return false;
}

const char *cse_registrar(void)
{
    return *config_text("cse.registrar.id") ? config_text("cse.registrar.id") : NULL;
}

const char *cse_in(void)
{
    if (cse_type() == CSE_TYPE_IN)
        return NULL;
    return *config_text("cse.in") ? config_text("cse.in") : cse_registrar();
}

bool cse_is_connected(void)
{
    return cse_registrar() || *config_text("cse.peers");
}

const char *const *cse_releases(void)
{
    if (!checked)
        cse_check();
    return releases;
}

bool cse_release_supported(const char *release)
{
    for (const char *const *r = cse_releases(); *r; r++)
        if (strcmp(*r, release) == 0)
            return true;
    return false;
}

const char *cse_release_answered(const char *release)
{
    const char *const *r = cse_releases();
    const char *wanted = release ? release : "3";

    if (cse_release_supported(wanted))
        return wanted;
    while (r[0] && r[1])
        r++;
    return r[0];
}

int64_t cse_expiration_default_ms(void)
{
    return config_int("cse.expiration.default") * 1000;
}

int64_t cse_expiration_max_ms(void)
{
    return config_int("cse.expiration.max") * 1000;
}

int64_t cse_request_lifetime_ms(void)
{
    return config_int("cse.request.lifetime");
}
