/* Settings that belong to nobody: a service knows its own sections only, so that a misspelt section would go unnoticed. */
#ifndef TESSERA_SETTINGS_H
#define TESSERA_SETTINGS_H

/* Asks every program beside this one for its settings and ends the process with a clear message at one that none knows. */
void settings_check(void);

#endif
