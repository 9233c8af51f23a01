/*
 * What is said to the exposure function of a 3GPP network, and what its answers mean: TS 29.122 clauses 5.3
 * (MonitoringEvent), 5.4 (ResourceManagementOfBdt) and 5.7 (DeviceTriggering); TS-0026 for the interworking. Pure: attributes in,
 * JSON out. Everything returned is the caller's unless it says otherwise.
 */
#ifndef NETWORK_T8_H
#define NETWORK_T8_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum t8_api { T8_TRIGGER, T8_LOCATION, T8_TRANSFER };

const char *t8_name(enum t8_api api); /* for metrics */
/* Path of one resource of the API, or of all of this CSE when `id` is NULL. */
char *t8_path(enum t8_api api, const char *scs, const char *id);
/* The identifier of a new resource: the end of its address. NULL if there is none that could be one. */
char *t8_id(const char *location, const json_t *body);
/* The identifier of the one among all whose reports go to `destination`, NULL: there is none. */
char *t8_find(const json_t *list, const char *destination);

/* m2m:triggerStatus */
enum trigger_status {
    TRIGGER_PROCESSING = 1,
    TRIGGER_NSE_NOT_FOUND,
    TRIGGER_TRIGGERED,
    TRIGGER_DELIVERED,
    TRIGGER_FAILED,
    TRIGGER_EXPIRED,
    TRIGGER_TERMINATED,
    TRIGGER_UNCONFIRMED,
    TRIGGER_REPLACED,
};

bool trigger_is_pending(int64_t status);
/* DeviceTriggering of a <triggerRequest>; `until` is when its validity ends, `poa` this CSE's points of access (comma separated).
 */
json_t *t8_trigger(const json_t *a, int64_t now, int64_t until, const char *poa, const char *destination);
/* DeliveryResult as triggerStatus; 0: unknown. */
int t8_trigger_status(const char *result);

/* MonitoringEventSubscription of a <locationPolicy>. */
json_t *t8_location(const json_t *a, const char *destination);
/*
 * Where the device is, of one MonitoringEventReport: GeoJSON if the network tells an area, else its LocationInfo; NULL if it is
 * no location.
 */
json_t *t8_position(const json_t *report);

/* Bdt of a <backgroundDataTransfer> in the window of time [start, stop). */
json_t *t8_transfer(const json_t *a, int64_t start, int64_t stop, const char *destination);
/* The one of `policies` (transferPolicies) that transferSelectionGuidance asks for; borrowed, NULL if there is none. */
const json_t *t8_choose(const json_t *policies, int64_t guidance);
/* The window of time of a policy. */
bool t8_policy_window(const json_t *policy, int64_t *start, int64_t *stop);

/* The next minutes, from `now` on for a year, that are in a schedule: [*start, *stop), a day at most. False: none. */
bool t8_next_window(const char *entry, int64_t now, int64_t *start, int64_t *stop);
/* The m2m:scheduleEntry of a window: whole minutes of an hour, hours of a day, or days of a month. NULL: none says just that. */
char *t8_entry(int64_t start, int64_t stop);

#define T8_TIME_SIZE 32
void t8_format_time(int64_t ms, char out[T8_TIME_SIZE]); /* date-time of RFC 3339, UTC */
int t8_parse_time(const char *text, int64_t *ms);        /* 0, or -1 */

#endif
