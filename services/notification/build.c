#include "build.h"

#include "json.h"
#include "mem.h"
#include "primitive.h"

enum content_type { CONTENT_ALL = 1, CONTENT_MODIFIED = 2, CONTENT_ADDRESS = 3 };

#define MAX_ATTRIBUTES 256

/* TS-0001 table 9.6.8-4: what is allowed for an event; anything else becomes the default, which is everything. */
static enum content_type content_type(const struct subscription *sub, enum net net)
{
    if (sub->nct == CONTENT_ADDRESS || (sub->nct == CONTENT_MODIFIED && net == NET_UPDATE))
        return (enum content_type)sub->nct;
    return CONTENT_ALL;
}

static void add_slice(struct str *out, struct slice s)
{
    str_add(out, s.p, s.n);
}

static void add_address(struct str *out, const char *cse, const char *path)
{
    auto_free char *address = xasprintf("%s/%s", cse, path);

    str_json(out, address);
}

static void add_attribute(struct str *out, struct slice quoted, const struct json_member *members, int count)
{
    str_add(out, quoted.p, quoted.n);
    str_putc(out, ':');
    for (int i = 0; i < count; i++) {
        if (members[i].name.n + 2 == quoted.n && memcmp(members[i].name.p, quoted.p + 1, members[i].name.n) == 0) {
            add_slice(out, members[i].value);
            return;
        }
    }
    str_puts(out, "null"); /* removed by the update */
}

/* {"m2m:cnt":{only what `mod` names}} */
static void add_modified(struct str *out, const struct event *event)
{
    struct json_member root, members[MAX_ATTRIBUTES];
    struct slice rest = event->mod, name;
    char separator = '{';
    int count;

    if (json_members(event->rep.p, event->rep.n, &root, 1) != 1 ||
        (count = json_members(root.value.p, root.value.n, members, MAX_ATTRIBUTES)) < 0) {
        add_slice(out, event->rep);
        return;
    }
    str_puts(out, "{\"");
    add_slice(out, root.name);
    str_puts(out, "\":");
    while (json_next_element(&rest, &name)) {
        str_putc(out, separator);
        add_attribute(out, name, members, count);
        separator = ',';
    }
    str_puts(out, separator == '{' ? "{}}" : "}}");
}

/* False when there is nothing to represent. */
static bool add_representation(struct str *out, const struct event *event, const struct subscription *sub, enum net net,
                               const char *cse)
{
    enum content_type type = content_type(sub, net);

    if (type != CONTENT_ADDRESS && event->rep.n == 0)
        return false;
    str_puts(out, "\"rep\":");
    if (type == CONTENT_ADDRESS) {
        str_puts(out, "{\"m2m:uri\":");
        add_address(out, cse, event->path);
        str_putc(out, '}');
    } else if (type == CONTENT_MODIFIED) {
        add_modified(out, event);
    } else {
        add_slice(out, event->rep);
    }
    return true;
}

/* Operation monitoring: notificationEventType is set where an event type says the same. */
static enum net net_of_operation(int op)
{
    static const enum net nets[] = {[OP_CREATE] = NET_CREATE_CHILD, [OP_UPDATE] = NET_UPDATE, [OP_DELETE] = NET_DELETE};

    return op > 0 && op < (int)ARRAY_LEN(nets) ? nets[op] : NET_NONE;
}

static void add_event(struct str *out, const struct event *event, const struct subscription *sub, enum net net, const char *cse)
{
    bool more;

    str_puts(out, "\"nev\":{");
    more = add_representation(out, event, sub, net, cse);
    if (event->kind == EVENT_ATTEMPT) {
        str_addf(out, "%s\"om\":{\"op\":%d,\"or\":", more ? "," : "", event->op);
        str_json(out, event->fr ? event->fr : "");
        str_putc(out, '}');
        more = true;
        net = net_of_operation(event->op);
    }
    if (net != NET_NONE)
        str_addf(out, "%s\"net\":%d", more ? "," : "", (int)net);
    str_putc(out, '}');
}

/* nfu may be a list of one in the tables; a notification names one address. */
static const char *forwarding(const json_t *nfu)
{
    return json_string_value(json_is_array(nfu) ? json_array_get(nfu, 0) : nfu);
}

/* Of an AE of this CSE, to others: with the CSE-ID, but for an id of the service provider. TS-0001 7.2. */
static void add_creator(struct str *out, const char *creator, bool outside, const char *cse)
{
    auto_free char *address = xasprintf("%s/%s", *creator == 'S' ? "" : cse, creator);

    str_puts(out, ",\"cr\":");
    str_json(out, outside && *creator != '/' ? address : creator);
}

void build_notification(struct str *out, const struct event *event, const struct subscription *sub, enum net net, const char *cse,
                        bool outside)
{
    /* enableEventNotificationOriginator: who caused it, unless the creator is kept. */
    const char *cause = json_is_true(json_object_get(sub->a, "eeno")) ? event->fr : NULL;
    const char *creator = json_str(sub->a, "cr") ? json_str(sub->a, "cr") : cause,
               *nfu = forwarding(json_object_get(sub->a, "nfu"));

    str_putc(out, '{');
    add_event(out, event, sub, net, cse);
    str_puts(out, ",\"sur\":");
    add_address(out, cse, sub->path);
    if (creator)
        add_creator(out, creator, outside, cse);
    if (nfu) {
        str_puts(out, ",\"nfu\":");
        str_json(out, nfu);
    }
    str_putc(out, '}');
}

void build_deletion(struct str *out, const char *path, const char *cse)
{
    str_puts(out, "{\"sud\":true,\"sur\":");
    add_address(out, cse, path);
    str_putc(out, '}');
}

void build_single(struct str *out, struct slice sgn)
{
    str_puts(out, "{\"m2m:sgn\":");
    add_slice(out, sgn);
    str_putc(out, '}');
}

void build_aggregate(struct str *out, const struct slice *sgns, int count)
{
    str_puts(out, "{\"m2m:agn\":{\"m2m:sgn\":[");
    for (int i = 0; i < count; i++) {
        if (i > 0)
            str_putc(out, ',');
        add_slice(out, sgns[i]);
    }
    str_puts(out, "]}}");
}
