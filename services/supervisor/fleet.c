#include "fleet.h"

#include "certificate.h"
#include "clock.h"
#include "config.h"
#include "keeper.h"
#include "kept.h"
#include "lock.h"
#include "log.h"
#include "management.h"
#include "mem.h"
#include "probe.h"
#include "service.h"
#include "tls.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROBE_FAST_MS 100
#define PROBE_MS 1000
#define PROBE_TIMEOUT_MS 2000
#define NODES_POLL_MS 50
#define NODES_PATIENCE_MS 15000
#define BROKER_PROBES 12 /* in the time after which it hangs: one that is busy may be slow, and who kills it makes it slower */
#define PROBES_LOST 8    /* so many unanswered in a row: it hangs, and is replaced */

static struct child *children[FLEET_MAX]; /* in the order of starting: broker, services, keeper */
static int count;
static bool stopping;
static struct loop_timer *probe_timer, *nodes_timer;
static int64_t nodes_since; /* clock_mono_us() */
static char *programs;      /* the folder of the services' programs */

int fleet_parse(const char *text, struct fleet_entry *entries, int max, char *why, size_t why_size)
{
    int n = 0;

    for (const char *p = text; *p;) {
        size_t name = strspn(p, "abcdefghijklmnopqrstuvwxyz-");
        char *end;
        long instances;

        if (*p == ' ' || *p == ',') {
            p++;
            continue;
        }
        if (n == max || name == 0 || name >= sizeof(entries[n].service) || p[name] != '=') {
            snprintf(why, why_size, "at \"%.20s\": expected NAME=COUNT", p);
            return -1;
        }
        instances = isdigit((unsigned char)p[name + 1]) ? strtol(p + name + 1, &end, 10) : -1;
        if (instances < 0 || instances > 16 || (*end && *end != ' ' && *end != ',')) {
            snprintf(why, why_size, "%.*s: the count must be 0 to 16", (int)name, p);
            return -1;
        }
        memcpy(entries[n].service, p, name);
        entries[n].service[name] = 0;
        entries[n++].instances = (int)instances;
        p = end;
    }
    return n;
}

static void save(void)
{
    kept_save(children, count);
}

/* ---- who there is ---- */

static struct child *add(const char *service, const char *name, char *program)
{
    struct child *c;

    if (count == FLEET_MAX)
        log_fatal("fleet.full", "max=%d", FLEET_MAX);
    c = child_new(service, name);
    c->program = program;
    c->foreign = strcmp(service, "broker") == 0 || strcmp(service, "mosquitto") == 0;
    if (!config_bool("supervisor.stdout")) {
        auto_free char *file = xasprintf("log/%s.log", c->foreign ? service : "tessera");

        c->log = kept_file(file);
    }
    children[count++] = c;
    return c;
}

/*
 * Where the private broker is: one, or the nodes of a cluster, of which services may take any. Queues that several instances
 * share must then outlive a node.
 */
static int add_bus(char **settings)
{
    int nodes = (int)config_int("broker.nodes"), n = 0;
    const char *cluster = config_text("broker.cluster");
    bool tls = config_int("broker.tls.port") != 0;

    if (!*config_text("supervisor.broker"))
        return 0;
    settings[n++] = xasprintf("TESSERA_BUS_PORT=%d", (int)config_int(tls ? "broker.tls.port" : "broker.port"));
    if (tls)
        settings[n++] = xstrdup("TESSERA_BUS_TLS=true");
    if (tls && *config_text("broker.tls.ca") && !getenv("TESSERA_BUS_TLS_CA"))
        settings[n++] = xasprintf("TESSERA_BUS_TLS_CA=%s", config_text("broker.tls.ca"));
    if (nodes > 1 || *cluster) {
        auto_str struct str hosts = STR_EMPTY;

        for (int i = 1; i <= nodes && !*cluster; i++)
            str_addf(&hosts, "%s127.0.0.%d", i > 1 ? "," : "", i);
        settings[n++] = xasprintf("TESSERA_BUS_HOST=%s", *cluster ? cluster : str_text(&hosts));
        settings[n++] = xstrdup("TESSERA_BUS_QUEUE_TYPE=quorum");
    }
    return n;
}

static bool port_is_taken(int port)
{
    for (int i = 0; i < count; i++)
        if (children[i]->port == port)
            return true;
    return kept_has_port(port);
}

