/*
 * <semanticDescriptor>, TS-0004 7.4.24, and <ontology>: what they hold must be of the format they say, may be changed by SPARQL
 * (semanticOpExec), and a descriptor is validated if it asks for it (TS-0001 10.2.14). The reading itself is the work of the
 * service `semantics`: plan->consult says what it is asked before the commit.
 */
#include "address.h"
#include "attr.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TY_DESCRIPTOR = 24, TY_ONTOLOGY = 39, FORMAT_XML = 4, FORMAT_TURTLE, FORMAT_JSON_LD = 7 };

/* Where a type has its text: the attributes for format and content, and the member that `semantics` knows it by. */
static const struct described {
    int ty;
    const char *format, *content;
    const char *member; /* "d": base64, "t": plain */
} types[] = {
    {TY_DESCRIPTOR, "dcrp", "dsp",  "d"},
    {TY_ONTOLOGY,   "ontf", "ontc", "t"},
};

static const struct described *described_of(int ty)
{
    return ty == TY_ONTOLOGY ? &types[1] : &types[0];
}

/* {"f":FORMAT,"d":CONTENT}; the caller owns it. */
static json_t *text_of(const struct described *d, const json_t *format, const json_t *content)
{
    return json_pack("{sO sO}", "f", format, d->member, content);
}

static bool is_readable(const json_t *format)
{
    int64_t f = json_integer_value(format);

    return f == FORMAT_XML || f == FORMAT_TURTLE || f == FORMAT_JSON_LD;
}

/* Asks for a task before the commit, which is about an attribute; `attr`, if not NULL, is set to what it answers. Takes `body`.
 */
static void consult(struct plan *plan, const char *verb, const char *about, json_t *body, const char *attr)
{
    json_t *task = json_pack("{ss ss so}", "do", verb, "about", about, "body", body);

    if (attr)
        json_object_set_new(task, "attr", json_string(attr));
    if (!plan->consult)
        plan->consult = json_array();
    json_array_append_new(plan->consult, task);
}

/* An ontology may be in a format that is not read here, or be somewhere else (IRI): it is kept as it is. */
static enum rsc check_content(struct plan *plan, const struct described *d, const json_t *format, const json_t *content)
{
    if (d->ty == TY_DESCRIPTOR || (is_readable(format) && json_is_string(content)))
        consult(plan, "check", d->content, text_of(d, format, content), NULL);
    return RSC_OK;
}

/* ---- validation ---- */

/* What an ontologyRef or relatedSemantics refers to, if it is here and the originator may read it; else 4004. */
static enum rsc find_related(struct snapshot *snap, struct plan *plan, const char *to, const struct resource **r)
{
    struct address address;
    char why[WHY_SIZE] = "";
    enum rsc rsc = RSC_NOT_FOUND;

    if (!to || address_parse(&address, to, why, sizeof why) < 0)
        return RSC_NOT_FOUND;
    if (address.hosted && address.virt == VIRTUAL_NONE)
        rsc = look_up(snap, address.local, r);
    address_done(&address);
    if (rsc != RSC_OK)
        return rsc;
    rsc = verdict_step(access_check(snap, &plan->who, *r, ACCESS_RETRIEVE, 0, why, sizeof why));
    return rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE ? RSC_NOT_FOUND : rsc;
}

static enum rsc add_related(struct snapshot *snap, struct plan *plan, const char *to, int ty, enum rsc missing, json_t *list)
{
    const struct described *d = described_of(ty);
    const struct resource *r = NULL;
    enum rsc rsc = find_related(snap, plan, to, &r);
    const json_t *format = r ? json_object_get(r->a, d->format) : NULL, *content = r ? json_object_get(r->a, d->content) : NULL;

    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK || !r || r->type->ty != ty || !is_readable(format) || !json_is_string(content))
        return plan_refuse(plan, missing, "%s: %.256s is no %s here that can be read", ty == TY_ONTOLOGY ? "or" : "rels",
                           to ? to : "", ty == TY_ONTOLOGY ? "ontology" : "semanticDescriptor");
    json_array_append_new(list, text_of(d, format, content));
    return RSC_OK;
}

/* All that a descriptor is validated with, as the body of the task. Takes `own`, the descriptor. */
static enum rsc gather_validation(struct snapshot *snap, struct plan *plan, json_t *own, const json_t *ontology,
                                  const json_t *related, json_t **body)
{
    json_t *set = json_pack("[o]", own), *ontologies = json_array();
    enum rsc rsc = RSC_OK;

    *body = json_pack("{so so}", "set", set, "ontologies", ontologies);

    if (ontology)
        rsc = add_related(snap, plan, json_string_value(ontology), TY_ONTOLOGY, RSC_ONTOLOGY_NOT_AVAILABLE, ontologies);
    for (size_t i = 0; i < json_array_size(related) && rsc == RSC_OK; i++)
        rsc = add_related(snap, plan, json_string_value(json_array_get(related, i)), TY_DESCRIPTOR,
                          RSC_LINKED_SEMANTICS_NOT_AVAILABLE, set);
    return rsc;
}

/* Before the commit, behind an update that may change the descriptor. Takes it. */
static enum rsc plan_validation(struct snapshot *snap, struct plan *plan, json_t *own, const json_t *ontology,
                                const json_t *related)
{
    json_auto_t *body = NULL;
    enum rsc rsc = gather_validation(snap, plan, own, ontology, related, &body);

    if (rsc == RSC_OK)
        consult(plan, "validate", "vlde", json_incref(body), NULL);
    return rsc;
}

/* ---- CREATE and UPDATE ---- */

