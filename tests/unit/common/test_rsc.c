/* Status codes. */
#include "mem.h"
#include "rsc.h"

#include <check.h>

static const struct {
    int code, http, coap;
    const char *name;
} rows[] = {
    {1000, 202, 204, "ACCEPTED"                                },
    {2000, 200, 205, "OK"                                      },
    {2001, 201, 201, "CREATED"                                 },
    {2002, 200, 202, "DELETED"                                 },
    {2004, 200, 204, "UPDATED"                                 },
    {4000, 400, 400, "BAD_REQUEST"                             },
    {4004, 404, 404, "NOT_FOUND"                               },
    {4005, 405, 405, "OPERATION_NOT_ALLOWED"                   },
    {4008, 504, 504, "REQUEST_TIMEOUT"                         },
    {4015, 415, 415, "UNSUPPORTED_MEDIA_TYPE"                  },
    {4103, 403, 403, "ORIGINATOR_HAS_NO_PRIVILEGE"             },
    {4105, 409, 403, "CONFLICT"                                },
    {4120, 400, 402, "INVALID_SEMANTICS"                       },
    {5000, 500, 500, "INTERNAL_SERVER_ERROR"                   },
    {5001, 501, 501, "NOT_IMPLEMENTED"                         },
    {5103, 404, 404, "TARGET_NOT_REACHABLE"                    },
    {5207, 406, 406, "NOT_ACCEPTABLE"                          },
    {6034, 403, 403, "REQUESTED_ACTIVITY_PATTERN_NOT_PERMITTED"},
};

START_TEST(test_row)
{
    const struct rsc_row *row = rsc_row(rows[_i].code);

    ck_assert_int_eq(row->code, rows[_i].code);
    ck_assert_str_eq(row->name, rows[_i].name);
    ck_assert_int_eq(row->http, rows[_i].http);
    ck_assert_int_eq(row->coap, rows[_i].coap);
    ck_assert_int_eq(rsc_is_success(rows[_i].code), rows[_i].code < 3000);
}
END_TEST

START_TEST(test_unknown)
{
    static const int unknown[] = {0, -1, 999, 2003, 4999, 9999};

    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        ck_assert_int_eq(rsc_row(unknown[i])->code, 5000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rsc");
    TCase *tests = tcase_create("rsc");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, test_row, 0, ARRAY_LEN(rows));
    tcase_add_test(tests, test_unknown);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
