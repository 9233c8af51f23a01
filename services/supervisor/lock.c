#include "lock.h"

#include "config.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 50 /* of 20 ms: a supervisor that was just killed may still hold it */

static void refuse(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    exit(78);
}

static int lock = -1; /* stays open, and the lock taken, as long as the process lives */

void lock_beat(void)
{
    (void)futimens(lock, NULL); /* who sees no signs at all takes no hang from it */
}

void lock_take(void)
{
    static const char *const folders[] = {"", "/run", "/log"};
    auto_free char *path = xasprintf("%s/run/supervisor.lock", config_text("supervisor.state"));
    int fd;

    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        auto_free char *folder = xasprintf("%s%s", config_text("supervisor.state"), folders[i]);

        if (mkdir(folder, 0700) < 0 && errno != EEXIST)
            refuse(folder, strerror(errno));
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        refuse(path, strerror(errno));
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
        if (i == TRIES)
            refuse(
                path,
                "another supervisor runs on this state directory; stop it (make down), or choose another with TESSERA_STATE_DIR");
        usleep(20000);
    }
    if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        refuse(path, strerror(errno));
    lock = fd;
}
