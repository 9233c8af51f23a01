/* Opening the two connections: the only part of the bus that may wait, in a thread of its own. */
#include "bus_link.h"
#include "log.h"
#include "mem.h"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <sys/socket.h>
#include <sys/time.h>

#define STEP_SECONDS 2 /* to connect, to log in, for each answer */
#define FRAME_MAX 131072
#define SEND_BUFFER (4 * 1024 * 1024)

static amqp_socket_t *make_socket(amqp_connection_state_t c, const struct connect_job *job)
{
    amqp_socket_t *socket = job->tls ? amqp_ssl_socket_new(c) : amqp_tcp_socket_new(c);

    if (!socket || !job->tls)
        return socket;
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    if (*job->ca && amqp_ssl_socket_set_cacert(socket, job->ca) != AMQP_STATUS_OK)
        return NULL;
    return socket;
}

/* Announces that connection.blocked is understood; `name` shows in the broker's list of connections. */
static amqp_rpc_reply_t login(amqp_connection_state_t c, const struct connect_job *job, const char *name)
{
    amqp_table_entry_t able[] = {
        {amqp_cstring_bytes("connection.blocked"),     {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1}},
        {amqp_cstring_bytes("consumer_cancel_notify"), {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1}},
    };
    amqp_table_entry_t client[] = {
        {amqp_cstring_bytes("capabilities"),    {.kind = AMQP_FIELD_KIND_TABLE, .value.table = {ARRAY_LEN(able), able}}},
        {amqp_cstring_bytes("connection_name"), {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(name)}},
    };
    amqp_table_t properties = {ARRAY_LEN(client), client};

    return amqp_login_with_properties(c, job->vhost, 4, FRAME_MAX, job->heartbeat, &properties, AMQP_SASL_METHOD_PLAIN, job->user,
                                      job->password);
}

/* A refusal does not say which of both is wrong; most often it is the password. */
static void explain_login(amqp_rpc_reply_t reply, struct connect_job *job)
{
    const amqp_connection_close_t *close = reply.reply.decoded;

    topology_explain(reply, "log in", job->why, sizeof(job->why));
    if (*job->why && reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD &&
        close && close->reply_code == AMQP_ACCESS_REFUSED)
        snprintf(job->why, sizeof(job->why),
                 "the broker at %s:%d refuses user \"%s\" or its password (bus.user, bus.password); what belongs to the secrets "
                 "it gets by "
                 "make down, make up",
                 job->host, job->port, job->user);
}

static void enlarge_buffer(amqp_connection_state_t c)
{
    int size = SEND_BUFFER, fd = amqp_get_sockfd(c);

    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)); /* as much as the system allows */
}

static amqp_connection_state_t open_connection(struct connect_job *job, const char *role)
{
    amqp_connection_state_t c = amqp_new_connection();
    struct timeval limit = {STEP_SECONDS, 0};
    char name[100], what[300];
    amqp_socket_t *socket;
    int status;

    if (!c)
        log_fatal("bus.memory", "what=%s", "connection");
    snprintf(name, sizeof(name), "%s %s", job->instance, role);
    snprintf(what, sizeof(what), "connect to %s:%d", job->host, job->port);
    socket = make_socket(c, job);
    status = socket ? amqp_socket_open_noblock(socket, job->host, job->port, &limit) : AMQP_STATUS_SSL_ERROR;
    job->reached = status != AMQP_STATUS_SOCKET_ERROR;
    if (status != AMQP_STATUS_OK) {
        snprintf(job->why, sizeof(job->why), "%s: %s", what,
                 job->reached ? amqp_error_string2(status) : "nobody takes the connection");
        goto failed;
    }
    amqp_set_handshake_timeout(c, &limit);
    amqp_set_rpc_timeout(c, &limit);
    enlarge_buffer(c);
    explain_login(login(c, job, name), job);
    if (*job->why)
        goto failed;
    amqp_channel_open(c, CHANNEL_PLAIN);
    topology_explain(amqp_get_rpc_reply(c), "open a channel", job->why, sizeof(job->why));
    if (!*job->why)
        return c;

failed:
    amqp_destroy_connection(c);
    return NULL;
}

static int consume(struct connect_job *job, const char *queue, const char *tag, int prefetch, bool acknowledged)
{
    if (acknowledged) /* counts for the consumers that follow */
        amqp_basic_qos(job->in, CHANNEL_PLAIN, 0, (uint16_t)(prefetch > 0 ? prefetch : 1), 0);
    amqp_basic_consume(job->in, CHANNEL_PLAIN, amqp_cstring_bytes(queue), amqp_cstring_bytes(tag), 0, !acknowledged, 0,
                       amqp_empty_table);
    topology_explain(amqp_get_rpc_reply(job->in), queue, job->why, sizeof(job->why));
    return *job->why ? -1 : 0;
}

static int open_in(struct connect_job *job)
{
    char queue[TOPOLOGY_NAME_SIZE], tag[16];

    job->in = open_connection(job, "in");
    if (!job->in ||
        topology_declare(job->in, CHANNEL_PLAIN, job->consumers, job->reply_queue, &job->limits, job->why, sizeof(job->why)) < 0)
        return -1;
    if (consume(job, job->reply_queue, REPLY_TAG, 0, false) < 0)
        return -1;
    for (int i = 0; job->consumers && job->consumers[i].kind; i++) {
        topology_queue(&job->consumers[i], job->reply_queue, queue);
        snprintf(tag, sizeof(tag), "%d", i);
        if (consume(job, queue, tag, job->consumers[i].prefetch, true) < 0)
            return -1;
    }
    return 0;
}

static int open_out(struct connect_job *job)
{
    job->out = open_connection(job, "out");
    if (!job->out)
        return -1;
    amqp_channel_open(job->out, CHANNEL_CONFIRMED);
    amqp_confirm_select(job->out, CHANNEL_CONFIRMED);
    topology_explain(amqp_get_rpc_reply(job->out), "confirms", job->why, sizeof(job->why));
    return *job->why ? -1 : 0;
}

void connect_run(struct connect_job *job)
{
    job->in = job->out = NULL;
    job->reached = false;
    *job->why = '\0';
    /* `out` first: what is consumed can be answered at once. */
    if (open_out(job) == 0 && open_in(job) == 0)
        return;
    if (job->in)
        amqp_destroy_connection(job->in);
    if (job->out)
        amqp_destroy_connection(job->out);
    job->in = job->out = NULL;
}
