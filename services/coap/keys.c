#include "keys.h"

#include "str.h"
#include "table.h"

#include <stdio.h>

#include "mem.h"

#define MAX_LINE 512

struct psk {
    struct table_entry entry; /* key: the identity */
    char *identity;
    uint8_t bytes[KEY_MAX];
    coap_bin_const_t key;
};

static struct table keys;

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

int keys_hex(const char *text, uint8_t out[KEY_MAX])
{
    size_t n = 0;

    for (; hex(text[0]) >= 0 && hex(text[1]) >= 0 && n < KEY_MAX; text += 2)
        out[n++] = (uint8_t)(hex(text[0]) << 4 | hex(text[1]));
    return *text == '\0' && n > 0 ? (int)n : -1;
}

static bool take_line(struct table *into, char *line)
{
    char *colon = strrchr(line, ':');
    struct psk *psk;
    int n;

    if (!colon || colon == line || !str_clean(line, strlen(line)))
        return false;
    *colon = '\0';
    psk = xcalloc(1, sizeof *psk);
    n = keys_hex(colon + 1, psk->bytes);
    if (n < 0 || table_find(into, line)) {
        free(psk);
        return false;
    }
    psk->identity = xstrdup(line);
    psk->entry.key = psk->identity;
    psk->key = (coap_bin_const_t){(size_t)n, psk->bytes};
    table_insert(into, &psk->entry);
    return true;
}

static void release(struct table_entry *entry, void *table)
{
    struct psk *psk = (struct psk *)entry;

    table_remove(table, entry);
    free(psk->identity);
    explicit_bzero(psk, sizeof *psk);
    free(psk);
}

static void forget(struct table *table)
{
    table_each(table, release, table);
    free(table->slots);
    *table = (struct table){NULL, 0, 0};
}

/* False: `why`. */
static bool read_lines(FILE *file, struct table *into, char *why, size_t why_size)
{
    char line[MAX_LINE];

    for (int number = 1; fgets(line, sizeof line, file); number++) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line && *line != '#' && !take_line(into, line)) {
            snprintf(why, why_size, "line %d is no identity:key of its own, the key hexadecimal and of %d bytes at most", number,
                     KEY_MAX);
            return false;
        }
    }
    explicit_bzero(line, sizeof line);
    snprintf(why, why_size, "has no key");
    return into->count > 0;
}

bool keys_load(const char *path, char *why, size_t why_size)
{
    FILE *file = fopen(path, "re");
    struct table fresh = {NULL, 0, 0};
    bool ok;

    snprintf(why, why_size, "cannot be read");
    if (!file)
        return false;
    ok = read_lines(file, &fresh, why, why_size);
    fclose(file);
    forget(ok ? &keys : &fresh);
    if (ok)
        keys = fresh;
    return ok;
}

const coap_bin_const_t *keys_find(const char *identity)
{
    struct table_entry *entry = table_find(&keys, identity);

    return entry ? &((struct psk *)entry)->key : NULL;
}

void keys_forget(void)
{
    forget(&keys);
}
