/* Enumerations, TS-0004 6.3.4.2: the values that are allowed, ended by -1. */
#include "types/types.h"

/* m2m:resourceType */
const int enum_resource_type[] = {
    1,     2,     3,     4,     5,     6,     7,     8,     9,     10,    11,    12,    13,    14,    15,    16,    17,    18,
    19,    20,    21,    22,    23,    24,    25,    26,    27,    28,    29,    30,    31,    32,    34,    35,    36,    37,
    38,    39,    40,    41,    42,    43,    44,    45,    46,    47,    48,    49,    50,    51,    58,    60,    62,    63,
    64,    65,    66,    10001, 10002, 10003, 10004, 10005, 10009, 10010, 10013, 10014, 10016, 10018, 10024, 10028, 10029, 10030,
    10038, 10039, 10040, 10041, 10042, 10046, 10058, 10060, 10062, 10063, 10064, 10065, 10066, -1};

/* m2m:announceSyncType */
const int enum_sync_type[] = {1, 2, -1};

/* m2m:cseTypeID */
const int enum_cse_type[] = {1, 2, 3, -1};

/* m2m:AERegistrationStatus */
const int enum_registration_status[] = {1, 2, -1};

/* m2m:suid */
const int enum_suid[] = {10, 11, 12, 13, 14, 15, 21, 22, 23, 24, 25, 32, 33, 34, 35, 40, 41, 42, 43, 44, 45, -1};

/* m2m:esprimKeyGenAlgID */
const int enum_key_gen_alg[] = {1, -1};

/* m2m:esprimProtocolAndAlgID */
const int enum_protocol_and_alg[] = {10, 11, 12, -1};

/* m2m:stationaryIndication */
const int enum_stationary[] = {1, 2, -1};

/* m2m:mgmtDefinition */
const int enum_mgmt_definition[] = {0,    1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010,
                                    1011, 1012, 1013, 1014, 1015, 1016, 1017, 1018, 1019, 1020, 1021,
                                    1022, 1023, 1024, 1025, 1026, 1027, 1028, 1029, 1030, 1031, -1};

/* m2m:evalCriteriaOperator */
const int enum_eval_operator[] = {1, 2, 3, 4, 5, 6, -1};

/* m2m:geometryType */
const int enum_geometry[] = {1, 2, 3, 4, 5, 6, -1};

/* m2m:geoSpatialFunctionType */
const int enum_geo_function[] = {1, 2, 3, -1};

/* m2m:filterUsage */
const int enum_filter_usage[] = {1, 2, 3, -1};

/* m2m:filterOperation */
const int enum_filter_operation[] = {1, 2, 3, -1};

/* m2m:contentFilterSyntax */
const int enum_filter_syntax[] = {1, -1};

/* m2m:notificationEventType (9 and 10, blocking retrievals, came with later releases and are not supported) */
const int enum_notification_event[] = {1, 2, 3, 4, 5, 6, 7, 8, -1};

/* m2m:notificationContentType */
const int enum_notification_content[] = {1, 2, 3, 4, 5, -1};

/* m2m:pendingNotification */
const int enum_pending[] = {1, 2, -1};
