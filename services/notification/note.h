/*
 * One notification on its way to one target. The text is shared by the targets of an event; a note belongs to exactly
 * one list of one lane.
 */
#ifndef NOTIFICATION_NOTE_H
#define NOTIFICATION_NOTE_H

#include "str.h"

/*
 * The event that caused notes, as long as it is not acknowledged. Ends when every note of it is delivered, stored or
 * dropped; `open` counts them.
 */
struct source {
    int open;
    void (*end)(struct source *source); /* frees it, too */
    void *context;
};
void source_release(struct source *source); /* NULL is fine */

/* The value of an m2m:sgn (or, `whole`, a finished content). */
struct content {
    int refs;
    bool whole;
    size_t len;
    char text[];
};
struct content *content_new(const char *text, size_t len, bool whole);
struct content *content_ref(struct content *content);
void content_unref(struct content *content);

#define NOTE_RQI_SIZE 128

struct note {
    struct note *next;
    struct source *source; /* NULL once it is stored */
    struct content *content;
    char *trace;             /* W3C traceparent, or NULL */
    uint64_t event;          /* the same for all targets of one event */
    uint64_t number;         /* grows with every note that this process makes: order within a lane */
    int64_t at;              /* when it happened, ms */
    int64_t until;           /* not wanted later, ms; 0: always */
    int64_t seq;             /* in storage; 0 = not read from there */
    int64_t cover;           /* in storage: once this one is done, so is everything up to here */
    int count;               /* events in it: 1, or those of a batch */
    bool uncounted;          /* exc does not count it: it tells that the subscription was deleted */
    bool foreign;            /* `number` is another process's */
    bool kept;               /* storage has it or gets it: may be forgotten here */
    char rqi[NOTE_RQI_SIZE]; /* the same after a crash, so that receivers can tell duplicates */
};

struct note *note_new(struct source *source, struct content *content); /* takes over the reference to content; opens source */
struct note *note_copy(const struct note *note);                       /* without source */
void note_free(struct note *note);                                     /* releases its source */

/* As kept in storage: {"rqi":...,"by":instance,"number":...,"event":...,"trace":...,"until":ms,"whole":true,"sgn":"{...}"}, some
 * only where they say something. */
void note_write(struct str *out, const struct note *note, const char *instance);
/* NULL if it can't be understood. */
struct note *note_read(struct slice text, const char *instance);

/* A list in order. */
struct notes {
    struct note *head, *tail;
    int count;
};
void notes_push(struct notes *list, struct note *note);
struct note *notes_pop(struct notes *list); /* NULL when empty */
/* All of `front`, in order, before what `list` has. `front` is empty afterwards. */
void notes_prepend(struct notes *list, struct notes *front);
void notes_clear(struct notes *list);

#endif
