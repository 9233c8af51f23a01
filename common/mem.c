/* Memory that never fails. */
#include <stdarg.h>
#include <stdint.h>

#include "log.h"
#include "mem.h"

static void *held(void *memory, size_t size)
{
    if (!memory)
        log_fatal("memory.exhausted", "bytes=%zu", size);
    return memory;
}

void *xmalloc(size_t size)
{
    return held(malloc(size ? size : 1), size);
}

void *xcalloc(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return held(calloc(count, size), size);
}

void *xrealloc(void *old, size_t size)
{
    return held(realloc(old, size ? size : 1), size);
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *xstrndup(const char *text, size_t len)
{
    size_t n = strnlen(text, len);
    char *copy = xmalloc(n + 1);

    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    return held(n < 0 ? NULL : text, 0);
}

void auto_free_cleanup(void *pointer_to_pointer)
{
    void *memory;

    memcpy(&memory, pointer_to_pointer, sizeof(memory)); /* the variable may be of any pointer type */
    free(memory);
}
