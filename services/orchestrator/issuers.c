#include "issuers.h"

#include "address.h"
#include "config.h"
#include "json.h"
#include "mem.h"

enum { ISSUERS_MAX = 256, ISSUERS_FILE_MAX = 1024 * 1024, REASON_SIZE = 384 };

static const char setting[] = "orchestrator.token.issuers";

struct issuer {
    char *id;  /* as address_originator() has it */
    char *kid; /* or NULL: whatever a header says */
    char *tokens;
    struct jws_key *key;
};

static struct issuer *issuers;
static size_t issuer_count;

static void clear(struct issuer *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(list[i].id);
        free(list[i].kid);
        free(list[i].tokens);
        jws_key_free(list[i].key);
    }
    free(list);
}

void issuers_stop(void)
{
    clear(issuers, issuer_count);
    issuers = NULL;
    issuer_count = 0;
}

static char *copy_of(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

/* NULL, or what is wrong with its members. */
static const char *check_members(const json_t *row)
{
    static const char *const known[] = {"issuer", "alg", "key", "kid", "tokens"};
    struct address address = {0};
    const char *name, *tokens = json_str(row, "tokens");
    json_t *value;
    char ignored[64];

    json_object_foreach((json_t *)row, name, value)
    {
        size_t i = 0;

        while (i < ARRAY_LEN(known) && strcmp(known[i], name) != 0)
            i++;
        if (i == ARRAY_LEN(known) || !json_is_string(value))
            return "a member other than the texts issuer, alg, key, kid, tokens";
    }
    if (!json_str(row, "issuer") || !json_str(row, "alg") || !json_str(row, "key"))
        return "without issuer, alg or key";
    if (tokens && address_parse(&address, tokens, ignored, sizeof(ignored)) < 0)
        return "tokens is no address";
    address_done(&address);
    return NULL;
}

static int read_row(const json_t *row, const char *directory, struct issuer *out, char *why, size_t why_size)
{
    const char *wrong = json_is_object(row) ? check_members(row) : "no object", *key = json_str(row, "key");
    auto_free char *path = NULL;

    if (wrong) {
        snprintf(why, why_size, "%s", wrong);
        return -1;
    }
    path = *key == '/' ? xstrdup(key) : xasprintf("%s/%s", directory, key);
    if (!(out->key = jws_key_read(json_str(row, "alg"), path, why, why_size)))
        return -1;
    out->id = address_originator(json_str(row, "issuer"));
    out->kid = copy_of(json_str(row, "kid"));
    out->tokens = copy_of(json_str(row, "tokens"));
    return 0;
}

int issuers_load(const json_t *list, const char *directory, char *why, size_t why_size)
{
    size_t count = json_array_size(list);
    struct issuer *loaded;
    char reason[REASON_SIZE] = "";

    if (!json_is_array(list) || count > ISSUERS_MAX) {
        snprintf(why, why_size, "not a list of at most %d issuers", ISSUERS_MAX);
        return -1;
    }
    loaded = xcalloc(count + 1, sizeof(*loaded));
    for (size_t i = 0; i < count; i++) {
        if (read_row(json_array_get(list, i), directory, &loaded[i], reason, sizeof(reason)) < 0) {
            snprintf(why, why_size, "[%zu]: %s", i, reason);
            clear(loaded, count);
            return -1;
        }
    }
    issuers_stop();
    issuers = loaded;
    issuer_count = count;
    return 0;
}

void issuers_start(const char *path)
{
    const char *slash = strrchr(path, '/');
    auto_free char *directory = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
    auto_str struct str text = STR_EMPTY;
    char why[2 * REASON_SIZE] = "";
    json_auto_t *list = NULL;
    FILE *file;

    if (!*path)
        return;
    if (!(file = fopen(path, "re")))
        config_refuse(setting, "%m");
    str_reserve(&text, ISSUERS_FILE_MAX);
    text.len = fread(text.data, 1, ISSUERS_FILE_MAX, file);
    fclose(file);
    list = json_parse(text.data, text.len, why, sizeof(why));
    if (!list || issuers_load(list, directory, why, sizeof(why)) < 0)
        config_refuse(setting, "%s", why);
}

enum issuer_verdict issuers_verify(const char *issuer, const struct jws *jws)
{
    auto_free char *id = address_originator(issuer);
    const char *kid = json_str(jws->header, "kid");
    enum issuer_verdict verdict = ISSUER_UNKNOWN;

    for (size_t i = 0; i < issuer_count; i++) {
        if (strcmp(issuers[i].id, id) != 0)
            continue;
        verdict = ISSUER_OTHER_SIGNATURE;
        if ((!kid || !issuers[i].kid || strcmp(kid, issuers[i].kid) == 0) && jws_verify(jws, issuers[i].key))
            return ISSUER_SIGNED;
    }
    return verdict;
}

/* Does an earlier row have the same? */
static bool is_repeated(size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (issuers[i].tokens && strcmp(issuers[i].tokens, issuers[at].tokens) == 0)
            return true;
    return false;
}

const char *issuers_place(size_t wanted)
{
    for (size_t i = 0; i < issuer_count; i++)
        if (issuers[i].tokens && !is_repeated(i) && wanted-- == 0)
            return issuers[i].tokens;
    return NULL;
}
