#include "trace.h"

#include <stdint.h>
#include <sys/random.h>

#include "log.h"
#include "mem.h"

#define EVERY 10000

static const char digits[] = "0123456789abcdef";
static int sampled = EVERY;

/* True when `n` lower-case hexadecimal digits follow, and not all of them are `barred` (0: no bar). */
static bool hex(const char *p, int n, char barred)
{
    bool other = barred == 0;

    for (int i = 0; i < n; i++) {
        if (p[i] == '\0' || !strchr(digits, p[i]))
            return false;
        other = other || p[i] != barred;
    }
    return other;
}

bool trace_valid(const char *t)
{
    return hex(t, 2, 'f') && t[2] == '-' && hex(t + 3, 32, '0') && t[35] == '-' && hex(t + 36, 16, '0') && t[52] == '-' &&
           hex(t + 53, 2, 0) && t[55] == '\0';
}

bool trace_sampled(const char *t)
{
    return strchr("13579bdf", t[TRACE_LEN - 1]) != NULL;
}

void trace_sample(int of_10000)
{
    sampled = of_10000;
}

/* splitmix64, seeded once from the system. */
static uint64_t next(void)
{
    static uint64_t state;
    uint64_t z;

    if (state == 0 && getrandom(&state, sizeof state, 0) != sizeof state)
        log_fatal("trace.random", "why=%s", "the system gives no random numbers");
    z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) | 1; /* never zero */
}

static char *put(char *out, uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        *out++ = digits[value >> shift & 15];
    return out;
}

void trace_new(char out[TRACE_SIZE])
{
    char *p = out;

    memcpy(p, "00-", 3);
    p = put(put(p + 3, next()), next());
    *p++ = '-';
    p = put(p, next());
    memcpy(p, sampled >= EVERY || (int)((next() >> 8) % EVERY) < sampled ? "-01" : "-00", 4);
}
