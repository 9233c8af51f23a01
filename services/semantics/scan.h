/*
 * The words of a SPARQL text (SPARQL 1.1 query and update, 19.8), as far as is needed to find what it asks for without running
 * it: it is taken apart before a library sees it. Pure.
 */
#ifndef SEMANTICS_SCAN_H
#define SEMANTICS_SCAN_H

#include "rsc.h"
#include "str.h"

enum word_kind {
    WORD_END,
    WORD_BARE,     /* a keyword, or a name without a colon */
    WORD_NAME,     /* prefix:local, _:blank, @language */
    WORD_VARIABLE, /* ?x, $x */
    WORD_IRI,      /* <...> */
    WORD_STRING,   /* in quotes of any kind */
    WORD_MARK,     /* one character */
    WORD_BROKEN,   /* a string without an end */
};

struct word {
    enum word_kind kind;
    struct slice text; /* with its quotes, brackets or mark */
};

/* Takes the next word off `rest`, behind blanks and comments. */
struct word scan_next(struct slice *rest);
bool scan_is(const struct word *word, const char *keyword); /* letters in either case */
bool scan_is_mark(const struct word *word, char mark);
/*
 * Takes a group off `rest`, which begins with its brace, up to the brace that ends it; `inside` is what is between them.
 * False if there is none.
 */
bool scan_group(struct slice *rest, struct slice *inside);

/* A query that would read anything but the descriptors, or is no query that is answered here: 4143 with `why`; else RSC_OK. */
enum rsc scan_query(struct slice text, char *why, size_t why_size);

/* One operation of an update: INSERT DATA, DELETE DATA, DELETE WHERE, or DELETE, INSERT, WHERE. Slices borrow from the text. */
struct operation {
    struct slice remove, insert, where; /* the groups' insides; p is NULL when absent */
};

/*
 * Takes the next operation off `rest`, behind the prologue in front of it, whose declarations are added to `prologue`.
 * RSC_OK; RSC_ACCEPTED at the end of the text; 4143 with `why`.
 */
enum rsc scan_operation(struct slice *rest, struct str *prologue, struct operation *operation, char *why, size_t why_size);

#endif