/* In the order of starting, unless it runs already, with the port that it has. */
static int port_for(const char *name)
{
    int first = (int)config_int("management.port"), port = kept_port(name);

    if (!first)
        return 0;
    for (int i = count; !port && i < 2 * FLEET_MAX; i++)
        if (!port_is_taken(first + i))
            port = first + i;
    return port;
}

static struct child *add_service(const char *service, int number)
{
    auto_free char *name = xasprintf("%s.%d", service, number);
    struct child *c = add(service, name, xasprintf("%s/tessera-%s", programs, service));
    int n = 0;

    if (access(c->program, X_OK) < 0)
        log_fatal("fleet.unknown", "service=%s program=%s error=%m", service, c->program);
    c->port = port_for(name);
    c->argv = xcalloc(4, sizeof(*c->argv));
    c->argv[0] = xstrdup(c->program);
    c->argv[1] = xstrdup("--instance");
    c->argv[2] = xstrdup(name);
    c->settings = xcalloc(12, sizeof(*c->settings));
    c->settings[n++] = xasprintf("TESSERA_MANAGEMENT_PORT=%d", c->port);
    if (c->log)
        c->settings[n++] = xasprintf("TESSERA_LOG_FILE=%s", c->log);
    c->settings[n++] = xasprintf("TESSERA_BUS_PASSWORD=@%s/secrets/%s.password", config_text("supervisor.state"), service);
    if (!getenv("TESSERA_STORAGE_DIRECTORY"))
        c->settings[n++] = xasprintf("TESSERA_STORAGE_DIRECTORY=%s/tenants", config_text("supervisor.state"));
    if (!getenv("TESSERA_STATISTICS_DIRECTORY"))
        c->settings[n++] = xasprintf("TESSERA_STATISTICS_DIRECTORY=%s/statistics", config_text("supervisor.state"));
    n += add_bus(c->settings + n);
    if (strcmp(service, "mqtt") == 0 && *config_text("supervisor.mosquitto")) {
        c->settings[n++] = xstrdup("TESSERA_MQTT_USER=tessera");
        c->settings[n++] = xasprintf("TESSERA_MQTT_PASSWORD=@%s/secrets/mosquitto.password", config_text("supervisor.state"));
    }
    return c;
}

/* The private MQTT broker. It reads its settings itself. */
static void add_mosquitto(const char *run)
{
    struct child *c = add("mosquitto", "mosquitto", xstrdup(run));

    c->argv = xcalloc(3, sizeof(*c->argv));
    c->argv[0] = xstrdup(run);
    c->argv[1] = xstrdup(config_text("supervisor.state"));
    c->settings = xcalloc(1, sizeof(*c->settings));
}

/* Renewed certificates: Mosquitto reads them when it is told to. */
static void on_certificate_changed(void)
{
    for (int i = 0; i < count; i++)
        if (strcmp(children[i]->service, "mosquitto") == 0 && children[i]->state == CHILD_HEALTHY)
            kill(children[i]->pid, SIGHUP);
    certificate_taken("tls.certificate", config_text("tls.certificate"));
    log_info("tls.reloaded", "certificate=%s", config_text("tls.certificate"));
}

static void follow_certificates(void)
{
    const char *files[] = {config_text("tls.certificate"), config_text("tls.key")};

    if (*config_text("supervisor.broker")) {
        certificate_follow("broker.tls.certificate");
        certificate_follow("broker.tls.ca");
    }
    if (*config_text("supervisor.mosquitto") && *files[0]) {
        certificate_taken("tls.certificate", files[0]);
        tls_watch_files(files, ARRAY_LEN(files), on_certificate_changed);
    }
}

/* What the program that runs the broker is told; it reads the variables. */
static const char *const broker_settings[] = {
    "broker.port",   "broker.dist_port", "broker.memory",  "broker.disk",     "broker.address",         "broker.host",
    "broker.log",    "broker.nodes",     "broker.cluster", "broker.tls.port", "broker.tls.certificate", "broker.tls.key",
    "broker.tls.ca",
};

/* `number` 0: a broker of its own, or the node of this machine; otherwise one of several nodes on it. */
static void add_broker(const char *run, int number)
{
    auto_free char *name = number ? xasprintf("broker.%d", number) : xstrdup("broker");
    struct child *c = add("broker", name, xstrdup(run));

    c->argv = xcalloc(4, sizeof(*c->argv));
    c->argv[0] = xstrdup(run);
    c->argv[1] = xstrdup(config_text("supervisor.state"));
    c->argv[2] = number ? xasprintf("%d", number) : NULL;
    c->settings = xcalloc(ARRAY_LEN(broker_settings) + 1, sizeof(*c->settings));
    for (size_t i = 0; i < ARRAY_LEN(broker_settings); i++) {
        auto_free char *variable = config_variable(broker_settings[i]);

        c->settings[i] = xasprintf("%s=%s", variable, config_value(broker_settings[i]));
    }
}

