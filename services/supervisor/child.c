#include "child.h"

#include "clock.h"
#include "config.h"
#include "log.h"
#include "logfile.h"
#include "mem.h"
#include "metrics.h"
#include "service.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_LIFE_US 10000000 /* a child that lived this long is restarted at once */
#define FIRST_BACKOFF_MS 100
#define LAST_BACKOFF_MS 10000
#define LOG_RETRY_US 60000000

static struct metric restarts_total = METRIC_COUNTER("tessera_supervisor_restarts_total", "Processes started again", "child");
static void (*on_change)(void);

const char *child_state_name(enum child_state state)
{
    static const char *const names[] = {"down", "waiting", "starting", "healthy", "degraded", "sick", "stopping"};

    return names[state];
}

void child_on_change(void (*fn)(void))
{
    on_change = fn;
}

static void set_state(struct child *c, enum child_state state)
{
    if (c->state == state)
        return;
    c->state = state;
    if (on_change)
        on_change();
}

unsigned long long child_birth(pid_t pid)
{
    auto_free char *path = xasprintf("/proc/%d/stat", (int)pid);
    char text[1024];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    unsigned long long birth = 0;
    const char *p;

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    p = strrchr(text, ')'); /* the command's name may hold anything */
    /* field 3 is the state, a zombie has ended; field 22 is the start time */
    if (!p || p[1] == 0 || p[2] == 'Z')
        return 0;
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    if (p)
        birth = strtoull(p + 1, NULL, 10);
    return birth;
}

static void on_end(void *context, int events);

static int watch(struct child *c, pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    c->pid = pid;
    c->pidfd = fd;
    c->started = clock_mono_us();
    c->probes_failed = 0;
    c->answered = false;
    c->watch = loop_watch_new(fd, on_end, c);
    loop_watch_set(c->watch, UV_READABLE);
    return 0;
}

static void unwatch(struct child *c)
{
    loop_watch_free(c->watch);
    close(c->pidfd);
    c->watch = NULL;
    c->pidfd = -1;
    c->pid = 0;
}

static void set_why(struct child *c, const char *why)
{
    free(c->why);
    c->why = why && *why ? xstrdup(why) : NULL;
}

static void start_later(struct child *c)
{
    int64_t delay = 0;

    c->failures = clock_mono_us() - c->started > LONG_LIFE_US ? 0 : c->failures + 1;
    if (c->failures > 1) {
        delay = FIRST_BACKOFF_MS;
        for (int i = 2; i < c->failures && delay < LAST_BACKOFF_MS; i++)
            delay *= 2;
    }
    if (delay > LAST_BACKOFF_MS)
        delay = LAST_BACKOFF_MS;
    c->restarts++;
    metric_add(&restarts_total, 1, c->name);
    log_warn("child.restart", "child=%s in_ms=%d restarts=%d why=%s", c->name, (int)delay, c->restarts, c->why);
    set_state(c, CHILD_WAITING);
    loop_timer_start(c->timer, delay, 0);
}

static void on_end(void *context, int events)
{
    struct child *c = context;
    bool stopping = c->state == CHILD_STOPPING;
    int status = 0;
    auto_free char *words = NULL, *full = NULL;
    char why[64] = "ended"; /* all that is known of a process that another supervisor started */

    (void)events;
    if (waitpid(c->pid, &status, WNOHANG) == c->pid) {
        if (c->hung)
            snprintf(why, sizeof(why), "hung, and was ended");
        else if (WIFSIGNALED(status))
            snprintf(why, sizeof(why), "ended by signal %d", WTERMSIG(status));
        else
            snprintf(why, sizeof(why), "ended with status %d", WEXITSTATUS(status));
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0 && c->log)
            words = words_last(c->log, c->log_start, c->name, c->foreign);
    }
    c->hung = false;
    full = words ? xasprintf("%s: %s", why, words) : xstrdup(why);
    log_info("child.end", "child=%s pid=%d how=%s", c->name, (int)c->pid, full);
    unwatch(c);
    loop_timer_stop(c->timer);
    set_why(c, stopping ? NULL : full);
    if (stopping)
        set_state(c, CHILD_DOWN);
    else
        start_later(c);
}

