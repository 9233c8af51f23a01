/*
 * Who rules over a resource: its own acpi, its parent, itself, or the default policy (only its creator). The rules of a
 * policy are matched in access_match.c.
 */
#include "access.h"
#include "access_match.h"
#include "address.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "token.h"

int access_operation(enum access_op op)
{
    switch (op) {
    case ACCESS_CREATE:
        return OP_CREATE;
    case ACCESS_UPDATE:
        return OP_UPDATE;
    case ACCESS_DELETE:
        return OP_DELETE;
    case ACCESS_NOTIFY:
        return OP_NOTIFY;
    default:
        return OP_RETRIEVE;
    }
}

/* What is known of the target: of a resource all, of a match of a query less. */
struct subject {
    const struct rtype *type;
    const char *ri, *pi;
    const json_t *acpi;
    const char *owner;        /* whom the default policy favours, or NULL */
    const struct resource *r; /* or NULL */
};

/* One question, while the answer is looked for. */
struct question {
    struct snapshot *snap;
    const struct access_who *who;
    struct access_case what;
    bool self;                        /* selfPrivileges count, not privileges */
    bool unknown;                     /* what must be loaded first */
    const char *ruled;                /* id of the resource that the policies rule */
    const struct resource *r;         /* itself, or NULL: not looked at yet */
    json_t *names;                    /* rules about attributes count: theirs; or NULL */
    const struct resource *spends[2]; /* policies of the two below, or NULL */
    struct grant_use whole, part;     /* what is used up if nothing else permits it: of everything, of some attributes */
    char *why;                        /* or NULL */
    size_t why_size;
};

static struct acl *base_policy;

void access_set_base_policy(struct acl *policy)
{
    acl_free(base_policy);
    base_policy = policy;
}

static const char *op_name(enum access_op op)
{
    switch (op) {
    case ACCESS_CREATE:
        return "CREATE";
    case ACCESS_RETRIEVE:
        return "RETRIEVE";
    case ACCESS_UPDATE:
        return "UPDATE";
    case ACCESS_DELETE:
        return "DELETE";
    case ACCESS_NOTIFY:
        return "NOTIFY";
    case ACCESS_DISCOVER:
        return "DISCOVERY";
    }
    return "?";
}

__attribute__((format(printf, 2, 3))) static enum verdict deny(const struct question *q, const char *format, ...)
{
    va_list args;

    if (q->why) {
        va_start(args, format);
        vsnprintf(q->why, q->why_size, format, args);
        va_end(args);
    }
    return DENIED;
}

/* Compiles on first use: the rules are part of the resource, although everybody else may only look at it. */
static const struct acl *rules_of(const struct resource *acp, bool self)
{
    struct resource *r = (struct resource *)acp;
    struct acl **kept = self ? &r->pvs : &r->pv;

    if (!*kept)
        *kept = acl_compile(json_object_get(r->a, self ? "pvs" : "pv"));
    return *kept;
}

/* A custodian stands in for the creator. */
static const char *owner_of(const struct resource *r)
{
    const char *custodian = json_str(r->a, "cstn");

    return custodian ? custodian : r->by;
}

static struct subject subject_of(const struct resource *r)
{
    return (struct subject){r->type, r->ri, r->pi, json_object_get(r->a, "acpi"), owner_of(r), r};
}

/* The policy behind an acpi entry. ABSENT_THERE also for what is no policy, or not here. */
static enum lookup find_policy(struct snapshot *snap, const char *entry, const struct resource **out)
{
    struct address address = {0};
    char why[64];
    enum lookup found;

    if (!strchr(entry, '/')) {
        found = snapshot_get(snap, entry, out);
    } else if (address_parse(&address, entry, why, sizeof why) < 0) {
        return ABSENT_THERE;
    } else {
        found = address.hosted && address.virt == VIRTUAL_NONE ? snapshot_get(snap, address.local, out) : ABSENT_THERE;
        address_done(&address);
    }
    return found == FOUND && (*out)->type->access != ACCESS_SELF ? ABSENT_THERE : found;
}

/* ---- groups as originators ---- */

/* The ways to write who asks as a member of a group: "Cae", "/id-in/Cae", "cse-in/ae", ... */
struct forms {
    char *text[8];
    int count;
};

static void add_form(struct forms *forms, const char *text)
{
    forms->text[forms->count++] = xstrdup(text);
    if (text[0] == '/') {
        forms->text[forms->count++] = xasprintf("//%s%s", cse_spid(), text);
    } else {
        forms->text[forms->count++] = xasprintf("%s/%s", cse_id(), text);
        forms->text[forms->count++] = xasprintf("//%s%s/%s", cse_spid(), cse_id(), text);
    }
}