/* As RabbitMQ reads it; what it cannot read it leaves alone, with a line in its own log that nobody sees. */
static void check_amount(const char *setting)
{
    static const char *const units[] = {"", "k", "kiB", "kB", "KiB", "KB", "M", "MiB", "MB", "G", "GiB", "GB"};
    const char *value = config_text(setting), *unit = value + strspn(value, "0123456789");

    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (!*value || (unit > value && strcmp(unit, units[i]) == 0))
            return;
    config_refuse(setting, "must be a number and a unit, like 256MiB, 1GB or 500MB");
}

static void add_brokers(const char *run)
{
    int nodes = (int)config_int("broker.nodes");

    check_amount("broker.memory");
    check_amount("broker.disk");
    if (nodes % 2 == 0)
        config_refuse("broker.nodes", "more than half of the nodes must be left when one is down: 1, 3, 5 or 7");
    if (nodes > 1 && *config_text("broker.cluster"))
        config_refuse("broker.nodes", "with broker.cluster there is one node on each machine");
    for (int i = 1; i <= nodes; i++)
        add_broker(run, nodes > 1 ? i : 0);
}

static void add_keeper(const char *self)
{
    struct child *c = add("keeper", "keeper", xstrdup(self));

    c->argv = keeper_arguments();
    c->settings = xcalloc(2, sizeof(*c->settings));
    if (c->log)
        c->settings[0] = xasprintf("TESSERA_LOG_FILE=%s", c->log);
}

/* Columns: service, the setting without which it has nothing to do. */
static const struct {
    const char *service, *setting;
} optional[] = {
    {"network", "network.url"},
};

bool fleet_needs(const char *service)
{
    for (size_t i = 0; i < ARRAY_LEN(optional); i++)
        if (strcmp(optional[i].service, service) == 0)
            return *config_text(optional[i].setting) != '\0';
    return true;
}

/* ---- health ---- */

static void end_hung(struct child *c)
{
    log_error("child.hangs", "child=%s pid=%d why=it does not answer any more and is started again", c->name, (int)c->pid);
    c->probes_failed = 0;
    c->hung = true;
    child_kill(c);
}

static void on_probed(void *context, bool answered, bool healthy, const char *why)
{
    struct child *c = context;

    c->probing = false;
    if (!c->pid)
        return;
    child_set_health(c, healthy, why);
    c->probes_failed = answered || c->state == CHILD_STARTING ? 0 : c->probes_failed + 1;
    if (c->probes_failed >= PROBES_LOST) {
        end_hung(c);
    }
}

static int64_t hang_us(void)
{
    return config_int("supervisor.hang") * INT64_C(1000000);
}

static void on_broker_probed(void *context, bool answered, bool healthy, const char *why)
{
    struct child *c = context;
    int64_t silent;

    c->probing = false;
    if (!c->pid || c->state == CHILD_STOPPING)
        return;
    if (answered) {
        c->answered = true;
        c->heard = clock_mono_us();
    }
    if (!c->answered) /* it boots */
        return;
    silent = clock_mono_us() - c->heard;
    if (answered || silent > hang_us() / 4)
        child_set_health(c, healthy, why);
    if (silent > hang_us())
        end_hung(c);
}

/* A broker that hangs still takes connections, but nothing more; with TLS that cannot be told from here. */
static void probe_child_broker(struct child *c)
{
    const char *address = config_text("broker.address");
    auto_free char *node = c->argv[2] ? xasprintf("127.0.0.%s", c->argv[2]) : xstrdup(address);

    if (config_int("broker.tls.port") || clock_mono_us() < c->probe_at)
        return;
    c->probe_at = clock_mono_us() + hang_us() / BROKER_PROBES;
    c->probing = true;
    probe_broker(node, (int)config_int("broker.port"), PROBE_TIMEOUT_MS, on_broker_probed, c);
}

/* Forgets those that were to leave and have ended. */
static void sweep(void)
{
    for (int i = 0; i < count; i++) {
        struct child *c = children[i];

        if (!c->leaving || c->state != CHILD_DOWN || c->probing)
            continue;
        memmove(&children[i], &children[i + 1], (size_t)(count - i - 1) * sizeof(*children));
        count--;
        i--;
        child_free(c);
    }
}

