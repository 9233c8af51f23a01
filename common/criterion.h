/* m2m:evalCriteria {"optr","sbjt","thld"}: what actions, processes and access control rules are made to depend on. Pure. */
#ifndef TESSERA_CRITERION_H
#define TESSERA_CRITERION_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Does it hold for these attributes? Numbers compare as numbers, texts as texts by their bytes (timestamps are in the order of
 * time then) except durations, which compare by their length; lists and objects can only be equal or not. An attribute that is
 * not there fulfills nothing.
 */
bool criteria_hold(const json_t *evc, const json_t *attributes);

#endif
