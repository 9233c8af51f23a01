/* Addresses are split into SP-ID, CSE-ID and the rest; what is ours is then told apart by its first segment. */
#include "address.h"
#include "cse.h"
#include "mem.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

enum { ADDRESS_MAX = 1024, NAME_MAX_LEN = 255 };

/* "//SP/CSE/REST", "/CSE/REST" or "REST"; what is not there is NULL. */
struct split {
    struct slice sp, cse;
    const char *rest;
};

static bool char_unreserved(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("-._~", c));
}

bool address_name_valid(const char *rn)
{
    size_t len = strlen(rn);

    return len > 0 && len <= NAME_MAX_LEN && isalnum((unsigned char)rn[0]) &&
           strspn(rn, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._") == len;
}

/* Takes the segment at `*p` and the slash behind it; `*p` becomes NULL when it was the last one. */
static struct slice take_segment(const char **p)
{
    size_t len = strcspn(*p, "/");
    struct slice segment = {*p, len};

    *p = (*p)[len] ? *p + len + 1 : NULL;
    return segment;
}

static struct split split(const char *address)
{
    struct split s = {
        {NULL, 0},
        {NULL, 0},
        address
    };

    if (address[0] != '/')
        return s;
    s.rest++;
    if (address[1] == '/') {
        s.rest++;
        s.sp = take_segment(&s.rest);
    }
    if (s.rest)
        s.cse = take_segment(&s.rest);
    return s;
}

/* A domain name: upper and lower case are the same. */
static bool sp_is_own(const struct split *s)
{
    return !s->sp.p || (s->sp.n == strlen(cse_spid()) && strncasecmp(s->sp.p, cse_spid(), s->sp.n) == 0);
}

static bool cse_is_own(const struct split *s)
{
    return sp_is_own(s) && slice_is(s->cse, cse_id() + 1);
}

/* Only segments of unreserved characters, none of them empty. */
static int check_text(const char *to, char *why, size_t why_size)
{
    const char *p = to + strspn(to, "/");
    char last = '/';

    if (!*to || strlen(to) > ADDRESS_MAX || p - to > 2) {
        snprintf(why, why_size, "to: %s",
                 !*to         ? "empty"
                 : p - to > 2 ? "begins with more than two slashes"
                              : "longer than 1,024");
        return -1;
    }
    for (; *p; last = *p++) {
        if (*p != '/' && !char_unreserved(*p)) {
            snprintf(why, why_size, "to: character %d is not allowed in an address", (int)(p - to) + 1);
            return -1;
        }
        if (*p == '/' && last == '/')
            break;
    }
    if (*p || last == '/') {
        snprintf(why, why_size, "to: empty segment");
        return -1;
    }
    return 0;
}

static const char *const virtual_names[] = {
    [VIRTUAL_NONE] = "",
    [VIRTUAL_LATEST] = "la",
    [VIRTUAL_OLDEST] = "ol",
    [VIRTUAL_POLLING] = "pcu",
    [VIRTUAL_FANOUT] = "fopt",
    [VIRTUAL_SELF_REFERENCE] = "ntsr",
    [VIRTUAL_SEMANTIC_FANOUT] = "sfop",
    [VIRTUAL_VALIDATION] = "smv",
    [VIRTUAL_MASHUP] = "msp",
};

const char *address_virtual_name(enum address_virtual virt)
{
    return virtual_names[virt];
}

/* The first segment that names a fanOutPoint, its slash included; NULL if there is none. */
static char *find_fanout(char *local)
{
    const char *name = virtual_names[VIRTUAL_FANOUT];
    size_t len = strlen(name);
    char *p = strchr(local, '/');

    while (p && (strncmp(p + 1, name, len) != 0 || (p[1 + len] && p[1 + len] != '/')))
        p = strchr(p + 1, '/');
    return p;
}

/*
 * Cuts off a last segment that names a virtual child, and sets *rest to what follows a fanOutPoint (NULL: nothing). A single
 * segment is no child of anything.
 */
static enum address_virtual cut_virtual(char *local, const char **rest)
{
    char *last = find_fanout(local);

    *rest = NULL;
    if (last) {
        size_t behind = 1 + strlen(virtual_names[VIRTUAL_FANOUT]);

        if (last[behind])
            *rest = last + behind + 1;
        *last = '\0';
        return VIRTUAL_FANOUT;
    }
    last = strrchr(local, '/');
    for (size_t i = VIRTUAL_NONE + 1; last && i < ARRAY_LEN(virtual_names); i++) {
        if (strcmp(last + 1, virtual_names[i]) == 0) {
            *last = '\0';
            return (enum address_virtual)i;
        }
    }
    return VIRTUAL_NONE;
}

size_t address_parent_length(const char *to, enum address_virtual *virt)
{
    struct split s = split(to);
    auto_free char *local = xstrdup(s.rest ? s.rest : "");
    const char *ignored;

    *virt = cut_virtual(local, &ignored);
    return strlen(to) - strlen(s.rest ? s.rest : "") + strlen(local);
}

static void parse_own(struct address *a, const char *rest)
{
    const char *behind = rest, *behind_virtual;
    struct slice first = rest ? take_segment(&behind) : (struct slice){"-", 1};

    a->hosted = true;
    a->structured = slice_is(first, "-") || slice_is(first, cse_name());
    if (!a->structured)
        a->local = xstrdup(rest);
    else
        a->local = xasprintf("%s%s%s", cse_name(), behind ? "/" : "", behind ? behind : "");
    a->virt = cut_virtual(a->local, &behind_virtual);
    a->rest = behind_virtual ? xstrdup(behind_virtual) : NULL;
}

int address_parse(struct address *a, const char *to, char *why, size_t why_size)
{
    struct split s;

    if (check_text(to, why, why_size) < 0)
        return -1;
    s = split(to);
    if (to[0] == '/' && !s.cse.p) {
        snprintf(why, why_size, "to: no CSE-ID behind the SP-ID");
        return -1;
    }
    *a = (struct address){0};
    if (!s.cse.p || cse_is_own(&s)) {
        parse_own(a, s.rest);
        return 0;
    }
    a->local = xstrdup(s.rest ? s.rest : "");
    if (sp_is_own(&s))
        a->cse = xasprintf("/%.*s", (int)s.cse.n, s.cse.p);
    else
        a->cse = xasprintf("//%.*s/%.*s", (int)s.sp.n, s.sp.p, (int)s.cse.n, s.cse.p);
    return 0;
}

void address_done(struct address *a)
{
    free(a->local);
    free(a->rest);
    free(a->cse);
    *a = (struct address){0};
}

char *address_originator(const char *fr)
{
    struct split s = split(fr);

    /* What is no proper id stays as it is: "/id-in//id-in" must not become "/id-in". */
    if (!s.cse.p || s.cse.n == 0 || (s.rest && (!*s.rest || *s.rest == '/')) || !sp_is_own(&s))
        return xstrdup(fr);
    if (cse_is_own(&s))
        return xstrdup(s.rest ? s.rest : cse_id());
    /* An AE-ID that the service provider assigned stands without a CSE-ID. */
    if (!s.rest && s.cse.p[0] == 'S')
        return xstrdup(s.cse.p);
    return xstrdup(s.cse.p - 1);
}