static void on_probe_time(void *context)
{
    bool all = true;

    (void)context;
    lock_beat();
    sweep();
    for (int i = 0; i < count; i++) {
        struct child *c = children[i];

        all = all && child_is_up(c);
        child_bound_log(c);
        if (c->port && c->pid && !c->probing && c->state != CHILD_STOPPING) {
            c->probing = true;
            probe_start(c->port, PROBE_TIMEOUT_MS, on_probed, c);
        }
        if (strcmp(c->service, "broker") == 0 && c->pid && !c->probing && c->state != CHILD_STOPPING)
            probe_child_broker(c);
    }
    loop_timer_start(probe_timer, all ? PROBE_MS : PROBE_FAST_MS, 0);
}

/* ---- life ---- */

static bool node_listens(int number)
{
    bool tls = config_int("broker.tls.port") != 0;
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)config_int(tls ? "broker.tls.port" : "broker.port")),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)number - 1)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool listens = fd >= 0 && connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0; /* this machine answers at once */

    if (fd >= 0)
        close(fd);
    return listens;
}

static bool nodes_listen(void)
{
    int nodes = (int)config_int("broker.nodes");

    for (int i = 1; i <= nodes && nodes > 1 && *config_text("supervisor.broker"); i++)
        if (!node_listens(i))
            return false;
    return true;
}

/*
 * The nodes of a cluster first, everything else when all of them are there: a queue has its copies on the nodes that there are
 * when it is declared, and who declares one while another node is joining may wait for long. One that does not come holds
 * nothing up for ever.
 */
static void on_nodes_time(void *context)
{
    (void)context;
    if (stopping)
        return;
    if (!nodes_listen() && clock_mono_us() - nodes_since < NODES_PATIENCE_MS * INT64_C(1000)) {
        loop_timer_start(nodes_timer, NODES_POLL_MS, 0);
        return;
    }
    for (int i = 0; i < count; i++)
        if (children[i]->state == CHILD_DOWN && !children[i]->leaving)
            child_start(children[i]);
}

static void start_all(void)
{
    bool wait = !nodes_listen();

    for (int i = 0; i < count; i++)
        if (!children[i]->pid && strcmp(children[i]->service, "broker") == 0)
            child_start(children[i]);
    nodes_since = clock_mono_us();
    nodes_timer = loop_timer_new(on_nodes_time, NULL);
    loop_timer_start(nodes_timer, wait ? NODES_POLL_MS : 0, 0);
}

void fleet_start(void)
{
    struct fleet_entry entries[FLEET_MAX];
    char why[128];
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    int kinds = fleet_parse(config_text("supervisor.instances"), entries, FLEET_MAX, why, sizeof(why));

    if (kinds < 0)
        config_refuse("supervisor.instances", "%s", why);
    kept_load();
    kinds = kept_instances(entries, kinds, FLEET_MAX);
    if (n < 0)
        log_fatal("fleet.self", "error=%m");
    self[n] = 0;
    programs = xstrndup(self, (size_t)(strrchr(self, '/') - self));
    if (*config_text("supervisor.broker"))
        add_brokers(config_text("supervisor.broker"));
    for (int k = 0; k < kinds; k++) {
        if (strcmp(entries[k].service, "mqtt") == 0 && entries[k].instances > 0 && *config_text("supervisor.mosquitto"))
            add_mosquitto(config_text("supervisor.mosquitto"));
        for (int i = 1; i <= entries[k].instances && fleet_needs(entries[k].service); i++)
            add_service(entries[k].service, i);
    }
    add_keeper(self);
    child_on_change(save);
    kept_adopt(children, count);
    start_all();
    follow_certificates();
    probe_timer = loop_timer_new(on_probe_time, NULL);
    on_probe_time(NULL);
}

/* The keeper goes first (it would bring all back), then services from the last started to the first, then the broker. */
bool fleet_stop(void)
{
    int alive = 0;

    if (!stopping) {
        stopping = true;
        loop_timer_stop(probe_timer);
        loop_timer_stop(nodes_timer);
        child_stop(children[count - 1]);
    }
    for (int i = count - 2; i >= 0; i--) {
        bool same = i + 1 < count - 1 && strcmp(children[i]->service, children[i + 1]->service) == 0;

        if (children[i]->state == CHILD_DOWN)
            continue;
        if (alive > 0 && !same)
            break;
        child_stop(children[i]);
        alive++;
    }
    if (alive > 0 || children[count - 1]->state != CHILD_DOWN)
        return false;
    kept_forget_instances();
    return true;
}

