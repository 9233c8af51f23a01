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

/* m2m:eventType */
const int enum_event_type[] = {1, 2, 3, -1};

/* m2m:operation */
const int enum_operation[] = {1, 2, 3, 4, 5, -1};

/* m2m:execStatusType */
const int enum_exec_status[] = {1, 2, 3, 4, 5, 6, -1};

/* m2m:execResultType */
const int enum_exec_result[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                16, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, -1};

/* m2m:execModeType */
const int enum_exec_mode[] = {1, 2, 3, 4, -1};

/* m2m:memberType: a resource type, 0 for a mixture, 20001 to 20003 for oldest, latest and mashup */
const int enum_member_type[] = {
    0,     1,     2,     3,     4,     5,     6,     7,     8,     9,     10,    11,    12,    13,    14,    15,    16,    17,
    18,    19,    20,    21,    22,    23,    24,    25,    26,    27,    28,    29,    30,    31,    32,    34,    35,    36,
    37,    38,    39,    40,    41,    42,    43,    44,    45,    46,    47,    48,    49,    50,    51,    58,    60,    62,
    63,    64,    65,    66,    10001, 10002, 10003, 10004, 10005, 10009, 10010, 10013, 10014, 10016, 10018, 10024, 10028, 10029,
    10030, 10038, 10039, 10040, 10041, 10042, 10046, 10058, 10060, 10062, 10063, 10064, 10065, 10066, 20001, 20002, 20003, -1};

/* m2m:consistencyStrategy */
const int enum_consistency[] = {1, 2, 3, -1};

/* m2m:locationSource */
const int enum_location_source[] = {1, 2, 3, -1};

/* m2m:locationInformationType */
const int enum_location_information[] = {1, 2, -1};

/* m2m:geofenceEventCriteria */
const int enum_geofence_event[] = {1, 2, 3, 4, -1};

/* m2m:locationUpdateEventCriteria */
const int enum_location_update[] = {0, -1};

/* m2m:cmdType */
const int enum_command[] = {1, 2, 3, 4, 5, 6, 7, -1};

/* m2m:multicastCapability */
const int enum_multicast_capability[] = {1, 2, -1};

/* m2m:requestStatus */
const int enum_request_status[] = {1, 2, 3, 4, 5, -1};

/* m2m:statsRuleStatusType */
const int enum_stats_status[] = {1, 2, -1};

/* m2m:statModelType */
const int enum_stats_model[] = {1, -1};

/* m2m:semanticFormat */
const int enum_semantic_format[] = {1, 2, 3, 4, 5, 6, 7, -1};

/* The same without 1, IRI: a semanticDescriptor holds its triples, TS-0001 9.6.30. */
const int enum_descriptor_format[] = {2, 3, 4, 5, 6, 7, -1};

/* m2m:notificationTargetPolicyAction */
const int enum_target_policy_action[] = {1, 2, 3, 4, -1};

/* m2m:logicalOperator */
const int enum_logical_operator[] = {1, 2, -1};

/* m2m:authorizationDecision */
const int enum_authorization_decision[] = {1, 2, -1};

/* m2m:authorizationStatus */
const int enum_authorization_status[] = {1, 2, 3, 4, 5, -1};

/* m2m:acpCombiningAlgorithm */
const int enum_acp_combining[] = {1, -1};

/* m2m:mashupMemberStoreType */
const int enum_mashup_store[] = {1, 2, -1};

/* m2m:sessionState */
const int enum_session_state[] = {1, 2, -1};

/* m2m:triggerPurpose */
const int enum_trigger_purpose[] = {1, 2, 3, 4, -1};

/* m2m:triggerStatus */
const int enum_trigger_status[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, -1};

/* m2m:timeWindowType */
const int enum_time_window[] = {1, 2, -1};

/* m2m:eventEvaluationMode */
const int enum_event_evaluation_mode[] = {1, 2, 3, 4, 5, -1};

/* m2m:transferSelectionGuidance */
const int enum_transfer_selection_guidance[] = {1, 2, -1};

/* m2m:transactionMode */
const int enum_transaction_mode[] = {1, 2, -1};

/* m2m:transactionLockType */
const int enum_transaction_lock[] = {1, 2, -1};

/* m2m:transactionControl */
const int enum_transaction_control[] = {1, 2, 3, 4, 5, -1};

/* m2m:transactionState */
const int enum_transaction_state[] = {1, 2, 3, 4, 5, 6, -1};

/* m2m:transactionMgmtHandling */
const int enum_transaction_handling[] = {1, 2, -1};

/* m2m:beaconCriteria */
const int enum_beacon_criteria[] = {1, 2, -1};

/* m2m:processStatus */
const int enum_process_status[] = {1, 2, 3, 4, 5, 6, -1};

/* m2m:processControl */
const int enum_process_control[] = {1, 2, 3, 4, -1};

/* m2m:evalMode */
const int enum_eval_mode[] = {0, 1, 2, 3, -1};

/* m2m:batteryStatus */
const int enum_battery_status[] = {1, 2, 3, 4, 5, 6, 7, -1};

/* m2m:logTypeId */
const int enum_log_type[] = {1, 2, 3, 4, 5, -1};

/* m2m:logStatus */
const int enum_log_status[] = {1, 2, 3, 4, 5, -1};

/* dcfg:cellularNetworkBearer */
const int enum_cellular_network_bearer[] = {0, 1, 2, 3, 4, 5, 6, 7, -1};

/* dcfg:coverageEnhancementLevel */
const int enum_coverage_enhancement_level[] = {0, 1, 2, 3, 4, -1};

/* dcfg:simStatus */
const int enum_sim_status[] = {0, 1, -1};

/* dcfg:simType */
const int enum_sim_type[] = {0, 1, 2, 3, -1};

/* dcfg:wifiConnectionStatus */
const int enum_wifi_connection_status[] = {0, 1, 2, 3, 4, 5, 6, -1};

/* m2m:responseType */
const int enum_response_type[] = {1, 2, 3, 4, 5, -1};

/* m2m:resultContent */
const int enum_result_content[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1};

/* m2m:desIdResType */
const int enum_result_address[] = {1, 2, -1};

/* m2m:contentStatus */
const int enum_content_status[] = {1, 2, -1};

/* m2m:status */
const int enum_action_status[] = {0, 1, 2, 3, -1};

/* m2m:networkAction */
const int enum_network_action[] = {1, 2, 3, 4, 5, -1};

/* dcfg:wifiEncryptionType */
const int enum_wifi_encryption_type[] = {1, 2, 3, 4, 5, 6, 7, 8, -1};
