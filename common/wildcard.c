#include "wildcard.h"

#include <ctype.h>
#include <stddef.h>

static bool same(char a, char b, bool fold)
{
    return a == b || (fold && tolower((unsigned char)a) == tolower((unsigned char)b));
}

/* Never goes back further than to the last `*`: the others before it have taken the least, which is always enough. */
bool wildcard_match(const char *pattern, const char *text, bool fold)
{
    const char *star = NULL, *resume = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern && same(*pattern, *text, fold)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
