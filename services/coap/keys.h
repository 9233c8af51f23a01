/* The pre-shared keys of peers: the file coap.keys, lines "identity:key", the key hexadecimal, as psktool writes it. */
#ifndef TESSERA_COAP_KEYS_H
#define TESSERA_COAP_KEYS_H

#include "lib.h"

#include <stdbool.h>

#define KEY_MAX 64 /* bytes, COAP_DTLS_MAX_PSK */

/* Reads the file; true with the new keys in place of the old, or false with the old ones and `why`. */
bool keys_load(const char *path, char *why, size_t why_size);
/* The key of an identity, NULL when it has none. Borrowed until the next keys_load(). */
const coap_bin_const_t *keys_find(const char *identity);
void keys_forget(void);

/* Bytes of a hexadecimal key, or -1. */
int keys_hex(const char *text, uint8_t out[KEY_MAX]);

#endif