/* ---- more and less of them ---- */

bool fleet_stops(void)
{
    return stopping;
}

int fleet_room(void)
{
    return FLEET_MAX - count;
}

bool fleet_knows(const char *service)
{
    auto_free char *program = xasprintf("%s/tessera-%s", programs, service);

    return access(program, X_OK) == 0;
}

int fleet_count(const char *service)
{
    int n = 0;

    for (int i = 0; i < count; i++)
        n += strcmp(children[i]->service, service) == 0 && !children[i]->leaving;
    return n;
}

bool fleet_leaving(const char *service)
{
    for (int i = 0; i < count; i++)
        if (strcmp(children[i]->service, service) == 0 && children[i]->leaving)
            return true;
    return false;
}

/* Behind the others of its service, which stopping relies on; the keeper stays the last. */
void fleet_add(const char *service, int number)
{
    struct child *c = add_service(service, number);
    int at = count - 2; /* the keeper's place */

    for (int i = 0; i < count - 1; i++)
        if (strcmp(children[i]->service, service) == 0)
            at = i + 1;
    memmove(&children[at + 1], &children[at], (size_t)(count - 1 - at) * sizeof(*children));
    children[at] = c;
    child_start(c);
    loop_timer_start(probe_timer, PROBE_FAST_MS, 0);
}

void fleet_remove_last(const char *service)
{
    for (int i = count - 1; i >= 0; i--) {
        struct child *c = children[i];

        if (strcmp(c->service, service) != 0 || c->leaving)
            continue;
        c->leaving = true;
        child_stop(c);
        loop_timer_start(probe_timer, PROBE_FAST_MS, 0);
        return;
    }
}

static bool is_amiss(const struct child *c)
{
    return !child_is_up(c) && !c->leaving;
}

static bool is_alike(const struct child *a, const struct child *b)
{
    return is_amiss(a) && is_amiss(b) && a->state == b->state && strcmp(a->why ? a->why : "", b->why ? b->why : "") == 0;
}

/* Those with the same reason together: most of the time there is one, and many suffer from it. */
bool fleet_ready(struct str *why)
{
    bool ready = true;

    for (int i = 0; i < count; i++) {
        const struct child *c = children[i];
        bool said = !is_amiss(c);
        int alike = 0;

        for (int j = 0; j < i; j++)
            said = said || is_alike(c, children[j]);
        if (said)
            continue;
        for (int j = i; j < count; j++) {
            if (!is_alike(c, children[j]))
                continue;
            str_addf(why, "%s%s", alike ? ", " : ready ? "" : "; ", children[j]->name);
            alike++;
        }
        str_addf(why, " %s %s%s%s", alike > 1 ? "are" : "is", child_state_name(c->state), c->why ? ": " : "",
                 c->why ? c->why : "");
        ready = false;
    }
    return ready;
}

void fleet_status(struct str *json)
{
    str_puts(json, "{\"children\":[");
    for (int i = 0; i < count; i++) {
        struct child *c = children[i];
        int64_t up = c->pid ? (clock_mono_us() - c->started) / 1000000 : 0;

        str_addf(json, "%s{\"name\":", i ? "," : "");
        str_json(json, c->name);
        str_addf(json, ",\"state\":\"%s\",\"pid\":%d,\"port\":%d,\"restarts\":%d,\"up\":%lld", child_state_name(c->state),
                 (int)c->pid, c->port, c->restarts, (long long)up);
        if (c->why) {
            str_puts(json, ",\"why\":");
            str_json(json, c->why);
        }
        str_putc(json, '}');
    }
    str_puts(json, "]}");
}

static void put_target(struct str *json, const char *service, const char *instance, int at)
{
    const char *listen = config_text("management.listen");
    bool every = strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0, v6 = !every && strchr(listen, ':');

    str_addf(json, "%s{\"targets\":[\"%s%s%s:%d\"],\"labels\":{\"service\":\"%s\",\"instance\":\"%s\"}}",
             json->len > 1 ? "," : "", v6 ? "[" : "", every ? "127.0.0.1" : listen, v6 ? "]" : "", at, service, instance);
}

void fleet_targets(struct str *json)
{
    str_putc(json, '[');
    put_target(json, "supervisor", service_instance(), management_port());
    for (int i = 0; i < count; i++)
        if (children[i]->port)
            put_target(json, children[i]->service, children[i]->name, children[i]->port);
    str_putc(json, ']');
}
