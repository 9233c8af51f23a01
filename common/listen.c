#include "listen.h"

#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "mem.h"

void listen_parse(struct listen_address *out, const char *setting, const char *text, int port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&out->at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->at;

    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        out->len = sizeof *v4;
    } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        out->len = sizeof *v6;
    } else {
        config_refuse(setting, "must be a numeric IPv4 or IPv6 address");
    }
}

static bool is_loopback(const struct listen_address *a)
{
    if (a->at.ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)&a->at)->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)&a->at)->sin6_addr);
}

void listen_guard(const char *setting, const char *text, bool authenticated, const char *insecure, const char *otherwise)
{
    struct listen_address address;

    listen_parse(&address, setting, text, 0);
    if (!is_loopback(&address) && !authenticated && !config_bool(insecure))
        config_refuse(setting,
                      "whoever reaches this address may do anything: requests are not authenticated. Listen on a loopback "
                      "address, or set %s = true where the network itself keeps strangers out, or %s",
                      insecure, otherwise);
}
