#include "mashup.h"

#include "cse.h"
#include "id.h"
#include "json.h"
#include "mem.h"

#include <openssl/evp.h>

enum { MEMBERS_MAX = 100, TY_DESCRIPTOR = 24, FORMAT_TURTLE = 5 };

void mashup_init(struct mashup *m, const struct request *req, struct snapshot *snap, struct plan *plan, const char *who,
                 json_t *a)
{
    *m = (struct mashup){req, snap, plan, who, json_incref(a), NULL, json_array(), json_array()};
}

void mashup_done(struct mashup *m)
{
    json_decref(m->a);
    json_decref(m->profile);
    json_decref(m->members);
    json_decref(m->subjects);
}

bool mashup_generates(const json_t *a, int when)
{
    const json_t *rgt = json_object_get(a, "rgt");

    if (json_is_integer(rgt))
        return json_integer_value(rgt) == when;
    for (size_t i = 0; i < json_array_size(rgt); i++)
        if (json_integer_value(json_array_get(rgt, i)) == when)
            return true;
    return false;
}

/* ---- asking ---- */

/* A RETRIEVE on behalf of who made the instance. `fc` may be NULL; rcn ABSENT. NULL: not answered yet. */
static const struct asked *ask(struct mashup *m, const char *what, const char *to, int rcn, const json_t *fc)
{
    auto_free char *key = xasprintf("%s %s", what, to);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = to;
    question.fr = m->who;
    question.rcn = rcn;
    if (fc) {
        json_write(&text, fc);
        question.fc = (struct slice){text.data, text.len};
    }
    return snapshot_ask(m->snap, m->req, key, &question, 0);
}

/* The attributes that it answers; NULL: none. The caller owns them. */
static json_t *attributes_of(const struct asked *answer)
{
    json_auto_t *content = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    void *root = json_object_iter(content);

    return rsc_is_success(answer->rsc) && root ? json_incref(json_object_iter_value(root)) : NULL;
}

enum rsc mashup_find_profile(struct mashup *m)
{
    const char *mjid = json_str(m->a, "mjid");
    const struct asked *answer = ask(m, "profile", mjid, ABSENT, NULL);

    if (!answer)
        return PLAN_WAIT;
    m->profile = attributes_of(answer);
    if (json_int(m->profile, "ty", 0) != TY_MASHUP_PROFILE)
        return plan_refuse(m->plan, RSC_BAD_REQUEST, "mjid: %.256s is no semanticMashupJobProfile that %s may read", mjid,
                           m->who);
    return RSC_OK;
}

/* ---- members ---- */

/* The resources whose descriptors satisfy memberFilter. */
static enum rsc discover(struct mashup *m)
{
    json_auto_t *fc = json_pack("{si s[O] si}", "fu", 1, "smf", json_object_get(m->profile, "mbft"), "lim", MEMBERS_MAX + 1);
    const struct asked *answer = ask(m, "members", cse_id(), ABSENT, fc);
    json_auto_t *content = NULL;
    const json_t *found;
    json_t *list;

    if (!answer)
        return PLAN_WAIT;
    if (!rsc_is_success(answer->rsc)) {
        auto_free char *why = asked_why(answer);

        return plan_refuse(m->plan, (enum rsc)answer->rsc, "mbft: %.300s", why);
    }
    content = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    found = json_object_get(content, "m2m:uril");
    list = json_array();
    for (size_t i = 0; i < json_array_size(found); i++) {
        const char *path = json_string_value(json_array_get(found, i));
        auto_free char *uri = *path == '/' ? xstrdup(path) : xasprintf("%s/%s", cse_id(), path);

        json_array_append_new(list, json_pack("{ss}", "muri", uri));
    }
    json_object_set_new(m->a, "msm", json_pack("{so}", "mmbr", list));
    return RSC_OK;
}

/* A container or timeSeries is worth what its newest instance is, an instance what it holds. RSC_OK and *value NULL: nothing. */
static enum rsc find_value(struct mashup *m, const char *uri, const json_t *a, json_t **value)
{
    const struct rtype *type = rtype_by_ty((int)json_int(a, "ty", 0));
    const struct rtype *instance = type ? rtype_instance(type) : NULL;
    auto_free char *latest = xasprintf("%s/la", uri);
    const struct asked *answer;
    json_auto_t *held = NULL;

    *value = NULL;
    if (type && type->instance)
        *value = json_incref(json_object_get(a, "con"));
    if (!instance || !rtype_attr(instance, "con"))
        return RSC_OK;
    answer = ask(m, "value", latest, ABSENT, NULL);
    if (!answer)
        return PLAN_WAIT;
    held = attributes_of(answer);
    *value = json_incref(json_object_get(held, "con"));
    return RSC_OK;
}

/* m2m:mashupMember keeps numbers. False: it is none. */
static bool number_of(const json_t *value, double *number)
{
    const char *text = json_string_value(value);
    char *end = NULL;

    *number = text ? strtod(text, &end) : json_number_value(value);
    return (text ? *text && *end == '\0' : json_is_number(value)) && *number - *number == 0;
}

static json_t *descriptors_of(const json_t *a)
{
    const json_t *list = json_object_get(a, "m2m:smd");
    json_t *set = json_array();

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *format = json_object_get(json_array_get(list, i), "dcrp"),
               *text = json_object_get(json_array_get(list, i), "dsp");

        if (format && text)
            json_array_append_new(set, json_pack("{sO sO}", "f", format, "d", text));
    }
    return set;
}

