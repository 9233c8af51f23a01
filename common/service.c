/* The life of a service, from its options to its exit status. */
#include "service.h"
#include "cse.h"
#include "log.h"
#include "logfile.h"
#include "loop.h"
#include "management.h"
#include "metrics.h"
#include "network.h"
#include "process.h"
#include "span.h"
#include "tls.h"
#include "version.h"

#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mem.h"

#define DRAIN_POLL_MS 10
#define DESCRIPTORS_MAX 65536
#define INSTANCE_MAX 64
#define SPANS_MS 1000
#define LOG_MS 1000 /* so long at most a process that has nothing to say keeps an old log file open */

static const struct config_row service_config[] = {
    {"log.level",         CONFIG_TEXT, "info",      4,     5,             "least level that is logged: debug, info, warn or error"         },
    {"log.file",          CONFIG_TEXT, "",          0,     4000,
     "file that the log is written to, and bounded; the supervisor sets it for what it starts. Empty: standard output"                     },
    {"log.size",          CONFIG_INT,  "10485760",  65536, 1099511627776, "bytes above which a log file is put aside and a fresh one begun"},
    {"log.files",         CONFIG_INT,  "3",         2,     100,           "log files that are kept, the current one included"              },
    {"service.drain",     CONFIG_INT,  "5000",      0,     600000,
     "ms that a service may take to finish what it has begun when it is told to stop"                                                      },
    {"service.linger",    CONFIG_INT,  "0",         0,     600000,
     "behind a balancer: ms that a service told to stop goes on as before, but for /health, until that has noticed; and it "
     "listens only when it can work"                                                                                                       },
    {"management.listen", CONFIG_TEXT, "127.0.0.1", 2,     45,            "IP address on which /health and /metrics are served"            },
    {"management.port",   CONFIG_INT,  "0",         0,     65535,         "port of /health and /metrics; 0 = any free one, which is logged"},
    {NULL,                CONFIG_TEXT, NULL,        0,     0,             NULL                                                             },
};

static const struct config_row no_config[] = {
    {NULL, CONFIG_TEXT, NULL, 0, 0, NULL},
};

static const struct service *service;
static char instance[INSTANCE_MAX + 1];
static uv_signal_t signals[2];
static struct loop_timer *drain_timer;
static int64_t drain_until;
static bool draining, spans_last;

static struct metric healthy = METRIC_GAUGE("tessera_healthy", "1 while /health says ok, else 0", NULL);
static struct metric build = METRIC_GAUGE("tessera_build_info", "1; the version that runs", "version");

const char *service_instance(void)
{
    return instance;
}

/* ---- options ---- */

static int usage(FILE *out, int status, const struct config_row *const *tables)
{
    fprintf(out, "usage: tessera-%s [--instance NAME] [--config FILE]\n\n", service->name);
    if (status != 0) {
        fprintf(out, "--help lists all options and settings.\n");
        return status;
    }
    if (service->purpose)
        fprintf(out, "%s\n\n", service->purpose);
    fprintf(out,
            "  --instance NAME  name of this process among others of its kind (default %s.1)\n"
            "  --config FILE    file of settings, lines \"section.key = value\" (default: the variable TESSERA_CONFIG)\n"
            "  --settings       list the settings for programs\n"
            "  --version        show the version\n"
            "  --help           show this\n\n"
            "Settings; the variable wins over the file, the file over the default:\n",
            service->name);
    config_print_help(out, tables);
    return status;
}

static bool instance_valid(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= INSTANCE_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == len;
}

/* Returns -1 when the service is to run, else the status to exit with. */
static int read_options(int argc, char **argv, const struct config_row *const *tables)
{
    static const struct option options[] = {
        {"instance", required_argument, NULL, 'i'},
        {"config",   required_argument, NULL, 'c'},
        {"settings", no_argument,       NULL, 's'},
        {"version",  no_argument,       NULL, 'v'},
        {"help",     no_argument,       NULL, 'h'},
        {NULL,       0,                 NULL, 0  },
    };
    int option;

    snprintf(instance, sizeof(instance), "%s.1", service->name);
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'i':
            if (!instance_valid(optarg)) {
                fprintf(stderr, "--instance: \"%.100s\": must be 1 to %d letters, digits and . - _\n", optarg, INSTANCE_MAX);
                return SERVICE_EXIT_USAGE;
            }
            snprintf(instance, sizeof(instance), "%s", optarg);
            break;
        case 'c': /* read by config_load() */
            break;
        case 's':
            config_print_list(stdout, tables);
            return 0;
        case 'v':
            printf("tessera-%s %s\n", service->name, TESSERA_VERSION);
            return 0;
        case 'h':
            return usage(stdout, 0, tables);
        default:
            return usage(stderr, SERVICE_EXIT_USAGE, tables);
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "tessera-%s: unexpected \"%.100s\"\n", service->name, argv[optind]);
    return usage(stderr, SERVICE_EXIT_USAGE, tables);
}

