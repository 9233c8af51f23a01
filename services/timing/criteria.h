/*
 * m2m:evalCriteria and what is made of several of them: actions, their dependencies, conditions of processes. Pure; nothing is
 * owned.
 */
#ifndef TIMING_CRITERIA_H
#define TIMING_CRITERIA_H

#include "criterion.h"

/*
 * The dependencies of an action in the order of its `dep`, TS-0001 <dependency>: a sufficient one that holds ends it well,
 * another one that does not ends it badly; in the end at least one must have held. `attributes` has the resource each refers to,
 * in the same order, null where it is gone: such a one is passed over. No dependencies hold.
 */
bool criteria_dependencies(const json_t *dependencies, const json_t *attributes);

/*
 * All of the m2m:processConditions [{"evc","sri"}], TS-0001 <processManagement>. `subjects` maps each `sri` to the attributes of
 * that resource. An empty list holds.
 */
bool criteria_conditions(const json_t *conditions, const json_t *subjects);

#endif
