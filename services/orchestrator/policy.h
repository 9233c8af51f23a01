/* Keeps what the CSEBase says about the whole CSE at hand: statistics, and the cmdhPolicy of its node. Looked at once a second.
 */
#ifndef TESSERA_POLICY_H
#define TESSERA_POLICY_H

void policy_look(void);

#endif
