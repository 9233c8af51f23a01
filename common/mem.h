/* Memory that never fails: a process without memory ends and is restarted (log_fatal). */
#ifndef TESSERA_MEM_H
#define TESSERA_MEM_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);
__attribute__((format(printf, 1, 2))) char *xasprintf(const char *format, ...);

void auto_free_cleanup(void *pointer_to_pointer);
/* `auto_free char *x = ...`: freed when it leaves the scope. */
#define auto_free __attribute__((cleanup(auto_free_cleanup)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* House rule: unbounded or unchecked string functions do not compile. <stdio.h>, <string.h>, <stdlib.h> come first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#undef sprintf /* macros with clang and _FORTIFY_SOURCE */
#undef vsprintf
#pragma GCC poison sprintf vsprintf strcpy strcat strtok atoi atol atoll gets

#endif