/* In the new process: output to the log, a session of its own so that a terminal's ^C does not reach it, then the program. */
static void become(const struct child *c)
{
    int out = c->log ? open(c->log, O_WRONLY | O_CREAT | O_APPEND, 0640) : dup(1);
    int in = open("/dev/null", O_RDONLY);
    sigset_t none;

    setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(71);
    close_range(3, ~0U, 0);
    for (char **s = c->settings; *s; s++)
        putenv(*s);
    execv(c->program, c->argv);
    dprintf(2, "cannot run %s: %s\n", c->program, strerror(errno));
    _exit(72);
}

void child_start(struct child *c)
{
    pid_t pid;

    c->log_start = c->log ? words_mark(c->log) : 0;
    pid = fork();
    if (pid == 0)
        become(c);
    if (pid < 0 || watch(c, pid) < 0) {
        if (pid > 0)
            kill(pid, SIGKILL);
        set_why(c, "cannot start a process");
        c->started = clock_mono_us();
        start_later(c);
        return;
    }
    log_info("child.start", "child=%s pid=%d", c->name, (int)pid);
    set_state(c, c->port ? CHILD_STARTING : CHILD_HEALTHY);
    if (on_change)
        on_change();
}

int child_adopt(struct child *c, pid_t pid, unsigned long long birth)
{
    if (birth == 0 || child_birth(pid) != birth || watch(c, pid) < 0)
        return -1;
    if (child_birth(pid) != birth) { /* it ended, and its pid was given to another, between the two */
        unwatch(c);
        return -1;
    }
    c->answered = true; /* it does not boot, most likely */
    c->heard = clock_mono_us();
    log_info("child.adopt", "child=%s pid=%d", c->name, (int)pid);
    set_state(c, c->port ? CHILD_STARTING : CHILD_HEALTHY);
    return 0;
}

void child_kill(struct child *c)
{
    if (c->pid)
        syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
}

/* The back-off is over, or the patience with a child that does not stop. */
static void on_timer(void *context)
{
    struct child *c = context;

    if (c->state != CHILD_STOPPING) {
        child_start(c);
        return;
    }
    log_warn("child.kill", "child=%s pid=%d", c->name, (int)c->pid);
    child_kill(c);
}

struct child *child_new(const char *service, const char *name)
{
    struct child *c = xcalloc(1, sizeof(*c));

    c->service = xstrdup(service);
    c->name = xstrdup(name);
    c->pidfd = -1;
    c->timer = loop_timer_new(on_timer, c);
    metric_add(&restarts_total, 0, c->name); /* the first one is to be seen as a change */
    return c;
}

static void free_list(char **list)
{
    for (char **one = list; one && *one; one++)
        free(*one);
    free(list);
}

void child_free(struct child *c)
{
    loop_timer_free(c->timer);
    free_list(c->argv);
    free_list(c->settings);
    free(c->program);
    free(c->log);
    free(c->why);
    free(c->name);
    free(c->service);
    free(c);
}

void child_stop(struct child *c)
{
    if (c->state == CHILD_STOPPING || c->state == CHILD_DOWN)
        return;
    if (!c->pid) {
        loop_timer_stop(c->timer);
        set_state(c, CHILD_DOWN);
        return;
    }
    set_state(c, CHILD_STOPPING);
    syscall(SYS_pidfd_send_signal, c->pidfd, SIGTERM, NULL, 0);
    loop_timer_start(c->timer, config_int("supervisor.patience"), 0);
}

void child_bound_log(struct child *c)
{
    if (!c->foreign || !c->log || clock_mono_us() < c->log_retry)
        return;
    if (logfile_trim(c->log, config_int("log.size"), (int)config_int("log.files")) < 0) {
        log_warn("log.rotate", "path=%s why=cannot be rotated: %m; it goes on, and is tried again in a minute", c->log);
        c->log_retry = clock_mono_us() + LOG_RETRY_US;
    }
}

bool child_is_up(const struct child *c)
{
    return c->state == CHILD_HEALTHY || c->state == CHILD_DEGRADED;
}

void child_set_health(struct child *c, bool healthy, const char *why)
{
    static const char prefix[] = SERVICE_DEGRADED;
    bool degraded = !healthy && why && strncmp(why, prefix, sizeof prefix - 1) == 0;

    if (c->state != CHILD_STARTING && c->state != CHILD_SICK && !child_is_up(c))
        return;
    set_why(c, healthy ? NULL : degraded ? why + sizeof prefix - 1 : why);
    if (healthy)
        set_state(c, CHILD_HEALTHY);
    else if (degraded)
        set_state(c, CHILD_DEGRADED);
    else if (child_is_up(c))
        set_state(c, CHILD_SICK);
}