/* A resource of this CSE is kept by its id: SP-relative, "/id-in/cnt3k9". */
static void keep_by_id(json_t *member, const json_t *a)
{
    const char *ri = json_str(a, "ri");
    struct address address;
    char why[WHY_SIZE];

    if (!ri || address_parse(&address, json_str(member, "muri"), why, sizeof why) < 0)
        return;
    if (address.hosted && address.virt == VIRTUAL_NONE)
        json_object_set_new(member, "muri", json_sprintf("%s/%s", cse_id(), ri));
    address_done(&address);
}

static enum rsc add_member(struct mashup *m, json_t *member)
{
    enum { URI_AND_VALUE = 2, WITH_CHILDREN = 4 };
    json_auto_t *fc = json_pack("{s[i] si}", "ty", TY_DESCRIPTOR, "lvl", 1);
    const char *uri = json_str(member, "muri");
    const struct asked *answer = ask(m, "member", uri, WITH_CHILDREN, fc);
    json_auto_t *a = NULL;
    json_t *value;
    double number;

    if (!answer)
        return PLAN_WAIT;
    a = attributes_of(answer);
    if (!a)
        return plan_refuse(m->plan, RSC_MASHUP_MEMBER_NOT_FOUND, "msm: %.256s is not there, or %s may not read it", uri, m->who);
    if (find_value(m, uri, a, &value) != RSC_OK)
        return PLAN_WAIT;
    keep_by_id(member, a);
    if (json_int(m->a, "mst", 0) == URI_AND_VALUE && number_of(value, &number))
        json_object_set_new(member, "mvl", json_real(number));
    json_array_append_new(m->members, json_pack("{sO so so}", "uri", json_object_get(member, "muri"), "value",
                                                value ? value : json_null(), "set", descriptors_of(a)));
    json_array_append(m->subjects, json_object_get(a, "ri"));
    return RSC_OK;
}

enum rsc mashup_collect(struct mashup *m)
{
    enum rsc rsc = json_object_get(m->a, "msm") ? RSC_OK : discover(m), wait = RSC_OK;
    json_t *list;

    if (rsc != RSC_OK)
        return rsc;
    json_object_set_new(m->a, "msm", json_deep_copy(json_object_get(m->a, "msm"))); /* its values are set here */
    list = json_object_get(json_object_get(m->a, "msm"), "mmbr");
    if (json_array_size(list) == 0)
        return plan_refuse(m->plan, RSC_MASHUP_MEMBER_NOT_FOUND, "mbft: nothing that %s may find satisfies it", m->who);
    if (json_array_size(list) > MEMBERS_MAX)
        return plan_refuse(m->plan, RSC_NOT_ACCEPTABLE, "msm: more than %d members", MEMBERS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        rsc = add_member(m, json_array_get(list, i));
        if (rsc == PLAN_WAIT)
            wait = rsc; /* the others can be asked at the same time */
        else if (rsc != RSC_OK)
            return rsc;
    }
    return wait;
}

/* ---- the result ---- */

static json_t *in_base64(const struct str *text)
{
    auto_str struct str out = STR_EMPTY;

    str_reserve(&out, (text->len + 2) / 3 * 4);
    out.len = (size_t)EVP_EncodeBlock((unsigned char *)out.data, (const unsigned char *)str_text(text), (int)text->len);
    return json_stringn(out.data, out.len);
}

/* It goes with the instance, and is seen by whoever sees that. */
static enum rsc give_life(struct mashup *m, json_t *a)
{
    const char *limit = json_str(m->a, "et");
    int64_t et;
    enum rsc rsc = give_expiry(m->snap, m->plan, NULL, NULL, &et);
    json_t *time;

    if (rsc != RSC_OK)
        return rsc;
    time = json_time(et);
    if (limit && strcmp(limit, json_string_value(time)) < 0) {
        json_decref(time);
        time = json_string(limit);
    }
    json_object_set_new(a, "et", time);
    if (json_object_get(m->a, "acpi"))
        json_object_set(a, "acpi", json_object_get(m->a, "acpi"));
    return RSC_OK;
}

enum rsc mashup_generate(struct mashup *m, const char *ri, const char *path, json_t **record)
{
    json_t *input = json_object_get(m->a, "jpin"), *a;
    json_auto_t *body = json_pack("{s{sO} sO}", "fn", "d", json_object_get(m->profile, "fucd"), "members", m->members);
    const struct asked *answer;
    char id[ID_SIZE];
    enum rsc rsc;

    if (input)
        json_object_set_new(body, "input", json_pack("{si sO}", "f", FORMAT_TURTLE, "d", input));
    rsc = ask_semantics(m->req, m->snap, m->plan, "mashup", "fucd", body, &answer);
    if (rsc != RSC_OK)
        return rsc;
    if (answer->cut)
        return plan_refuse(m->plan, RSC_NOT_ACCEPTABLE, "the result is too large");
    id_derived("smr", m->req->id ? m->req->id : "", id);
    a = json_pack("{ss si ss ss so}", "rn", id, "ty", TY_MASHUP_RESULT, "ri", id, "pi", ri, "ct", json_time(m->snap->now));
    rsc = give_life(m, a);
    if (rsc != RSC_OK) {
        json_decref(a);
        return rsc;
    }
    if (input)
        json_object_set(a, "jpin", input);
    json_object_set_new(a, "mrf", json_pack("[s]", "application/json"));
    json_object_set_new(a, "mrt", in_base64(&answer->content));
    *record = json_pack("{ss ss si so ss so}", "ri", id, "pi", ri, "ty", TY_MASHUP_RESULT, "path",
                        json_sprintf("%s/%s", path, id), "by", m->who, "a", a);
    return RSC_OK;
}
