#include "bus_hosts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_NEXT 20 /* ms; all services lose a node at the same moment */
#define DELAY_MIN 50
#define DELAY_SOON 200
#define DELAY_MAX 1000
#define SOON_ATTEMPTS 100 /* a quarter of a minute: a broker that starts again takes a few seconds */

/* One host of `len` bytes. NULL, or what is wrong with it. */
static const char *parse_one(const char *text, size_t len, int port, struct bus_host *host)
{
    const char *close = *text == '[' ? memchr(text, ']', len) : NULL, *name = close ? text + 1 : text;
    const char *colon = memchr(close ? close : text, ':', len - (size_t)((close ? close : text) - text));
    size_t name_len = close ? (size_t)(close - name) : colon ? (size_t)(colon - text) : len;
    char *end = NULL;
    long number = port;

    if (*text == '[' && (!close || (close + 1 != text + len && close[1] != ':')))
        return "a ] is missing, or something follows it that is no port";
    if (name_len == 0 || name_len >= HOST_SIZE)
        return "a host is empty or too long";
    if (colon) {
        number = strtol(colon + 1, &end, 10);
        if (end != text + len || end == colon + 1 || number < 1 || number > 65535)
            return "a port must be 1 to 65535";
    }
    memcpy(host->name, name, name_len);
    host->name[name_len] = '\0';
    host->port = (int)number;
    return NULL;
}

static bool is_single_ipv6(const char *text)
{
    return strspn(text, "0123456789abcdefABCDEF:.") == strlen(text) && strchr(text, ':') != strrchr(text, ':');
}

int hosts_parse(const char *text, int port, struct bus_host hosts[HOSTS_MAX], char *why, size_t why_size)
{
    const char *wrong = NULL;
    int n = 0;

    if (is_single_ipv6(text)) {
        snprintf(hosts[0].name, HOST_SIZE, "%s", text);
        hosts[0].port = port;
        return 1;
    }
    for (const char *p = text; *(p += strspn(p, ", "));) {
        size_t len = strcspn(p, ", ");

        wrong = n == HOSTS_MAX ? "there are more than 16" : parse_one(p, len, port, &hosts[n]);
        if (wrong)
            break;
        n++;
        p += len;
    }
    if (!wrong && n == 0)
        wrong = "there is none";
    if (wrong)
        snprintf(why, why_size, "%s; expected HOST or HOST:PORT, a comma between", wrong);
    return wrong ? -1 : n;
}

int hosts_delay(int attempt, int count, double chance)
{
    int again = attempt - (count - 1); /* after the first round */
    int delay = again < 2 ? DELAY_MIN << (again > 0) : again < SOON_ATTEMPTS ? DELAY_SOON : DELAY_MAX / count;

    if (again < 0)
        return (int)(chance * DELAY_NEXT);
    return delay - (int)((1 - chance) * delay * 0.5);
}
