/* Addresses, originators, identifiers, times: short texts from outside. */
#include "address.h"
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "mem.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *cse_id(void)
{
    return "/id-in";
}

const char *cse_ri(void)
{
    return "id-in";
}

const char *cse_name(void)
{
    return "cse-in";
}

const char *cse_spid(void)
{
    return "tessera.example.com";
}

const char *cse_admin(void)
{
    return "CAdmin";
}

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void try_address(const char *text)
{
    struct address a;
    char why[128];

    if (address_parse(&a, text, why, sizeof why) < 0)
        return;
    expect(a.local && a.hosted == !a.cse && (!a.hosted || *a.local));
    expect(!a.structured || strncmp(a.local, cse_name(), strlen(cse_name())) == 0);
    address_done(&a);
}

/* A stem names the same originator as before. */
static void try_originator(const char *text)
{
    auto_free char *stem = address_originator(text);

    expect(strlen(stem) <= strlen(text));
    expect(strcmp(stem, cse_id()) != 0 || strstr(text, cse_id()));
}

static void try_times(const char *text)
{
    char formatted[CLOCK_TEXT_SIZE];
    int64_t ms, back;

    if (clock_parse(text, &ms) == 0) {
        clock_format(ms, formatted);
        expect(clock_parse(formatted, &back) == 0 && back == ms);
    }
    if (clock_parse_duration(text, &ms) == 0)
        expect(ms >= 0);
    clock_parse_absrel(text, INT64_MAX / 2, &ms);
    expect(clock_schedule_valid(text) || !clock_schedule_matches(text, ms = 0));
}

static void try_id(const char *text)
{
    char id[ID_SIZE];
    int64_t number;

    if (!id_instance_number("cin", text, &number))
        return;
    id_instance("cin", number, id);
    expect(strcmp(id, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = xstrndup((const char *)data, size);

    try_address(text);
    try_originator(text);
    try_times(text);
    try_id(text);
    address_name_valid(text);
    return 0;
}
