#include "path.h"

#include "text.h"

/* An encoded slash would move the borders of the segments. */
static bool has_encoded_slash(struct slice path)
{
    for (size_t i = 0; i + 2 < path.n; i++)
        if (path.p[i] == '%' && path.p[i + 1] == '2' && (path.p[i + 2] | 0x20) == 'f')
            return true;
    return false;
}

char *path_to_address(struct arena *arena, const char *path, size_t len)
{
    char *text = text_decode(arena, path, len, false, NULL);

    if (!text || *text != '/' || has_encoded_slash((struct slice){path, len}) || strstr(text, "//"))
        return NULL;
    if (strncmp(text, "/~/", 3) == 0)
        return text + 2;
    if (strncmp(text, "/_/", 3) != 0)
        return text + 1;
    text[1] = '/'; /* from here on it reads "//sp/..." */
    return text + 1;
}

char *path_of_address(struct arena *arena, const char *address)
{
    if (strncmp(address, "//", 2) == 0)
        return arena_format(arena, "/_%s", address + 1);
    return arena_format(arena, *address == '/' ? "/~%s" : "/%s", address);
}
