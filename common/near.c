#include "near.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static int least(int a, int b, int c)
{
    int smaller = a < b ? a : b;

    return smaller < c ? smaller : c;
}

/* Edits (insert, delete, replace, swap neighbours) that turn one name into the other, regardless of case. */
static int distance(const char *a, const char *b)
{
    int rows[3][128];
    int n = (int)strlen(b);

    if (strlen(a) >= 127 || n >= 127)
        return NEAR_MAX + 1;
    for (int j = 0; j <= n; j++)
        rows[0][j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

        now[0] = i;
        for (int j = 1; j <= n; j++) {
            bool same = toupper((unsigned char)a[i - 1]) == toupper((unsigned char)b[j - 1]);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];

            now[j] = least(last[j] + 1, now[j - 1] + 1, last[j - 1] + !same);
            if (swapped && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return rows[strlen(a) % 3][n];
}

void near_start(struct near *n, const char *word, int most)
{
    *n = (struct near){.word = word, .distance = most + 1};
}

void near_start_short(struct near *n, const char *word)
{
    size_t len = strlen(word);

    near_start(n, word, len < 5 ? 1 : len < 8 ? 2 : NEAR_MAX);
}

void near_try(struct near *n, const char *known)
{
    int d = distance(n->word, known);

    if (d < n->distance) {
        n->distance = d;
        n->best = known;
    }
}
