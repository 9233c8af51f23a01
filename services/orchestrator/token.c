#include "token.h"

#include "address.h"
#include "attr.h"
#include "clock.h"
#include "cse.h"
#include "issuers.h"
#include "json.h"
#include "mem.h"
#include "types/types.h"

#include <ctype.h>

enum {
    REMEMBERED = 256,  /* tokens whose signature was verified lately */
    TOKEN_ID_MAX = 256 /* bytes */
};

/* ---- claims ---- */

/* RFC 7519 4.1.4 and 4.1.5: seconds since 1970. They can only make the time of a token shorter. */
static bool narrow(json_t *claims, const json_t *given, const char *registered, const char *name, bool later)
{
    const json_t *number = json_object_get(given, registered);
    const char *text = json_str(claims, name);
    char formatted[CLOCK_TEXT_SIZE];
    int64_t own, ms;

    if (!number)
        return true;
    if (!json_is_number(number) || json_number_value(number) < 0 || json_number_value(number) > 2.5e11)
        return false;
    if (!text || clock_parse(text, &own) < 0)
        return true;
    ms = (int64_t)(json_number_value(number) * 1000);
    if (later ? ms > own : ms < own) {
        clock_format(ms, formatted);
        json_object_set_new(claims, name, json_string(formatted));
    }
    return true;
}

/* It travels in HTTP header fields, joined with others by '+'. */
static bool is_token_id(const char *id)
{
    size_t len = strlen(id);

    if (len == 0 || len > TOKEN_ID_MAX)
        return false;
    for (const char *p = id; *p; p++)
        if (!isgraph((unsigned char)*p) || *p == '+')
            return false;
    return true;
}

json_t *token_claims(const char *payload, size_t len, char *why, size_t why_size)
{
    json_auto_t *given = json_parse(payload, len, why, why_size);
    json_t *claims;

    if (!given)
        return NULL;
    claims = json_object();
    for (const struct attr *claim = token_claim_set; claim->name; claim++)
        if (json_object_get(given, claim->name))
            json_object_set(claims, claim->name, json_object_get(given, claim->name));
    if (attr_object_ok(token_claim_set, claims, why, why_size)) {
        if (!is_token_id(json_str(claims, "tkid")))
            snprintf(why, why_size, "tkid: not 1 to %d printable characters without blanks and +", TOKEN_ID_MAX);
        else if (!narrow(claims, given, "exp", "tkna", false) || !narrow(claims, given, "nbf", "tknb", true))
            snprintf(why, why_size, "exp, nbf: not a number of seconds");
        else
            return claims;
    }
    json_decref(claims);
    return NULL;
}

/* ---- a token ---- */

static struct token *token_new(const char *text, size_t len, json_t *claims)
{
    const json_t *list = json_object_get(json_object_get(claims, "tkps"), "pm");
    size_t count = json_array_size(list);
    struct token *token = xcalloc(1, sizeof(*token) + count * sizeof(token->permissions[0]));

    token->refs = 1;
    token->text = xstrndup(text, len);
    token->claims = claims;
    token->count = count;
    clock_parse(json_str(claims, "tknb"), &token->not_before);
    clock_parse(json_str(claims, "tkna"), &token->until);
    for (size_t i = 0; i < count; i++) {
        const json_t *permission = json_array_get(list, i), *pv = json_object_get(permission, "pv");

        token->permissions[i].acl = pv ? acl_compile(pv) : NULL;
        token->permissions[i].ris = json_object_get(permission, "ris");
        token->permissions[i].roles = json_object_get(permission, "rids");
    }
    return token;
}

struct token *token_ref(struct token *token)
{
    token->refs++;
    return token;
}

void token_free(struct token *token)
{
    if (!token || --token->refs > 0)
        return;
    for (size_t i = 0; i < token->count; i++)
        acl_free(token->permissions[i].acl);
    json_decref(token->claims);
    free(token->text);
    free(token);
}

static struct token *verify(const char *text, size_t len, char *why, size_t why_size)
{
    struct jws jws;
    json_t *claims;
    struct token *token = NULL;

    if (jws_parse(&jws, text, len, why, why_size) < 0)
        return NULL;
    claims = token_claims(str_text(&jws.payload), jws.payload.len, why, why_size);
    switch (claims ? issuers_verify(json_str(claims, "tkis"), &jws) : ISSUER_UNKNOWN) {
    case ISSUER_SIGNED:
        token = token_new(text, len, json_incref(claims));
        break;
    case ISSUER_OTHER_SIGNATURE:
        snprintf(why, why_size, "not signed with a key of its issuer %.200s", json_str(claims, "tkis"));
        break;
    case ISSUER_UNKNOWN:
        if (claims)
            snprintf(why, why_size, "its issuer %.200s is not known here", json_str(claims, "tkis"));
        break;
    }
    json_decref(claims);
    jws_done(&jws);
    return token;
}

/* ---- what was verified lately: a signature that was right stays right ---- */

static struct token *remembered[REMEMBERED];

static struct token **place_of(const char *text, size_t len)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619U;
    return &remembered[hash % REMEMBERED];
}

void tokens_forget(void)
{
    for (size_t i = 0; i < REMEMBERED; i++) {
        token_free(remembered[i]);
        remembered[i] = NULL;
    }
}

struct token *token_read(const char *text, size_t len, char *why, size_t why_size)
{
    struct token **place = place_of(text, len), *token;

    if (*place && strlen((*place)->text) == len && memcmp((*place)->text, text, len) == 0)
        return token_ref(*place);
    token = verify(text, len, why, why_size);
    if (token) {
        token_free(*place);
        *place = token_ref(token);
    }
    return token;
}

/* ---- does it hold? ---- */

static bool is_audience(const json_t *audience)
{
    if (!audience)
        return true;
    for (size_t i = 0; i < json_array_size(audience); i++) {
        auto_free char *id = address_originator(json_string_value(json_array_get(audience, i)));

        if (strcmp(id, cse_id()) == 0)
            return true;
    }
    return false;
}

bool token_holds_for(const struct token *token, const char *originator, int64_t now, char *why, size_t why_size)
{
    auto_free char *holder = address_originator(json_str(token->claims, "tkhd"));

    if (now < token->not_before)
        snprintf(why, why_size, "not valid before %s", json_str(token->claims, "tknb"));
    else if (now >= token->until)
        snprintf(why, why_size, "expired at %s", json_str(token->claims, "tkna"));
    else if (strcmp(holder, originator) != 0)
        snprintf(why, why_size, "held by %.200s, not by %.200s", holder, originator);
    else
        return true;
    return false;
}

bool token_holds(const struct token *token, const char *originator, int64_t now, char *why, size_t why_size)
{
    if (!token_holds_for(token, originator, now, why, why_size))
        return false;
    if (is_audience(json_object_get(token->claims, "tkau")))
        return true;
    snprintf(why, why_size, "not meant for %s", cse_id());
    return false;
}

void token_local_id(const struct token *token, char out[ID_SIZE])
{
    id_derived("tk", token->text, out);
}

/* ---- lists ---- */

struct token_list *token_list_add(struct token_list *list, struct token *token)
{
    size_t count = list ? list->count : 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(list->tokens[i]->text, token->text) == 0) {
            token_free(token);
            return list;
        }
    }
    list = xrealloc(list, sizeof(*list) + (count + 1) * sizeof(struct token *));
    list->tokens[count] = token;
    list->count = count + 1;
    return list;
}

void token_list_free(struct token_list *list)
{
    for (size_t i = 0; list && i < list->count; i++)
        token_free(list->tokens[i]);
    free(list);
}
