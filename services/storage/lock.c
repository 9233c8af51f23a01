/* flock: tied to the open file, so it cannot outlive the process. */
#include "lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int lock_open(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
}

bool lock_try(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

void lock_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
