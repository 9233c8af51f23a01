/*
 * The options of oneM2M, TS-0008 6.2.2.4, and the parameters that they carry: one table for both ways. Clients in the field have
 * two sets of numbers: those of the standard, and the early ones (256, 257, 265...) of its first drafts.
 */
#ifndef TESSERA_COAP_OPTIONS_H
#define TESSERA_COAP_OPTIONS_H

#include "message.h"
#include "primitive.h"

enum option_kind {
    KIND_TEXT,
    KIND_TIME,   /* m2m:timestamp */
    KIND_ABSREL, /* m2m:absRelTimestamp */
    KIND_UINT,
    KIND_DIGITS, /* a number as text */
    KIND_LIST,   /* joined with '+' */
    KIND_OTHER,  /* written out in the mapping, or not supported here */
};

#define NOWHERE ((size_t)-1)

struct option_row {
    unsigned number, early; /* early 0: there was none */
    enum option_kind kind;
    size_t request, response; /* offset in the struct of that name, or NOWHERE */
    const char *name;
};

enum { OPTION_FR = 279, OPTION_RQI = 283, OPTION_RTURI = 263, OPTION_TY = 267, OPTION_RSC = 307, OPTION_ATI = 327 };
enum { EARLY_FR = 256, EARLY_RQI = 257 };

extern const struct option_row option_rows[]; /* ended by one without number */

/* The number of an option for a peer of that generation; 0: there is none. */
unsigned option_number(const struct option_row *row, bool early);
/* The value of an option, of whichever generation `early` says; NULL: it is not there. */
const struct option *option_find(const struct message *m, const struct option_row *row, bool early);
/* Does the sender use the early numbers? */
bool option_early(const struct message *m);
/* Is this an option of oneM2M? They are critical, and so are to be known. */
bool option_known(unsigned number);

#endif
