#include "web_origin.h"

#include "mem.h"

const char *web_origin_allowed(const char *origins, const char *origin)
{
    static const char separators[] = " ,\t";

    if (strcmp(origins, "*") == 0)
        return "*";
    for (const char *p = origins + strspn(origins, separators); *p;) {
        size_t n = strcspn(p, separators);

        if (strlen(origin) == n && strncmp(p, origin, n) == 0)
            return origin;
        p += n;
        p += strspn(p, separators);
    }
    return NULL;
}