/* An application is registered by its stem, another CSE by its CSE-ID without the slash. */
static void find_forms(struct question *q, struct forms *forms)
{
    const char *stem = q->who->originator;
    const struct resource *r = NULL;

    *forms = (struct forms){0};
    add_form(forms, stem);
    if (!strchr(stem + 1, '/')) /* an AE of another CSE is not registered here */
        q->unknown |= snapshot_get(q->snap, stem[0] == '/' ? stem + 1 : stem, &r) == UNKNOWN_YET;
    if (r)
        add_form(forms, r->path);
}

static bool has_any(const json_t *members, const struct forms *forms)
{
    for (size_t i = 0; i < json_array_size(members); i++)
        for (int k = 0; k < forms->count; k++)
            if (strcmp(json_string_value(json_array_get(members, i)), forms->text[k]) == 0)
                return true;
    return false;
}

/* TS-0001 9.6.2.1: the members of a group, AEs and CSEs. One that is not here has none. */
static bool is_member(void *context, const char *address)
{
    enum { GROUP = 9 };
    struct question *q = context;
    const struct resource *group = NULL;
    struct forms forms;
    bool found;

    q->unknown |= snapshot_get(q->snap, address, &group) == UNKNOWN_YET;
    if (!group || group->type->ty != GROUP)
        return false;
    find_forms(q, &forms);
    found = has_any(json_object_get(group->a, "mid"), &forms);
    while (forms.count > 0)
        free(forms.text[--forms.count]);
    return found;
}

/* ---- who rules ---- */

/* The resource ruled, for criteria about it. */
static const json_t *ruled_attributes(void *context)
{
    struct question *q = context;

    q->snap->particular = true;
    if (!q->r)
        q->unknown |= snapshot_get(q->snap, q->ruled, &q->r) == UNKNOWN_YET;
    return q->r ? q->r->a : NULL;
}

static const struct place *originators_place(void *context)
{
    struct question *q = context;

    if (!q->who->located) {
        q->snap->wants_place = true;
        q->unknown = true;
    }
    return q->who->place;
}

static void note_use(struct question *q, const struct grant *grant, const struct resource *acp)
{
    if (grant->whole.found && !q->spends[0]) {
        q->spends[0] = acp;
        q->whole = grant->whole;
    }
    if (grant->part.found && !q->spends[1]) {
        q->spends[1] = acp;
        q->part = grant->part;
    }
}

/* `groups`: by the groups that the rules name, else by all other originators. */
static bool permits(struct question *q, const struct resource *acp, bool self, bool groups)
{
    const struct acl_world world = {is_member, ruled_attributes, originators_place, q};
    struct grant grant = {0};

    if (acl_judge(rules_of(acp, self), q->who, &q->what, &world, groups, &grant, q->names)) {
        json_array_clear(q->names); /* all of them */
        return true;
    }
    note_use(q, &grant, acp);
    return false;
}

static enum verdict spend(struct question *q, bool self, int which)
{
    const struct grant_use *use = which ? &q->part : &q->whole;

    json_array_clear(q->names);
    if (which)
        for (size_t i = 0; i < json_array_size(use->names); i++)
            json_array_append(q->names, json_array_get(use->names, i));
    snapshot_use(q->snap, q->spends[which]->ri, self ? "pvs" : "pv", use->rule, use->context);
    return ALLOWED;
}

/* No rule has permitted all of it for nothing. What is used up comes last; of some attributes only when no other rule has any. */
static enum verdict settle(struct question *q, bool self)
{
    if (q->unknown)
        return NOT_KNOWN_YET;
    if (q->spends[0])
        return spend(q, self, 0);
    if (json_array_size(q->names) > 0)
        return ALLOWED;
    return q->spends[1] ? spend(q, self, 1) : DENIED;
}

/* Any rule of any policy will do; one that is missing grants nothing. Groups are looked at when nothing else helps. */
static enum verdict ask_policies(struct question *q, const json_t *acpi)
{
    auto_str struct str names = STR_EMPTY;
    enum verdict verdict;

