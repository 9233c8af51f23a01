#include "keeper.h"

#include "child.h"
#include "config.h"
#include "kept.h"
#include "log.h"
#include "logfile.h"
#include "mem.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOKS 6
#define SEEN_ALIVE 3
#define PAUSE_US 100000 /* so that a supervisor that cannot start does not spin */

char **keeper_arguments(void)
{
    char **argv = xcalloc(7, sizeof(*argv));

    argv[0] = xstrdup("tessera-supervisor");
    argv[1] = xstrdup("--keeper");
    argv[2] = xasprintf("%d", (int)getpid());
    argv[3] = xasprintf("%llu", child_birth(getpid()));
    argv[4] = kept_file("run/supervisor.lock");
    argv[5] = xasprintf("%d", (int)config_int("supervisor.hang"));
    return argv;
}

/*
 * Waits for the end of the supervisor, and brings it about when it hangs: when its signs of life (lock_beat()), of which there
 * were some, have not come for LOOKS looks. Looks are counted and times only compared, so a clock that jumps does no harm.
 */
static void wait_for_end(int pidfd, const char *lock, int hang)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    struct timespec last = {0};
    int changes = 0, quiet = 0;
    struct stat st;

    while (poll(&end, 1, hang * 1000 / LOOKS) < 1) {
        bool seen = stat(lock, &st) == 0;
        bool same = seen && st.st_mtim.tv_sec == last.tv_sec && st.st_mtim.tv_nsec == last.tv_nsec;

        logfile_check();
        quiet = same ? quiet + 1 : 0;
        changes += seen && !same;
        last = st.st_mtim;
        if (changes < SEEN_ALIVE || quiet < LOOKS)
            continue;
        log_error("supervisor.hangs",
                  "silent_s=%d why=it gives no sign of life any more and is started again; the services go on", hang);
        syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
        changes = 0;
    }
}

void keeper_main(int argc, char **argv)
{
    const char *log = getenv("TESSERA_LOG_FILE");
    int fd;
    pid_t pid;

    if (argc != 6 || strcmp(argv[1], "--keeper") != 0)
        return;
    if (log)
        logfile_open(log, INT64_MAX, 2); /* it has little to say, but the supervisor that it becomes has */
    log_open("keeper", LOG_INFO);
    pid = (pid_t)strtol(argv[2], NULL, 10);
    fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd >= 0 && child_birth(pid) == strtoull(argv[3], NULL, 10))
        wait_for_end(fd, argv[4], (int)strtol(argv[5], NULL, 10));
    if (fd >= 0)
        close(fd);
    logfile_check();
    usleep(PAUSE_US);
    execl("/proc/self/exe", "tessera-supervisor", (char *)NULL);
    _exit(72);
}
