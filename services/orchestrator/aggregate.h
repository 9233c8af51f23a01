/*
 * Requests for one CSE that may travel together (deliveryAggregation): gathered for a moment, then passed on in one <delivery>,
 * TS-0001 9.6.11.
 */
#ifndef TESSERA_AGGREGATE_H
#define TESSERA_AGGREGATE_H

#include <jansson.h>
#include <stdint.h>

enum aggregate_result {
    AGGREGATE_PASSED,  /* the other CSE has it */
    AGGREGATE_LATER,   /* it could not be reached */
    AGGREGATE_REFUSED, /* it does not want it like this */
};
typedef void aggregate_fn(void *context, enum aggregate_result result);

/*
 * `a`: attributes of a <request> for the CSE `cse`, wanted until `et` (ms). `done` is called once, after the return; what is
 * passed is borrowed until then.
 */
void aggregate_add(const char *tenant, const char *cse, int ec, const json_t *a, int64_t et, aggregate_fn *done, void *context);

#endif
