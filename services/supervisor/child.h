/*
 * One process that the supervisor looks after: started, watched through a pidfd, restarted with back-off, stopped.
 * A supervisor that was killed finds its children again (run/children) and goes on watching them: they keep serving.
 */
#ifndef TESSERA_CHILD_H
#define TESSERA_CHILD_H

#include "loop.h"

#include <stdbool.h>
#include <sys/types.h>

enum child_state {
    CHILD_DOWN,
    CHILD_WAITING, /* for its back-off */
    CHILD_STARTING,
    CHILD_HEALTHY,
    CHILD_DEGRADED, /* well, but what it needs from outside of this installation is away: SERVICE_DEGRADED */
    CHILD_SICK,
    CHILD_STOPPING
};

struct child {
    char *name;    /* "http.1", "broker" */
    char *service; /* "http", "broker" */
    char *program;
    char **argv;     /* NULL-terminated */
    char **settings; /* "NAME=value", added to the environment; NULL-terminated */
    char *log;       /* file its output is appended to; NULL: the supervisor's own output */
    int port;        /* of its management server; 0 = none: healthy while it runs */
    enum child_state state;
    pid_t pid; /* 0 when not running */
    int pidfd;
    struct loop_watch *watch;
    struct loop_timer *timer; /* back-off, and the patience of a stop */
    int64_t started;          /* clock_mono_us() */
    int restarts;
    int failures; /* quick ends in a row, for the back-off */
    int probes_failed;
    bool probing;      /* a question to its health is under way */
    bool foreign;      /* no service: it does not bound its log itself */
    bool answered;     /* of a broker: once in this life */
    int64_t heard;     /* of a broker: clock_mono_us() of its last answer */
    int64_t probe_at;  /* of a broker: clock_mono_us(), not before */
    bool hung;         /* it was ended because it did not answer */
    bool leaving;      /* one less is wanted: it is forgotten when it has ended */
    int64_t log_start; /* how long its log was when it was started */
    int64_t log_retry; /* clock_mono_us(): not before */
    char *why;         /* last reason for not being healthy; owned, or NULL */
};

const char *child_state_name(enum child_state state);
struct child *child_new(const char *service, const char *name); /* the caller fills in what to run, and frees */
void child_free(struct child *c);                               /* of one that does not run */
void child_start(struct child *c);
/* Takes over a running process of an earlier supervisor. -1 when it is gone or not the same process (start time). */
int child_adopt(struct child *c, pid_t pid, unsigned long long birth);
void child_stop(struct child *c); /* SIGTERM; SIGKILL after supervisor.patience ms */
void child_kill(struct child *c); /* SIGKILL: it is restarted as after any other end */
/* Healthy, or degraded: there is nothing that this installation could do. */
bool child_is_up(const struct child *c);
void child_set_health(struct child *c, bool healthy, const char *why);
/* Keeps the log of a program that does not do so itself below log.size. */
void child_bound_log(struct child *c);
/* When a process began, in clock ticks since boot: with its pid its identity. 0 when there is none. */
unsigned long long child_birth(pid_t pid);
/* Called after any change of a child's state. */
void child_on_change(void (*fn)(void));

#endif
