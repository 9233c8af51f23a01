/* `tessera health [PORT|SERVICE]`: what a container's health check asks. */
#ifndef TESSERA_CLI_HEALTH_H
#define TESSERA_CLI_HEALTH_H

#include "command.h"

/* "http.1" is the instance `wanted` names, or one of the service that it names. Pure. */
bool health_is(const char *instance, const char *wanted);
int health_ask(const struct args *args);

#endif
