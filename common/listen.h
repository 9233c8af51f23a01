/* The addresses that the protocol services listen on. Both functions end the process (status 78) when a setting is no good. */
#ifndef TESSERA_LISTEN_H
#define TESSERA_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>

struct listen_address {
    struct sockaddr_storage at;
    socklen_t len;
};

/* `text`, the value of `setting`, is numeric. */
void listen_parse(struct listen_address *out, const char *setting, const char *text, int port);
/*
 * An address that others can reach needs to know who they are, or the word of the operator: `insecure` is the setting that he
 * gives it by. `otherwise` goes on with "..., or " in what he is told.
 */
void listen_guard(const char *setting, const char *text, bool authenticated, const char *insecure, const char *otherwise);

#endif