    for (int groups = 0; groups < 2; groups++) {
        for (size_t i = 0; i < json_array_size(acpi); i++) {
            const char *entry = json_string_value(json_array_get(acpi, i));
            const struct resource *acp;
            enum lookup found = entry ? find_policy(q->snap, entry, &acp) : ABSENT_THERE;

            if (found == FOUND && permits(q, acp, q->self, groups))
                return ALLOWED;
            q->unknown |= found == UNKNOWN_YET;
            if (q->why && entry && !groups)
                str_addf(&names, "%s%s%s", names.len > 0 ? ", " : "", entry, found == ABSENT_THERE ? " (not there)" : "");
        }
    }
    if ((verdict = settle(q, q->self)) != DENIED)
        return verdict;
    return deny(q, "no rule in the %s of %s gives %s %s", q->self ? "selfPrivileges" : "privileges", str_text(&names),
                q->who->originator, op_name(q->what.op));
}

static bool is_owner(const struct question *q, const char *owner)
{
    auto_free char *stem = owner ? address_originator(owner) : NULL;

    return stem && strcmp(stem, q->who->originator) == 0;
}

static enum verdict ask_default(const struct question *q, const struct subject *s)
{
    if (is_owner(q, s->owner))
        return ALLOWED;
    return deny(q, "%s has no acpi: only its creator may %s it, and %s is not", s->ri, op_name(q->what.op), q->who->originator);
}

static enum verdict ask_self(struct question *q, const struct subject *s)
{
    const struct resource *r = s->r;
    enum verdict verdict;

    if (!r) {
        enum lookup found = snapshot_get(q->snap, s->ri, &r);

        if (found != FOUND)
            return found == UNKNOWN_YET ? NOT_KNOWN_YET : deny(q, "%s does not exist", s->ri);
    }
    if (permits(q, r, true, false) || permits(q, r, true, true))
        return ALLOWED;
    if ((verdict = settle(q, true)) != DENIED)
        return verdict;
    return deny(q, "no rule in the selfPrivileges of %s gives %s %s", s->ri, q->who->originator, op_name(q->what.op));
}

/* The administrator and the CSE itself are free everywhere. */
static bool is_free(const char *originator)
{
    return strcmp(originator, cse_admin()) == 0 || strcmp(originator, cse_id()) == 0;
}

static enum verdict ask_rules(struct question *q, struct subject s)
{
    if (is_free(q->who->originator))
        return ALLOWED;
    if (s.type->access == ACCESS_PARENT) {
        const struct resource *parent;
        enum lookup found = snapshot_get(q->snap, s.pi, &parent);

        if (found != FOUND)
            return found == UNKNOWN_YET ? NOT_KNOWN_YET : deny(q, "the parent of %s does not exist", s.ri);
        s = subject_of(parent);
    }
    q->ruled = s.ri;
    q->r = s.r;
    if (s.type->access == ACCESS_SELF)
        return ask_self(q, &s);
    if (!*s.pi && !s.acpi && base_policy && acl_permits(base_policy, q->who, &q->what))
        return ALLOWED;
    return s.acpi ? ask_policies(q, s.acpi) : ask_default(q, &s);
}

/* ---- tokens, TS-0003 7.3.2 ---- */

/* Is it `r`, or what rules over it? */
static bool is_about(const struct subject *s, const struct resource *r)
{
    return strcmp(r->ri, s->ri) == 0 || (s->type->access == ACCESS_PARENT && strcmp(r->ri, s->pi) == 0);
}

/* An entry of a permission's resourceIDs, in any form of address. */
static bool names_subject(struct question *q, const char *entry, const struct subject *s)
{
    struct address address = {0};
    const struct resource *r = NULL;
    char why[64];
    bool same = false;

    if (address_parse(&address, entry, why, sizeof why) < 0)
        return false;
    if (address.hosted && address.virt == VIRTUAL_NONE) {
        if (!address.structured)
            same = strcmp(address.local, s->ri) == 0 || (s->type->access == ACCESS_PARENT && strcmp(address.local, s->pi) == 0);
        else if (s->r && strcmp(s->r->path, address.local) == 0)
            same = true;
        else if (snapshot_get(q->snap, address.local, &r) == UNKNOWN_YET)
            q->unknown = true;
        else
            same = r && is_about(s, r);
    }
    address_done(&address);
    return same;
}

static bool is_subject_of(struct question *q, const json_t *ris, const struct subject *s)
{
    if (!ris)
        return true;
    for (size_t i = 0; i < json_array_size(ris); i++)
        if (names_subject(q, json_string_value(json_array_get(ris, i)), s))
            return true;
    return false;
}

/* The privileges and the roles of all permissions about it, besides what the policies gave. */
static enum verdict ask_tokens(struct question *q, const struct subject *s)
{
    json_auto_t *roles = q->who->roles ? json_copy((json_t *)q->who->roles) : json_array();
    size_t claimed = json_array_size(roles);
    struct access_who who = *q->who;
    struct question again = *q;

