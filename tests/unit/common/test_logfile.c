/* A log in files that stay bounded, written by several processes at once. */
#include "log.h"
#include "logfile.h"
#include "str.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

enum { WRITERS = 4, LINES = 2000, SIZE = 65536 };

static char *folder, *path;

static void setup(void)
{
    folder = xstrdup("/tmp/test-logfile-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    path = xasprintf("%s/x.log", folder);
}

static void teardown(void)
{
    DIR *dir = opendir(folder);

    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        auto_free char *name = xasprintf("%s/%s", folder, e->d_name);

        (void)remove(name);
    }
    closedir(dir);
    rmdir(folder);
    free(folder);
    free(path);
}

static char *numbered(int number)
{
    return number ? xasprintf("%s.%d", path, number) : xstrdup(path);
}

/* What is in the file, -1 when there is none. */
static off_t size_of(int number)
{
    auto_free char *name = numbered(number);
    struct stat st;

    return stat(name, &st) < 0 ? -1 : st.st_size;
}

static void add_file(struct str *out, int number)
{
    auto_free char *name = numbered(number);
    int fd = open(name, O_RDONLY);
    char block[4096];
    ssize_t n;

    while (fd >= 0 && (n = read(fd, block, sizeof block)) > 0)
        str_add(out, block, (size_t)n);
    if (fd >= 0)
        close(fd);
}

static void put_file(int number, const char *text)
{
    auto_free char *name = numbered(number);
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);

    ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
}

/* Begins in a new process; `lines` lines "n=0", "n=1", ... of service `name`. */
static pid_t begin(const char *name, int files, int lines)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    logfile_open(path, SIZE, files);
    log_open(name, LOG_INFO);
    for (int i = 0; i < lines; i++)
        log_info("test.line", "n=%d text=%s", i, "so that a file is full soon, and not only after very many of them");
    _exit(0);
}

static void ended(pid_t pid)
{
    int status;

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}

START_TEST(no_line_is_lost_or_torn)
{
    auto_str struct str all = STR_EMPTY;
    int next[WRITERS] = {0}, files = 0, lines = 0;
    pid_t pids[WRITERS];

    for (int i = 0; i < WRITERS; i++) {
        auto_free char *name = xasprintf("w.%d", i);

        pids[i] = begin(name, 100, LINES);
    }
    for (int i = 0; i < WRITERS; i++)
        ended(pids[i]);
    while (size_of(files + 1) >= 0)
        files++;
    ck_assert_int_gt(files, 1);
    for (int i = files; i >= 0; i--)
        add_file(&all, i);
    for (char *line = all.data, *end; (end = strchr(line, '\n')); line = end + 1) {
        int writer, n;
        const char *who, *what;

        *end = '\0';
        ck_assert_msg(line[0] == '{' && end[-1] == '}', "%s", line);
        who = strstr(line, "\"service\":\"w.");
        what = strstr(line, "\"n\":");
        ck_assert_msg(who && what, "%s", line);
        writer = who[13] - '0';
        n = (int)strtol(what + 4, NULL, 10);
        ck_assert_msg(n == next[writer], "w.%d: %d behind %d", writer, n, next[writer] - 1);
        next[writer]++;
        lines++;
    }
    ck_assert_int_eq(lines, WRITERS * LINES);
}
END_TEST

START_TEST(so_many_are_kept)
{
    put_file(5, "from when more were kept\n");
    put_file(4, "likewise\n");
    put_file(3, "likewise\n");
    put_file(2, "likewise\n");
    ended(begin("w.0", 3, LINES * 2));
    ck_assert_int_gt(size_of(0), 0);
    for (int i = 1; i < 3; i++) {
        ck_assert_int_ge(size_of(i), SIZE);
        ck_assert_int_lt(size_of(i), SIZE + 1024);
    }
    for (int i = 3; i < 6; i++)
        ck_assert_int_eq(size_of(i), -1);
}
END_TEST

/* Where no fresh file can be made, as on a full disk, it goes on in the one that there is, and says so once. */
START_TEST(cannot_be_replaced)
{
    auto_free char *fresh = xasprintf("%s.new", path);
    auto_str struct str all = STR_EMPTY;
    const char *told;
    int lines = 0;

    ck_assert_int_eq(mkdir(fresh, 0700), 0);
    ended(begin("w.0", 3, LINES));
    ck_assert_int_eq(size_of(1), -1);
    add_file(&all, 0);
    for (const char *at = str_text(&all); (at = strstr(at, "\"n\":")); at++)
        lines++;
    ck_assert_int_eq(lines, LINES);
    told = strstr(str_text(&all), "\"event\":\"log.rotate\"");
    ck_assert_ptr_nonnull(told);
    ck_assert_ptr_null(strstr(told + 20, "log.rotate"));
}
END_TEST

/* A process that was killed between the two steps has left two names of one file. */
START_TEST(half_way)
{
    auto_free char *first = numbered(1);
    auto_str struct str all = STR_EMPTY;

    put_file(0, "before\n");
    ck_assert_int_eq(truncate(path, SIZE), 0);
    put_file(2, "older\n");
    ck_assert_int_eq(link(path, first), 0);
    ended(begin("w.0", 3, 1));
    ck_assert_int_eq(size_of(1), SIZE);
    ck_assert_int_eq(size_of(2), 6);
    add_file(&all, 0);
    ck_assert_ptr_nonnull(strstr(str_text(&all), "\"n\":0"));
}
END_TEST

/* By hand, or by a program made for that: the next line makes it anew. */
START_TEST(moved_away)
{
    auto_free char *away = xasprintf("%s.away", path);
    auto_str struct str all = STR_EMPTY;
    pid_t pid = fork();

    if (pid == 0) {
        logfile_open(path, SIZE, 3);
        log_open("w.0", LOG_INFO);
        log_info("test.one", "n=%d", 1);
        (void)rename(path, away);
        log_info("test.two", "n=%d", 2);
        logfile_check();
        dprintf(2, "what a library says\n");
        _exit(0);
    }
    ended(pid);
    add_file(&all, 0);
    ck_assert_ptr_null(strstr(str_text(&all), "test.one"));
    ck_assert_ptr_nonnull(strstr(str_text(&all), "test.two"));
    ck_assert_ptr_nonnull(strstr(str_text(&all), "what a library says\n"));
}
END_TEST

START_TEST(of_others)
{
    auto_str struct str kept = STR_EMPTY;
    int holds = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    for (int i = 0; i < 5; i++) {
        dprintf(holds, "line %d\n", i);
        ck_assert_int_eq(logfile_trim(path, 7, 3), 1);
        ck_assert_int_eq(size_of(0), 0);
        ck_assert_int_eq(logfile_trim(path, 7, 3), 0);
    }
    add_file(&kept, 2);
    add_file(&kept, 1);
    ck_assert_str_eq(str_text(&kept), "line 3\nline 4\n");
    ck_assert_int_eq(size_of(3), -1);
    dprintf(holds, "on\n");
    ck_assert_int_eq(size_of(0), 3);
    close(holds);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("logfile");
    TCase *tcase = tcase_create("logfile");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, no_line_is_lost_or_torn);
    tcase_add_test(tcase, so_many_are_kept);
    tcase_add_test(tcase, cannot_be_replaced);
    tcase_add_test(tcase, half_way);
    tcase_add_test(tcase, moved_away);
    tcase_add_test(tcase, of_others);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
