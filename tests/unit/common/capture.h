/* Runs a function in a child and gives what it wrote and how it ended. */
#ifndef TEST_CAPTURE_H
#define TEST_CAPTURE_H

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "str.h"

/* Output on both standard streams is appended to `out`; returns the exit status, or 256 + the signal. */
static inline int capture(void (*fn)(void *), void *context, struct str *out)
{
    int ends[2], status;
    char buffer[4096];
    ssize_t n;
    pid_t pid;

    if (pipe(ends) < 0)
        abort();
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        fn(context);
        fflush(NULL);
        _exit(0);
    }
    close(ends[1]);
    while ((n = read(ends[0], buffer, sizeof(buffer))) > 0)
        str_add(out, buffer, (size_t)n);
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        abort();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

#endif
