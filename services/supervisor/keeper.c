#include "keeper.h"

#include "child.h"
#include "logfile.h"
#include "mem.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOG_MS 10000
#define PAUSE_US 100000 /* so that a supervisor that cannot start does not spin */

char **keeper_arguments(void)
{
    char **argv = xcalloc(5, sizeof(*argv));

    argv[0] = xstrdup("tessera-supervisor");
    argv[1] = xstrdup("--keeper");
    argv[2] = xasprintf("%d", (int)getpid());
    argv[3] = xasprintf("%llu", child_birth(getpid()));
    return argv;
}

void keeper_main(int argc, char **argv)
{
    struct pollfd end = {.events = POLLIN};
    const char *log = getenv("TESSERA_LOG_FILE");
    pid_t pid;

    if (argc != 4 || strcmp(argv[1], "--keeper") != 0)
        return;
    if (log)
        logfile_open(log, INT64_MAX, 2); /* it has nothing to say, but the supervisor that it becomes has */
    pid = (pid_t)strtol(argv[2], NULL, 10);
    end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (end.fd >= 0 && child_birth(pid) == strtoull(argv[3], NULL, 10)) {
        while (poll(&end, 1, LOG_MS) < 1)
            logfile_check();
    }
    logfile_check();
    if (end.fd >= 0)
        close(end.fd);
    usleep(PAUSE_US);
    execl("/proc/self/exe", "tessera-supervisor", (char *)NULL);
    _exit(72);
}
