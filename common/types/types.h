/*
 * What the files of this directory share. A new resource type is a file with its `struct rtype rtype_SN` and a line in
 * RESOURCE_TYPES; attributes that several types have are rows here, those of one type in its file.
 */
#ifndef TESSERA_TYPES_H
#define TESSERA_TYPES_H

#include "rtype.h"

/* The registry: every implemented type, by its number. */
#define RESOURCE_TYPES(X)                                                                                                        \
    X(acp)                                                                                                                       \
    X(ae)                                                                                                                        \
    X(cnt)                                                                                                                       \
    X(cin)                                                                                                                       \
    X(cb)                                                                                                                        \
    X(sub)

#define DECLARE(sn) extern const struct rtype rtype_##sn;
RESOURCE_TYPES(DECLARE)
#undef DECLARE

/*
 * Attributes that many resource types have, TS-0001 9.6.1.3. Columns: name, kind, multiplicity, on create, on update, announced,
 * detail, extra check. `create` and `update` are O, or NP where the type can not be changed.
 *
 * The announced column counts only in types that are announceable.
 * A null `et` in an UPDATE is right (OPT): the CSE then gives a new one.
 * `cr` is sent as null, which asks the CSE to keep the creator.
 */
/* clang-format off */
#define UNIVERSAL_ATTRS                                                                                \
    {"rn",   STRING,      ONE, O,      NP,     NA,   NULL,               check_name},                  \
    {"ty",   ENUM,        ONE, NP,     NP,     NA,   enum_resource_type, NULL},                        \
    {"ri",   ID,          ONE, NP,     NP,     NA,   NULL,               NULL},                        \
    {"pi",   ID,          ONE, NP,     NP,     NA,   NULL,               NULL},                        \
    {"ct",   TIMESTAMP,   ONE, NP,     NP,     NA,   NULL,               NULL},                        \
    {"lt",   TIMESTAMP,   ONE, NP,     NP,     NA,   NULL,               NULL}
#define EXPIRY_ATTR(update, annc)                                                                      \
    {"et",   TIMESTAMP,   OPT, O,      update, annc, NULL,               NULL}
#define LABELS_ATTR(create, update)                                                                    \
    {"lbl",  LIST|STRING, OPT, create, update, MA,   NULL,               check_texts}
#define ACCESS_ATTRS                                                                                   \
    {"acpi", LIST|ID,     OPT, O,      O,      MA,   NULL,               NULL},                        \
    {"daci", LIST|URI,    OPT, O,      O,      OA,   NULL,               NULL},                        \
    {"cstn", ID,          OPT, O,      O,      NA,   NULL,               NULL}
#define ANNOUNCE_ATTRS(update)                                                                         \
    {"at",   LIST|URI,    OPT, O,      update, NA,   NULL,               NULL},                        \
    {"aa",   LIST|NCNAME, OPT, O,      update, NA,   NULL,               NULL},                        \
    {"ast",  ENUM,        OPT, O,      update, MA,   enum_sync_type,     NULL}
#define STATE_ATTR                                                                                     \
    {"st",   UINT,        ONE, NP,     NP,     NA,   NULL,               NULL}
#define CREATOR_ATTR                                                                                   \
    {"cr",   ANY,         OPT, O,      NP,     NA,   NULL,               check_null}
#define LOCATION_ATTR(update)                                                                          \
    {"loc",  OBJECT,      OPT, O,      update, OA,   geo_coordinates,    check_geometry}
#define END_ATTRS                                                                                      \
    {NULL,   ANY,         OPT, NP,     NP,     NA,   NULL,               NULL}
/* clang-format on */

/* Enumerations, ended by -1. */
extern const int enum_resource_type[], enum_sync_type[], enum_cse_type[], enum_registration_status[], enum_suid[];
extern const int enum_key_gen_alg[], enum_protocol_and_alg[], enum_stationary[], enum_mgmt_definition[], enum_eval_operator[];
extern const int enum_geometry[], enum_geo_function[], enum_filter_usage[], enum_filter_operation[], enum_filter_syntax[];
extern const int enum_notification_event[], enum_notification_content[], enum_pending[];

/* Complex types, TS-0004 6.3.5: tables of their members. */
extern const struct attr set_of_acrs[];         /* m2m:setOfAcrs */
extern const struct attr event_criteria[];      /* m2m:eventNotificationCriteria */
extern const struct attr batch_notify[];        /* m2m:batchNotify */
extern const struct attr rate_limit[];          /* m2m:rateLimit */
extern const struct attr notification_stats[];  /* m2m:setOfNotificationStatsInfo */
extern const struct attr e2e_sec_info[];        /* m2m:e2eSecInfo */
extern const struct attr activity_patterns[];   /* m2m:activityPatternElements */
extern const struct attr geo_coordinates[];     /* m2m:geoCoordinates */
extern const struct attr specialization_type[]; /* m2m:specializationType */
extern const struct attr eval_criteria[];       /* m2m:evalCriteria */
extern const struct attr attribute_value[];     /* m2m:attribute */

/* Extra checks. They see the whole value (a list as such) after its kind was checked, and say what it is not. */
attr_check_fn check_name;           /* a name that a resource may have */
attr_check_fn check_null;           /* null and nothing else */
attr_check_fn check_texts;          /* list of strings that are not empty */
attr_check_fn check_not_empty;      /* list of at least one */
attr_check_fn check_uint32;         /* xs:unsignedInt */
attr_check_fn check_content_ref;    /* m2m:contentRef, or its list alone */
attr_check_fn check_poa;            /* m2m:poaList */
attr_check_fn check_serializations; /* m2m:serializations */
attr_check_fn check_releases;       /* m2m:supportedReleaseVersions */
attr_check_fn check_geometry;       /* m2m:geoCoordinates whose coordinates fit their type */
attr_check_fn check_coordinates;    /* any GeoJSON coordinates */
attr_check_fn check_batch;          /* m2m:batchNotify with one of its members */

/* True if every string of `list` is `valid`, else says "not `what`: TEXT". */
bool check_each(const json_t *list, bool (*valid)(const char *), const char *what, char *why, size_t why_size);

#endif
