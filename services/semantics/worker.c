#include "worker.h"

#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

enum {
    ANSWER_FD = 3,               /* the only descriptor that a worker has, besides standard error */
    ANSWER_MAX = 16 * (1 << 20), /* bytes */
    GENTLE = 5,                  /* a worker's priority is lower by this much */
};

/* What a worker writes: this, then `why_len` and `body_len` bytes. */
struct header {
    uint32_t rsc, why_len, body_len;
};

struct worker {
    pid_t pid;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct str got;
    worker_fn *done;
    void *context;
};

/* ---- in the worker ---- */

static void limit(int resource, rlim_t most)
{
    struct rlimit r = {most, most};

    setrlimit(resource, &r);
}

/* Bytes of address space that this process has already. */
static rlim_t own_memory(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    unsigned long long pages = 0;

    if (f && fscanf(f, "%llu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Gives up all that a hostile text could want: descriptors, files, connections, memory, time. */
static void confine(int fd, const struct worker_limits *limits)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};
    rlim_t memory = own_memory() + (rlim_t)limits->memory;

    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        signal(signals[i], SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(fd, ANSWER_FD) < 0 || close_range(ANSWER_FD + 1, ~0U, 0) < 0)
        _exit(1);
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    limit(RLIMIT_NOFILE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, memory);
    limit(RLIMIT_CPU, (rlim_t)limits->time / 1000 + 2);
    if (nice(GENTLE) < 0)
        errno = 0; /* as it is, then */
}

static void write_all(const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(ANSWER_FD, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(1);
        p += n;
        len -= (size_t)n;
    }
}

__attribute__((noreturn)) static void work(const char *verb, struct slice body)
{
    struct task_answer answer;
    struct header header;

    task_run(verb, body, &answer);
    header = (struct header){(uint32_t)answer.rsc, (uint32_t)strlen(answer.why), (uint32_t)answer.body.len};
    write_all(&header, sizeof header);
    write_all(answer.why, header.why_len);
    write_all(str_text(&answer.body), answer.body.len);
    _exit(0);
}

/* ---- in the service ---- */

/* Ends the process, whether it has ended or not. */
static int reap(struct worker *w)
{
    int status = 0;

    kill(w->pid, SIGKILL);
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void finish(struct worker *w, const struct task_answer *answer, const char *why)
{
    worker_fn *done = w->done;
    void *context = w->context;

    loop_watch_free(w->watch);
    loop_timer_free(w->timer);
    close(w->fd);
    done(context, answer, why);
    str_done(&w->got);
    free(w);
}

/* The process has closed its end: it is done, or dead. */
static void on_end(struct worker *w)
{
    struct task_answer answer = {.rsc = RSC_OK};
    struct header header = {0};
    const char *text = w->got.data;
    int status = reap(w);
    char why[80];

    if (w->got.len >= sizeof header)
        memcpy(&header, text, sizeof header);
    if (header.rsc == 0 || header.why_len >= sizeof answer.why ||
        w->got.len != sizeof header + header.why_len + (size_t)header.body_len) {
        snprintf(why, sizeof why, "it needs more than it may have (ended by %s)",
                 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "itself");
        finish(w, NULL, why);
        return;
    }
    answer.rsc = (enum rsc)header.rsc;
    memcpy(answer.why, text + sizeof header, header.why_len);
    answer.body = (struct str){w->got.data + sizeof header + header.why_len, header.body_len, 0}; /* borrowed */
    finish(w, &answer, NULL);
}

static void on_late(void *context)
{
    struct worker *w = context;

    reap(w);
    finish(w, NULL, "it takes too long");
}

static void on_readable(void *context, int events)
{
    struct worker *w = context;
    ssize_t n;

    (void)events;
    do {
        str_reserve(&w->got, 65536);
        n = read(w->fd, w->got.data + w->got.len, 65536);
        if (n > 0)
            w->got.len += (size_t)n;
    } while (n > 0 && w->got.len < ANSWER_MAX);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    on_end(w);
}

int worker_start(const char *verb, struct slice body, const struct worker_limits *limits, worker_fn *done, void *context)
{
    struct worker *w;
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        confine(ends[1], limits);
        work(verb, body);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return -1;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    w = xcalloc(1, sizeof *w);
    w->pid = pid;
    w->fd = ends[0];
    w->done = done;
    w->context = context;
    w->watch = loop_watch_new(w->fd, on_readable, w);
    loop_watch_set(w->watch, UV_READABLE);
    w->timer = loop_timer_new(on_late, w);
    loop_timer_start(w->timer, limits->time, 0);
    return 0;
}
