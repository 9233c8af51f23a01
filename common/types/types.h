/*
 * What the files of this directory share. A new resource type is a file with its `struct rtype rtype_SN` and a line in
 * RESOURCE_TYPES; attributes that several types have are rows here, those of one type in its file.
 */
#ifndef TESSERA_TYPES_H
#define TESSERA_TYPES_H

#include "rtype.h"

/* The registry: every type of the standard, by its number. */
#define RESOURCE_TYPES(X)                                                                                                        \
    X(acp)                                                                                                                       \
    X(ae)                                                                                                                        \
    X(cnt)                                                                                                                       \
    X(cin)                                                                                                                       \
    X(cb)                                                                                                                        \
    X(dlv)                                                                                                                       \
    X(evcg)                                                                                                                      \
    X(exin)                                                                                                                      \
    X(grp)                                                                                                                       \
    X(lcp)                                                                                                                       \
    X(mssp)                                                                                                                      \
    X(mgc)                                                                                                                       \
    X(mgo)                                                                                                                       \
    X(nod)                                                                                                                       \
    X(pch)                                                                                                                       \
    X(csr)                                                                                                                       \
    X(req)                                                                                                                       \
    X(sch)                                                                                                                       \
    X(asar)                                                                                                                      \
    X(svsn)                                                                                                                      \
    X(stcl)                                                                                                                      \
    X(stcg)                                                                                                                      \
    X(sub)                                                                                                                       \
    X(smd)                                                                                                                       \
    X(ntpr)                                                                                                                      \
    X(ntp)                                                                                                                       \
    X(pdr)                                                                                                                       \
    X(fcnt)                                                                                                                      \
    X(ts)                                                                                                                        \
    X(tsi)                                                                                                                       \
    X(rol)                                                                                                                       \
    X(tk)                                                                                                                        \
    X(dac)                                                                                                                       \
    X(auds)                                                                                                                      \
    X(aupy)                                                                                                                      \
    X(auif)                                                                                                                      \
    X(ontr)                                                                                                                      \
    X(ont)                                                                                                                       \
    X(smjp)                                                                                                                      \
    X(smi)                                                                                                                       \
    X(smr)                                                                                                                       \
    X(alst)                                                                                                                      \
    X(alpc)                                                                                                                      \
    X(lmg)                                                                                                                       \
    X(mms)                                                                                                                       \
    X(tgr)                                                                                                                       \
    X(crs)                                                                                                                       \
    X(bdt)                                                                                                                       \
    X(tram)                                                                                                                      \
    X(trac)                                                                                                                      \
    X(fcin)                                                                                                                      \
    X(tsb)                                                                                                                       \
    X(prp)                                                                                                                       \
    X(prmr)                                                                                                                      \
    X(stte)                                                                                                                      \
    X(actr)                                                                                                                      \
    X(depr)

/* The specializations of <mgmtObj> as far as they are specified, by mgmtDefinition: TS-0004 6.3.4.2. */
#define MGMT_OBJS(X)                                                                                                             \
    X(fwr)                                                                                                                       \
    X(swr)                                                                                                                       \
    X(mem)                                                                                                                       \
    X(ani)                                                                                                                       \
    X(andi)                                                                                                                      \
    X(bat)                                                                                                                       \
    X(dvi)                                                                                                                       \
    X(dvc)                                                                                                                       \
    X(rbo)                                                                                                                       \
    X(evl)                                                                                                                       \
    X(cmp)                                                                                                                       \
    X(acmp)                                                                                                                      \
    X(cmdf)                                                                                                                      \
    X(cmdv)                                                                                                                      \
    X(cmpv)                                                                                                                      \
    X(cml)                                                                                                                       \
    X(cmnr)                                                                                                                      \
    X(cmwr)                                                                                                                      \
    X(cmbf)                                                                                                                      \
    X(datc)                                                                                                                      \
    X(nycfc)                                                                                                                     \
    X(wific)                                                                                                                     \
    X(crds)                                                                                                                      \
    X(sim)                                                                                                                       \
    X(mnwk)

#define DECLARE(sn) extern const struct rtype rtype_##sn;
RESOURCE_TYPES(DECLARE)
MGMT_OBJS(DECLARE)
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
extern const int enum_notification_event[], enum_notification_content[], enum_pending[], enum_event_type[], enum_operation[];
extern const int enum_exec_status[], enum_exec_result[], enum_exec_mode[], enum_member_type[], enum_consistency[];
extern const int enum_location_source[], enum_location_information[], enum_geofence_event[], enum_location_update[];
extern const int enum_command[], enum_multicast_capability[], enum_request_status[], enum_stats_status[], enum_stats_model[];
extern const int enum_semantic_format[], enum_descriptor_format[], enum_target_policy_action[], enum_logical_operator[];
extern const int enum_authorization_decision[], enum_authorization_status[], enum_acp_combining[], enum_mashup_store[];
extern const int enum_session_state[], enum_trigger_purpose[], enum_trigger_status[], enum_time_window[];
extern const int enum_event_evaluation_mode[], enum_transfer_selection_guidance[], enum_transaction_mode[];
extern const int enum_transaction_lock[], enum_transaction_control[], enum_transaction_state[], enum_transaction_handling[];
extern const int enum_beacon_criteria[], enum_process_status[], enum_process_control[], enum_eval_mode[];
extern const int enum_battery_status[], enum_log_type[], enum_log_status[], enum_cellular_network_bearer[];
extern const int enum_coverage_enhancement_level[], enum_sim_status[], enum_sim_type[], enum_wifi_connection_status[];
extern const int enum_response_type[], enum_result_content[], enum_result_address[], enum_content_status[];
extern const int enum_action_status[], enum_network_action[], enum_wifi_encryption_type[];

