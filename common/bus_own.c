/*
 * Roles that one instance takes and no other: who has the connection that a client opened. Their requests come to a queue of
 * its own, which goes with the connection to the broker; bindings are made again with the next.
 */
#include "bus_link.h"
#include "mem.h"
#include "table.h"

#define ROLE_MAX 120

struct own {
    struct table_entry entry; /* key = the role */
    char role[];
};

static struct table roles;
static const struct bus_consumer *row; /* of BUS_OWN; NULL: there is none */

/* Without waiting for the answer: one that is no is a connection that ends. */
static void declare(const char *role, bool bound)
{
    amqp_connection_state_t in = link_in();
    char queue[TOPOLOGY_NAME_SIZE];
    amqp_queue_bind_t bind = {.exchange = amqp_cstring_bytes(EXCHANGE_REQUESTS), .nowait = 1};
    amqp_queue_unbind_t unbind = {.exchange = amqp_cstring_bytes(EXCHANGE_REQUESTS)};
    int status;

    if (!in || !row || link_draining())
        return;
    topology_queue(row, link_reply_queue(), queue);
    bind.queue = unbind.queue = amqp_cstring_bytes(queue);
    bind.routing_key = unbind.routing_key = amqp_cstring_bytes(role);
    status = bound ? amqp_send_method(in, CHANNEL_PLAIN, AMQP_QUEUE_BIND_METHOD, &bind)
                   : amqp_send_method(in, CHANNEL_PLAIN, AMQP_QUEUE_UNBIND_METHOD, &unbind);
    if (status != AMQP_STATUS_OK)
        link_fail("bind", status);
}

static void declare_one(struct table_entry *entry, void *context)
{
    (void)context;
    declare(entry->key, true);
}

static void on_change(bool up)
{
    if (up)
        table_each(&roles, declare_one, NULL);
}

void own_start(const struct bus_consumer *consumers)
{
    for (const struct bus_consumer *c = consumers; c && c->kind; c++)
        if (c->kind == BUS_OWN)
            row = c;
    if (row)
        link_on_change(on_change);
}

static bool is_role(const char *role)
{
    size_t len = strspn(role, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~/-");

    return len > 0 && len <= ROLE_MAX && role[len] == '\0';
}

int bus_bind(const char *role)
{
    struct own *own;

    if (!is_role(role))
        return -1;
    if (table_find(&roles, role))
        return 0;
    own = xmalloc(sizeof *own + strlen(role) + 1);
    memcpy(own->role, role, strlen(role) + 1);
    own->entry.key = own->role;
    table_insert(&roles, &own->entry);
    declare(role, true);
    return 0;
}

void bus_unbind(const char *role)
{
    struct table_entry *entry = table_find(&roles, role);

    if (!entry)
        return;
    declare(role, false);
    table_remove(&roles, entry);
    free(entry);
}
