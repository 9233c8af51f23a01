/* Addresses of resources, TS-0001 7.2 and TS-0004 7.3.2.6: pure functions on text. */
#ifndef TESSERA_ADDRESS_H
#define TESSERA_ADDRESS_H

#include "str.h"

/* Virtual children that an address may end with, TS-0001 9.2; their names are in address.c. */
enum address_virtual {
    VIRTUAL_NONE,
    VIRTUAL_LATEST,
    VIRTUAL_OLDEST,
    VIRTUAL_POLLING,
    VIRTUAL_FANOUT,
    VIRTUAL_SELF_REFERENCE,
    VIRTUAL_SEMANTIC_FANOUT,
    VIRTUAL_VALIDATION,
    VIRTUAL_MASHUP
};

/*
 * A target taken apart. `local` is what is left after SP-ID and CSE-ID are removed: a structured path that begins with
 * the CSEBase's name ("-" replaced by it), or an unstructured resource id; a virtual last segment (la, ol, pcu) is cut off.
 * Behind a fanOutPoint (fopt) the path may go on, to below the members of the group: "grp/fopt/a/b".
 */
struct address {
    bool hosted;     /* by this CSE */
    bool structured; /* `local` is a path, else a resource id */
    enum address_virtual virt;
    char *local; /* owned */
    char *rest;  /* owned; what follows a fanOutPoint, "a/b", or NULL */
    char *cse;   /* owned; "/other" or "//sp/other" of a target hosted elsewhere, else NULL */
};

/* 0, or -1 with `why` when `to` is no address: empty segments, characters outside RFC 3986 unreserved, too long (1,024). */
int address_parse(struct address *a, const char *to, char *why, size_t why_size);
void address_done(struct address *a);
/* Length of `to` up to the slash before its virtual child: that of the parent's address. The whole, if it has none. */
size_t address_parent_length(const char *to, enum address_virtual *virt);
const char *address_virtual_name(enum address_virtual virt); /* "la"; "" for none */

/*
 * The stem that names an originator here: "/id-in/Cae" and "//sp/id-in/Cae" become "Cae", "/Sae" becomes "Sae";
 * the own CSE-ID in any form becomes "/id-in"; ids of other CSEs come back SP-relative. The caller frees.
 */
char *address_originator(const char *fr);
/* True for characters and length of a resource name, TS-0001 7.2. */
bool address_name_valid(const char *rn);

#endif
