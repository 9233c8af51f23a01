#include "token.h"

#include "json.h"
#include "jws.h"
#include "mem.h"

static int fail(int status, const char *what, const char *why)
{
    fprintf(stderr, "tessera token: %s: %s\n", what, why);
    return status;
}

/* What must be in a token, TS-0004 6.3.5.42. NULL, or what is missing. */
static const char *missing_claim(const json_t *claims)
{
    static const char *const names[] = {"vr", "tkid", "tkhd", "tkis", "tknb", "tkna"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!json_str(claims, names[i]))
            return names[i];
    return NULL;
}

int token_make(const struct args *args)
{
    auto_str struct str text = STR_EMPTY;
    auto_str struct str made = STR_EMPTY;
    json_auto_t *claims = NULL;
    struct jws_key *key;
    const char *missing;
    char why[512] = "";
    int status;

    str_reserve(&text, JWS_MAX);
    text.len = fread(text.data, 1, JWS_MAX, stdin);
    if (!(claims = json_parse(text.data, text.len, why, sizeof why)))
        return fail(EXIT_BAD_DATA, "the claims", why);
    if ((missing = missing_claim(claims)))
        return fail(EXIT_BAD_DATA, missing, "missing, or no text");
    if (!(key = jws_key_read(args->words[0], args->words[1], why, sizeof why)))
        return fail(EXIT_BAD_DATA, "the key", why);
    status = jws_sign(key, args->count > 2 ? args->words[2] : NULL, text.data, text.len, &made);
    jws_key_free(key);
    if (status < 0)
        return fail(EXIT_BAD_DATA, "the key", "a public key cannot sign");
    printf("%s\n", str_text(&made));
    return 0;
}