    for (size_t t = 0; t < q->who->tokens->count; t++) {
        const struct token *token = q->who->tokens->tokens[t];

        for (size_t i = 0; i < token->count; i++) {
            if (!is_subject_of(q, token->permissions[i].ris, s))
                continue;
            if (acl_permits(token->permissions[i].acl, q->who, &q->what))
                return ALLOWED;
            json_array_extend(roles, (json_t *)token->permissions[i].roles);
        }
    }
    if (json_array_size(roles) > claimed) {
        who.roles = roles;
        again.who = &who;
        if (ask_rules(&again, *s) == ALLOWED)
            return ALLOWED;
        q->unknown |= again.unknown;
    }
    return q->unknown ? NOT_KNOWN_YET : DENIED;
}

static enum verdict ask(struct question *q, struct subject s)
{
    enum verdict verdict = ask_rules(q, s);

    return verdict == DENIED && q->who->tokens ? ask_tokens(q, &s) : verdict;
}

enum verdict access_check(struct snapshot *snap, const struct access_who *who, const struct resource *r, enum access_op op,
                          int child_ty, char *why, size_t why_size)
{
    struct question q = {
        .snap = snap,
        .who = who,
        .what = {op, r->type->ty, child_ty},
        .why = why,
        .why_size = why_size,
    };

    return ask(&q, subject_of(r));
}

/* Verdict and attributes: a list that stays empty means that all of them are allowed. */
static enum verdict ask_part(struct question *q, struct subject s, json_t **names)
{
    enum verdict verdict;

    q->names = json_array();
    verdict = ask(q, s);
    if (verdict == ALLOWED && json_array_size(q->names) > 0)
        *names = q->names;
    else
        json_decref(q->names);
    return verdict;
}

enum verdict access_check_part(struct snapshot *snap, const struct access_who *who, const struct resource *r, enum access_op op,
                               int child_ty, json_t **names)
{
    struct question q = {
        .snap = snap,
        .who = who,
        .what = {op, r->type->ty, child_ty},
    };

    return ask_part(&q, subject_of(r), names);
}

enum verdict access_check_members(struct snapshot *snap, const struct access_who *who, const struct resource *group,
                                  enum access_op op, int child_ty, char *why, size_t why_size)
{
    struct question q = {
        .snap = snap,
        .who = who,
        .what = {op, group->type->ty, child_ty},
        .why = why,
        .why_size = why_size,
    };
    struct subject s = subject_of(group);
    const json_t *macp = json_object_get(group->a, "macp");

    if (macp)
        s.acpi = macp;
    return ask(&q, s);
}

enum verdict access_check_acpi(struct snapshot *snap, const struct access_who *who, const struct resource *r, char *why,
                               size_t why_size)
{
    struct question q = {
        .snap = snap,
        .who = who,
        .what = {ACCESS_UPDATE, r->type->ty, 0},
        .self = true,
        .why = why,
        .why_size = why_size,
    };
    struct subject s = subject_of(r);

    if (is_free(who->originator))
        return ALLOWED;
    q.ruled = s.ri;
    q.r = r;
    return s.acpi ? ask_policies(&q, s.acpi) : ask_default(&q, &s);
}

/* An instance is neither shown nor found while the disableRetrieval of its container holds, TS-0001 9.6.6. */
static enum verdict check_shown(struct snapshot *snap, const struct subject *s)
{
    const struct resource *parent;
    enum lookup found = snapshot_get(snap, s->pi, &parent);

    if (found == UNKNOWN_YET)
        return NOT_KNOWN_YET;
    return found == FOUND && !json_is_true(json_object_get(parent->a, "disr")) ? ALLOWED : DENIED;
}

enum verdict access_check_row(struct snapshot *snap, const struct access_who *who, int ty, const char *ri, const char *pi,
                              const json_t *acpi, const char *by, enum access_op op, json_t **names)
{
    struct subject s = {rtype_by_ty(ty), ri, pi, acpi, by, NULL};
    struct question q = {
        .snap = snap,
        .who = who,
        .what = {op, ty, 0},
    };

    if (!s.type)
        return DENIED;
    if (json_is_null(acpi))
        s.acpi = NULL;
    if (s.type->instance) {
        enum verdict shown = check_shown(snap, &s);

        if (shown != ALLOWED)
            return shown;
    }
    if (names)
        return ask_part(&q, s, names);
    return ask(&q, s);
}
