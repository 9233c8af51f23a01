/* Addresses of resources as paths of HTTP and CoAP requests, TS-0009 6.2.2.1 and TS-0008 6.2.2.2. */
#ifndef TESSERA_PATH_H
#define TESSERA_PATH_H

#include "arena.h"

/* "a/b" to "/a/b", "/cse/a" to "/~/cse/a", "//sp/cse/a" to "/_/sp/cse/a". Nothing is encoded. */
char *path_of_address(struct arena *arena, const char *address);
/* And back: a percent-encoded path; NULL when it is malformed. */
char *path_to_address(struct arena *arena, const char *path, size_t len);

#endif
