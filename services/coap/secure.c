#include "secure.h"

#include "config.h"
#include "log.h"
#include "str.h"
#include "table.h"

#include "mem.h"

#define MAX_KEY 64 /* bytes, COAP_DTLS_MAX_PSK */
#define MAX_LINE 512

struct psk {
    struct table_entry entry; /* key: the identity */
    char *identity;
    uint8_t bytes[MAX_KEY];
    coap_bin_const_t key;
};

static struct table keys;
static bool loaded;

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* Bytes, or -1. */
static int read_hex(const char *text, uint8_t *out, size_t most)
{
    size_t n = 0;

    for (; hex(text[0]) >= 0 && hex(text[1]) >= 0 && n < most; text += 2)
        out[n++] = (uint8_t)(hex(text[0]) << 4 | hex(text[1]));
    return *text == '\0' && n > 0 ? (int)n : -1;
}

/* "identity:hexadecimal key", as psktool writes it. */
static bool take_line(char *line)
{
    char *colon = strrchr(line, ':');
    struct psk *psk;
    int n;

    if (!colon || colon == line || !str_clean(line, strlen(line)))
        return false;
    *colon = '\0';
    psk = xcalloc(1, sizeof *psk);
    n = read_hex(colon + 1, psk->bytes, MAX_KEY);
    if (n < 0 || table_find(&keys, line)) {
        free(psk);
        return false;
    }
    psk->identity = xstrdup(line);
    psk->entry.key = psk->identity;
    psk->key = (coap_bin_const_t){(size_t)n, psk->bytes};
    table_insert(&keys, &psk->entry);
    return true;
}

static void load(void)
{
    const char *path = config_text("coap.keys");
    FILE *file = *path ? fopen(path, "re") : NULL;
    char line[MAX_LINE];

    if (!file)
        config_refuse("coap.keys", *path ? "cannot be read" : "is needed for DTLS: lines of identity:key, the key hexadecimal");
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line && *line != '#' && !take_line(line))
            config_refuse("coap.keys", "line %d is no identity:key, with up to %d bytes of key in hexadecimal", number, MAX_KEY);
    }
    fclose(file);
    if (keys.count == 0)
        config_refuse("coap.keys", "has no key");
}

static const coap_bin_const_t *on_identity(coap_bin_const_t *identity, coap_session_t *session, void *unused)
{
    auto_free char *name = xstrndup((const char *)identity->s, identity->length);
    struct table_entry *entry = table_find(&keys, name);

    (void)session, (void)unused;
    if (!entry)
        log_info("coap.stranger", "identity=%s why=%s", str_clean(name, strlen(name)) ? name : "?", "it has no key here");
    return entry ? &((struct psk *)entry)->key : NULL;
}

void secure_server(coap_context_t *context)
{
    coap_dtls_spsk_t setup = {.version = COAP_DTLS_SPSK_SETUP_VERSION, .validate_id_call_back = on_identity};

    if (loaded)
        return;
    loaded = true;
    if (!coap_dtls_is_supported())
        log_fatal("coap.dtls", "why=%s", "libcoap has no DTLS");
    load();
    setup.psk_info.hint = (coap_bin_const_t){7, (const uint8_t *)"tessera"};
    setup.psk_info.key = (coap_bin_const_t){1, (const uint8_t *)"-"}; /* of nobody: each identity has its own */
    if (!coap_context_set_psk2(context, &setup))
        log_fatal("coap.dtls", "why=%s", "the keys are not taken");
}

coap_session_t *secure_connect(coap_context_t *context, const coap_address_t *address, coap_proto_t proto, const char **why)
{
    const char *identity = config_text("coap.egress.identity");
    uint8_t key[MAX_KEY];
    int n = read_hex(config_text("coap.egress.key"), key, sizeof key);
    coap_dtls_cpsk_t setup = {.version = COAP_DTLS_CPSK_SETUP_VERSION};
    coap_session_t *session;

    if (!*identity || n < 0) {
        *why = "coap.egress.identity and coap.egress.key are not set";
        return NULL;
    }
    setup.psk_info.identity = (coap_bin_const_t){strlen(identity), (const uint8_t *)identity};
    setup.psk_info.key = (coap_bin_const_t){(size_t)n, key};
    session = coap_new_client_session_psk2(context, NULL, address, proto, &setup);
    if (!session)
        *why = "no session";
    return session;
}

static void release(struct table_entry *entry, void *unused)
{
    struct psk *psk = (struct psk *)entry;

    (void)unused;
    table_remove(&keys, entry);
    free(psk->identity);
    free(psk);
}

void secure_stop(void)
{
    table_each(&keys, release, NULL);
    free(keys.slots);
    keys = (struct table){NULL, 0, 0};
}
