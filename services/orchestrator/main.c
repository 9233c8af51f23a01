/* orchestrator - decides what a request means and has it done: plans, loads, commits, answers. */
#include "access.h"
#include "announcer.h"
#include "boot.h"
#include "bus.h"
#include "clock.h"
#include "cse.h"
#include "deferred.h"
#include "discover.h"
#include "flexcontainer.h"
#include "issuers.h"
#include "json.h"
#include "loop.h"
#include "plan.h"
#include "policy.h"
#include "region.h"
#include "service.h"
#include "shell.h"
#include "siblings.h"
#include "store.h"
#include "transactor.h"

/* What others must hear of: originals of copies, AEs and CSEs that go, and where AEs are. */
#define FOLLOWED                                                                                                                 \
    "*.*.update.acted *.*.update.both *.*.delete.acted *.*.delete.both *.ae.create.* *.ae.delete.* *.csr.delete.* *.aeA.# "      \
    "*.*.evicted.*"

enum {
    PING_MS = 1000,
    PING_VALID_MS = 2000,
    PREFETCH = 128,
    DEFERRED = 512 /* non-blocking requests under way mostly wait for others */
};

static const struct config_row config[] = {
    {"orchestrator.cache",            CONFIG_INT,  "8192",                                        1,    10000000,   "resources kept in memory; 4 KiB of it for each, taken together"},
    {"orchestrator.inflight",         CONFIG_INT,  "2048",                                        1,    1000000,
     "requests under way at once; beyond, clients are told to try again"                                                                                                            },
    {"orchestrator.patience",         CONFIG_INT,  "4000",                                        10,   600000,     "ms that storage has to answer one request"                     },
    {"orchestrator.results",          CONFIG_INT,  "10000",                                       1,    10000000,   "results of a discovery or a RETRIEVE with children at most"    },
    {"orchestrator.response.max",     CONFIG_INT,  "4194304",                                     1024, 1073741824,
     "bytes of the content of a discovery or a RETRIEVE with children at most; one result always fits"                                                                              },
    {"orchestrator.result.life",      CONFIG_INT,  "86400",                                       1,    31536000,
     "s that the result of a non-blocking request is kept, unless it says so itself"                                                                                                },
    {"orchestrator.verify.urls",      CONFIG_BOOL, "false",                                       0,    0,
     "ask URLs, not only resources, for their consent before a subscription is made"                                                                                                },
    {"orchestrator.base.policy",      CONFIG_TEXT, "{\"acr\":[{\"acor\":[\"all\"],\"acop\":2}]}", 2,    65536,
     "privileges (m2m:setOfAcrs, JSON) of registered originators on the CSEBase itself"                                                                                             },
    {"orchestrator.group.members",    CONFIG_INT,  "10000",                                       1,    1000000,    "members that a group may have"                                 },
    {"orchestrator.service.profiles", CONFIG_BOOL, "false",                                       0,    0,
     "AEs register only as the service subscription of this CSE allows (serviceSubscribedNode)"                                                                                     },
    {"orchestrator.token.issuers",    CONFIG_TEXT, "",                                            0,    4096,
     "file of who may issue tokens, and their keys; none: no token is worth anything"                                                                                               },
    {"orchestrator.transaction.life", CONFIG_INT,  "600",                                         1,    31536000,
     "s that a transaction may take that does not say so itself"                                                                                                                    },
    {"orchestrator.countries",        CONFIG_TEXT, "",                                            0,    65536,
     "in which country the peers of a network are, NETWORK=CC with blanks between, for policies (accc)"                                                                             },
    {NULL,                            CONFIG_TEXT, NULL,                                          0,    0,          NULL                                                            },
};

static struct store_call ping;
static struct loop_timer *ping_timer;
static bool pinging;
static int64_t answered; /* clock_mono_us() of the last good answer, 0 = never */

static void on_pong(void *context, const struct store_reply *reply)
{
    (void)context;
    pinging = false;
    if (reply->st == STORE_OK)
        answered = clock_mono_us();
}

static void send_ping(void *context)
{
    (void)context;
    if (pinging || !bus_is_up())
        return;
    ping = (struct store_call){.done = on_pong, .tenant = "main", .deadline = clock_now_ms() + PING_MS};
    pinging = store_ping(&ping) == 0;
    policy_look();
}

static bool ready(struct str *why)
{
    const char *missing = NULL;

    if (!bus_is_up())
        missing = "the broker cannot be reached";
    else if (!answered || clock_mono_us() - answered > PING_VALID_MS * INT64_C(1000))
        missing = "storage does not answer";
    else if (!boot_done())
        missing = "the CSEBase is not there yet";
    if (missing)
        str_puts(why, missing);
    return !missing;
}

static void set_base_policy(void)
{
    const char *text = config_text("orchestrator.base.policy");
    char why[256];
    json_auto_t *policy = json_parse(text, strlen(text), why, sizeof(why));
    struct acl *acl = policy ? acl_compile(policy) : NULL;

    if (!acl)
        config_refuse("orchestrator.base.policy", "%s", policy ? "not a set of access control rules" : why);
    access_set_base_policy(acl);
}

static void set_countries(void)
{
    char why[160];

    if (!region_set_countries(config_text("orchestrator.countries"), why, sizeof(why)))
        config_refuse("orchestrator.countries", "%s", why);
}

static void start(void)
{
    set_base_policy();
    set_countries();
    cse_check();
    flexcontainer_start();
    issuers_start(config_text("orchestrator.token.issuers"));
    plan_configure(config_bool("orchestrator.verify.urls"));
    plan_set_subscription_needed(config_bool("orchestrator.service.profiles"));
    plan_set_group_members((size_t)config_int("orchestrator.group.members"));
    plan_set_transaction_life(config_int("orchestrator.transaction.life") * 1000);
    plan_set_result_life(config_int("orchestrator.result.life") * 1000);
    discover_start();
    shell_start();
    boot_start();
    deferred_start();
    ping_timer = loop_timer_new(send_ping, NULL);
    loop_timer_start(ping_timer, 100, PING_MS);
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_REQUESTS, "orchestrator",     NULL,                         0,                 PREFETCH, shell_on_request   },
        {BUS_EVENTS,   "requests",         "*.req.create.* *.req.due.*", 0,                 DEFERRED, deferred_handle    },
        {BUS_OWN,      "orchestrator.all", NULL,                         0,                 PREFETCH, siblings_on_request},
        {BUS_EVENTS,   "announcements",    FOLLOWED,                     BUS_SINGLE_ACTIVE, PREFETCH, announcer_handle   },
        {BUS_EVENTS,   "transactions",     "*.tram.*.* *.trac.create.*", BUS_SINGLE_ACTIVE, PREFETCH, transactor_handle  },
        {0,            NULL,               NULL,                         0,                 0,        NULL               },
    };
    static const struct service orchestrator = {
        .name = "orchestrator",
        .purpose = "decides what a request means and has it done: plans, loads, commits, answers",
        .config = config,
        .consumers = consumers,
        .start = start,
        .stop = shell_stop,
        .ready = ready,
        .idle = shell_idle,
    };

    return service_main(argc, argv, &orchestrator);
}
