/* Identifiers: random ones are 62 bits of the system's random source, instances carry their number. */
#include "id.h"
#include "log.h"
#include "mem.h"

#include <errno.h>
#include <openssl/sha.h>
#include <sys/random.h>

#define RANDOM_CHARS 12

static const char digits36[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static void random_bytes(unsigned char *bytes, size_t count)
{
    while (getrandom(bytes, count, 0) != (ssize_t)count)
        if (errno != EINTR)
            log_fatal("id.random", "error=%s", strerror(errno));
}

void id_derived(const char *prefix, const char *text, char out[ID_SIZE])
{
    size_t len = strnlen(prefix, ID_SIZE - RANDOM_CHARS - 1);
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *)text, strlen(text), digest);
    memcpy(out, prefix, len);
    for (size_t i = 0; i < RANDOM_CHARS; i++) /* of 65,536 values each: the unevenness does not matter */
        out[len + i] = digits36[(digest[2 * i] << 8 | digest[2 * i + 1]) % 36];
    out[len + RANDOM_CHARS] = '\0';
}

void id_random(const char *prefix, char out[ID_SIZE])
{
    size_t len = strnlen(prefix, ID_SIZE - RANDOM_CHARS - 1);
    unsigned char bytes[2 * RANDOM_CHARS];
    size_t next = sizeof bytes;

    memcpy(out, prefix, len);
    for (int i = 0; i < RANDOM_CHARS;) {
        if (next == sizeof bytes) {
            random_bytes(bytes, sizeof bytes);
            next = 0;
        }
        if (bytes[next] < 252) /* 7 * 36: every character equally likely */
            out[len + (size_t)i++] = digits36[bytes[next] % 36];
        next++;
    }
    out[len + RANDOM_CHARS] = '\0';
}

void id_instance(const char *sn, int64_t number, char out[ID_SIZE])
{
    char digits[16]; /* 36^13 > 2^63 */
    size_t count = 0, len = strnlen(sn, ID_SIZE - sizeof digits);
    uint64_t rest = number < 0 ? 0 : (uint64_t)number;

    do {
        digits[count++] = digits36[rest % 36];
        rest /= 36;
    } while (rest > 0);
    memcpy(out, sn, len);
    while (count > 0)
        out[len++] = digits[--count];
    out[len] = '\0';
}

bool id_instance_number(const char *sn, const char *id, int64_t *number)
{
    size_t len = strlen(sn);
    int64_t value = 0;
    const char *digit;

    if (strncmp(id, sn, len) != 0 || !id[len] || (id[len] == '0' && id[len + 1]))
        return false;
    for (id += len; *id; id++) {
        digit = strchr(digits36, *id);
        if (!digit || __builtin_mul_overflow(value, 36, &value) || __builtin_add_overflow(value, digit - digits36, &value))
            return false;
    }
    *number = value;
    return true;
}