static enum log_level log_level(void)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};

    for (int i = 0; i < (int)ARRAY_LEN(names); i++)
        if (strcmp(config_text("log.level"), names[i]) == 0)
            return (enum log_level)i;
    config_refuse("log.level", "must be debug, info, warn or error");
}

/* ---- health ---- */

static bool ready(struct str *why)
{
    if (draining) {
        str_puts(why, "stopping");
        return false;
    }
    if (!service->no_bus && !bus_is_up()) {
        str_addf(why, *bus_why() ? "no connection to the broker: %s" : "no connection to the broker", bus_why());
        return false;
    }
    if (!service->no_bus && bus_is_blocked()) {
        str_addf(why, "the broker is %s and takes nothing", bus_blocked_why());
        return false;
    }
    return !service->ready || service->ready(why);
}

static void on_render(void)
{
    auto_str struct str why = STR_EMPTY;

    metric_set(&healthy, ready(&why), NULL);
    metric_set(&build, 1, TESSERA_VERSION);
}

void service_when_ready(void (*listen)(bool up))
{
    if (config_int("service.linger") > 0 && !service->no_bus)
        bus_on_state(listen);
    else
        listen(true);
}

/* ---- the end ---- */

/* The last spans: while they leave, but no longer than a second. */
static bool spans_leave(void)
{
    int64_t latest = (int64_t)uv_now(loop_get()) + SPANS_MS;

    span_flush();
    if (!spans_last && drain_until > latest)
        drain_until = latest;
    spans_last = true;
    return !span_idle() && (int64_t)uv_now(loop_get()) < drain_until;
}

static void on_drain(void *context)
{
    bool bus = service->no_bus || bus_idle(), own = !service->idle || service->idle();

    (void)context;
    if (!(bus && own) && (int64_t)uv_now(loop_get()) < drain_until)
        return;
    if (bus && own && spans_leave())
        return;
    if (!(bus && own))
        log_warn("service.undrained", "bus_idle=%d own_idle=%d", bus, own);
    loop_timer_stop(drain_timer);
    loop_stop();
}

static void begin_drain(void *context)
{
    (void)context;
    if (!service->no_bus)
        bus_stop_consuming();
    drain_until = (int64_t)uv_now(loop_get()) + (service->drain ? service->drain : config_int("service.drain"));
    drain_timer = loop_timer_new(on_drain, NULL);
    loop_timer_start(drain_timer, 0, DRAIN_POLL_MS);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)handle;
    if (draining) {
        log_warn("service.abandon", "signal=%s", strsignal(number));
        _exit(1);
    }
    draining = true;
    log_info("service.drain", "signal=%s", strsignal(number));
    if (config_int("service.linger") == 0)
        begin_drain(NULL);
    else
        loop_timer_start(loop_timer_new(begin_drain, NULL), config_int("service.linger"), 0);
}

static void watch_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT};

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        uv_signal_init(loop_get(), &signals[i]);
        uv_signal_start(&signals[i], on_signal, numbers[i]);
    }
}

/* ---- the beginning ---- */

/* As many descriptors as we may have: a connection is one, and the usual soft limit is 1,024. */
static void raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_MAX)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void on_log_time(void *context)
{
    (void)context;
    logfile_check();
}

static void open_log(void)
{
    logfile_open(config_text("log.file"), config_int("log.size"), (int)config_int("log.files"));
    log_open(instance, log_level());
    if (*config_text("log.file"))
        loop_timer_start(loop_timer_new(on_log_time, NULL), LOG_MS, LOG_MS);
}

static void begin(void)
{
    open_log();
    cse_check();
    raise_limits();
    watch_signals();
    process_metrics_start();
    metrics_on_render(on_render);
    if (!service->no_bus)
        span_start(service->name, instance);
    management_start(instance, ready);
    if (!service->no_bus)
        management_detail("broker", bus_host); /* which of several */
    log_info("service.start", "version=%s pid=%d", TESSERA_VERSION, (int)getpid());
    log_info("service.management", "port=%d", management_port());
    if (service->start)
        service->start();
    if (!service->no_bus)
        bus_start(instance, service->name, service->consumers);
}

static void end(void)
{
    if (service->stop)
        service->stop();
    if (!service->no_bus)
        bus_stop();
    span_stop();
    management_stop();
    log_info("service.end", "uptime=%.3f", process_uptime());
}

int service_main(int argc, char **argv, const struct service *this)
{
    const struct config_row *tables[8] = {service_config, cse_config, network_config, span_config};
    int n = 4, status;

    service = this;
    if (!service->no_bus)
        tables[n++] = bus_config;
    if (service->tls)
        tables[n++] = tls_config;
    tables[n] = service->config ? service->config : no_config;
    status = read_options(argc, argv, tables);
    if (status >= 0)
        return status;
    config_load(service->name, tables, argc, argv);
    begin();
    loop_run();
    end();
    return 0;
}
