/* Completion of command lines in a shell: `tessera completion bash` prints its part, which asks `tessera --complete WORDS`. */
#ifndef TESSERA_CLI_COMPLETE_H
#define TESSERA_CLI_COMPLETE_H

#include "command.h"
#include "str.h"

/* What the last of the words can be completed by, as the tables say; what only a running CSE knows is left open. */
struct completion {
    struct str words; /* one per line */
    enum word ask; /* WORD_ADDRESS, WORD_SERVICE, WORD_VALUES (of the type of words[1]): ask for more; WORD_NONE: that was all */
    const char *last;    /* the word that is completed; borrowed */
    const char *address; /* of WORD_VALUES: the resource whose attributes are wanted; borrowed */
};

/* Pure. `words` are those behind `tessera`, the last of them the one to be completed, perhaps empty. */
void complete_words(struct completion *c, int count, char *const *words);
/* "cse-in/a/b" typed so far: *parent is "cse-in/a/", to which the names below it are added. Pure; the caller frees. */
char *complete_parent(const char *typed);

int complete_print(int count, char **words);
int complete_shell(const struct args *args);

#endif
