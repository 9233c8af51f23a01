/*
 * Registration at the registrar, again and again: each round looks at what is there and mends what is not as it should be.
 *   1. Which CSEs have registered here?                RETRIEVE here, remoteCSEs below the CSEBase
 *   2. Does our remoteCSE at the registrar say so?     RETRIEVE there; else UPDATE, or CREATE (that is registering)
 *   3. What is the registrar?                          RETRIEVE its CSEBase
 *   4. Does its remoteCSE here say so?                 RETRIEVE here; else UPDATE or CREATE
 * A round that fails is begun anew after a pause that grows; one that succeeds after registration.interval.
 */
#ifndef REGISTRATION_ROUNDS_H
#define REGISTRATION_ROUNDS_H

void rounds_start(void);
void rounds_begin(void);   /* this instance is the active one: from now on */
void rounds_suspend(void); /* the broker is away */
void rounds_changed(void); /* a remoteCSE here came, changed or went: look soon */

#endif