enum rsc smd_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    const struct described *d = described_of(plan->type->ty);
    const json_t *format = json_object_get(a, d->format), *content = json_object_get(a, d->content);
    enum rsc rsc = check_content(plan, d, format, content);

    (void)req;
    if (rsc != RSC_OK || !json_is_true(json_object_get(a, "vlde")))
        return rsc;
    json_object_set_new(a, "svd", json_true());
    return plan_validation(snap, plan, text_of(d, format, content), json_object_get(a, "or"), json_object_get(a, "rels"));
}

static bool has_name(const json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
            return true;
    return false;
}

/* The value that an attribute will have behind the update; NULL: none. */
static const json_t *then(const struct plan *plan, const json_t *set, const json_t *del, const char *name)
{
    const json_t *value = json_object_get(set, name);

    if (value || has_name(del, name))
        return value;
    return json_object_get(plan->target->a, name);
}

/* Whatever it rests on has changed: it is validated anew, or no longer known to be valid. */
static enum rsc revalidate(struct snapshot *snap, struct plan *plan, const struct described *d, json_t *set, json_t *del)
{
    if (!json_is_true(then(plan, set, del, "vlde"))) {
        json_object_del(set, "svd");
        if (json_object_get(plan->target->a, "svd") && !has_name(del, "svd"))
            json_array_append_new(del, json_string("svd"));
        return RSC_OK;
    }
    json_object_set_new(set, "svd", json_true());
    return plan_validation(snap, plan, text_of(d, then(plan, set, del, d->format), then(plan, set, del, d->content)),
                           then(plan, set, del, "or"), then(plan, set, del, "rels"));
}

enum rsc smd_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    static const char *const grounds[] = {"or", "rels", "vlde"};
    const struct described *d = described_of(plan->target->type->ty);
    json_auto_t *soe = json_incref(json_object_get(set, "soe"));
    bool changes = json_object_get(set, d->content) || json_object_get(set, d->format), validate = changes || soe;
    const json_t *old = json_object_get(plan->target->a, d->content), *format = json_object_get(plan->target->a, d->format);
    enum rsc rsc = RSC_OK;

    (void)req;
    if (soe && changes)
        return plan_refuse(plan, RSC_BAD_REQUEST, "soe: not together with %s or %s", d->content, d->format);
    json_object_del(set, "soe"); /* is carried out, not kept */
    if (soe && (!is_readable(format) || !json_is_string(old)))
        return plan_refuse(plan, RSC_BAD_REQUEST, "soe: %s is in a format that is not read here", d->content);
    if (soe) {
        json_t *body = text_of(d, format, old);

        json_object_set(body, "soe", soe);
        consult(plan, "update", "soe", body, d->content);
    } else if (changes) {
        rsc = check_content(plan, d, then(plan, set, del, d->format), then(plan, set, del, d->content));
    }
    for (size_t i = 0; i < ARRAY_LEN(grounds); i++)
        validate = validate || json_object_get(set, grounds[i]) || has_name(del, grounds[i]);
    return rsc == RSC_OK && validate && d->ty == TY_DESCRIPTOR ? revalidate(snap, plan, d, set, del) : rsc;
}

/* ---- <semanticValidation>, TS-0001 9.6.52: a descriptor is validated that is not stored here ---- */

/* The ontologies of the repository that the originator may read and that can be: what a descriptor without ontologyRef is of. */
static enum rsc add_repository(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *ontologies)
{
    const struct described *d = described_of(TY_ONTOLOGY);
    json_auto_t *content = NULL;
    const struct asked *answer;
    struct request question;
    const json_t *list;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = plan->target->path;
    question.fr = plan->originator;
    question.rcn = 8;
    question.fc = (struct slice){"{\"ty\":[39],\"lvl\":1}", 19};
    answer = snapshot_ask(snap, req, "ontologies", &question, 0);
    if (!answer)
        return PLAN_WAIT;
    content = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    list = json_object_get(json_object_get(content, "m2m:ontr"), "m2m:ont");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *a = json_array_get(list, i), *format = json_object_get(a, d->format),
                     *text = json_object_get(a, d->content);

        if (is_readable(format) && json_is_string(text))
            json_array_append_new(ontologies, text_of(d, format, text));
    }
    if (json_array_size(ontologies) > 0)
        return RSC_OK;
    return plan_refuse(plan, RSC_ONTOLOGY_NOT_AVAILABLE, "%s has no ontology that can be read", plan->target->ri);
}

enum rsc smv_validate(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct described *d = described_of(TY_DESCRIPTOR);
    const struct rtype *type = rtype_by_ty(TY_DESCRIPTOR);
    char why[WHY_SIZE] = "";
    json_auto_t *a = NULL;
    json_auto_t *body = NULL;
    const struct asked *ignored;
    enum rsc rsc = require_access(snap, plan, plan->target, ACCESS_UPDATE, 0);

    if (rsc != RSC_OK)
        return rsc;
    a = content_parse(req, type, why, sizeof why);
    if (!a || attr_check_create(type, a, why, sizeof why) != RSC_OK)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    rsc = gather_validation(snap, plan, text_of(d, json_object_get(a, d->format), json_object_get(a, d->content)),
                            json_object_get(a, "or"), json_object_get(a, "rels"), &body);
    if (rsc == RSC_OK && !json_object_get(a, "or"))
        rsc = add_repository(req, snap, plan, json_object_get(body, "ontologies"));
    if (rsc == RSC_OK)
        rsc = ask_semantics(req, snap, plan, "validate", d->content, body, &ignored);
    if (rsc != RSC_OK)
        return rsc;
    plan->kind = PLAN_ANSWER;
    plan->rsc = RSC_UPDATED;
    return RSC_OK;
}
