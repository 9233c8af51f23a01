/* "Did you mean": which known word is nearest to one that is unknown. Pure. */
#ifndef TESSERA_NEAR_H
#define TESSERA_NEAR_H

#define NEAR_MAX 3 /* edits that a word may be away at most */

struct near {
    const char *word; /* the unknown one */
    const char *best; /* borrowed; NULL: nothing is near */
    int distance;     /* of `best`; before the first: one more than is allowed */
};

void near_start(struct near *n, const char *word, int most); /* edits away at most */
void near_start_short(struct near *n, const char *word);     /* for short names: fewer edits for shorter ones */
void near_try(struct near *n, const char *known);

#endif
