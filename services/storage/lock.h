/* One process owns a tenant's database; the kernel gives the lock free when it dies. */
#ifndef STORAGE_LOCK_H
#define STORAGE_LOCK_H

#include <stdbool.h>

/* Opens (and makes) the lock file. A descriptor, or -1 with errno. */
int lock_open(const char *path);
bool lock_try(int fd);
void lock_close(int fd);

#endif