/* Complex types, TS-0004 6.3.5: tables of their members. */
extern const struct attr set_of_acrs[];          /* m2m:setOfAcrs */
extern const struct attr event_criteria[];       /* m2m:eventNotificationCriteria */
extern const struct attr batch_notify[];         /* m2m:batchNotify */
extern const struct attr rate_limit[];           /* m2m:rateLimit */
extern const struct attr notification_stats[];   /* m2m:setOfNotificationStatsInfo */
extern const struct attr e2e_sec_info[];         /* m2m:e2eSecInfo */
extern const struct attr activity_patterns[];    /* m2m:activityPatternElements */
extern const struct attr geo_coordinates[];      /* m2m:geoCoordinates */
extern const struct attr specialization_type[];  /* m2m:specializationType */
extern const struct attr eval_criteria[];        /* m2m:evalCriteria */
extern const struct attr attribute_value[];      /* m2m:attribute */
extern const struct attr schedule_entries[];     /* m2m:scheduleEntries */
extern const struct attr location_region[];      /* m2m:locationRegion */
extern const struct attr ip_address[];           /* m2m:ipAddress */
extern const struct attr event_criteria_set[];   /* m2m:eventNotificationCriteriaSet */
extern const struct attr deletion_contexts[];    /* m2m:deletionContexts */
extern const struct attr session_descriptions[]; /* m2m:sessionDescriptions */
extern const struct attr mashup_members[];       /* m2m:mashupMembers */
extern const struct attr action_input[];         /* m2m:actionInput */
extern const struct attr process_conditions[];   /* m2m:processConditions */
extern const struct attr state_transition[];     /* m2m:stateTransition */
extern const struct attr delivery_meta_data[];   /* m2m:deliveryMetaData */
extern const struct attr meta_information[];     /* m2m:metaInformation */
extern const struct attr request_primitive[];    /* m2m:requestPrimitive */
extern const struct attr response_primitive[];   /* m2m:responsePrimitive */
extern const struct attr operation_result[];     /* m2m:operationResult */
extern const struct attr aggregated_request[];   /* m2m:aggregatedRequest */
extern const struct attr aggregated_response[];  /* m2m:aggregatedResponse */
extern const struct attr token_permissions[];    /* m2m:tokenPermissions */
extern const struct attr token_claim_set[];      /* m2m:tokenClaimSet */
extern const struct attr set_of_permissions[];   /* m2m:setOfPermissions */
extern const struct attr local_token_ids[];      /* m2m:dynAuthLocalTokenIdAssignments */
extern const struct attr token_request_info[];   /* m2m:dynAuthTokenReqInfo */
extern const struct attr exec_args[];            /* m2m:execReqArgsListType */
extern const struct attr action_status[];        /* m2m:actionStatus */
extern const struct attr back_off_parameters[];  /* m2m:backOffParameters */
extern const struct attr wifi_credentials[];     /* dcfg:wifiCredentials */

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
attr_check_fn check_datetime;       /* xs:dateTime */
attr_check_fn check_date;           /* xs:date */
attr_check_fn check_time;           /* xs:time */
attr_check_fn check_criteria_set;   /* m2m:eventNotificationCriteriaSet with one of its lists */
attr_check_fn check_content_info;   /* m2m:contentInfo */
attr_check_fn check_content;        /* m2m:primitiveContent: an object with one member */
attr_check_fn check_simple;         /* xs:anySimpleType: a string, number or boolean */
attr_check_fn check_categories;     /* list of m2m:eventCatWithDef */
attr_check_fn check_min_max;        /* m2m:listOfMinMax */
attr_check_fn check_mgmt_links;     /* m2m:mgmtLinkRef, or a list of them */

/* True if the string is `valid`, else says "not `what`: TEXT". */
bool check_text(const json_t *value, bool (*valid)(const char *), const char *what, char *why, size_t why_size);
/* True if every string of `list` is `valid`, else says "not `what`: TEXT". */
bool check_each(const json_t *list, bool (*valid)(const char *), const char *what, char *why, size_t why_size);

#endif
