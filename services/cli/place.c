#include "place.h"

#include "config.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

char *place_state(void)
{
    static const char *const variables[] = {"TESSERA_STATE_DIR", "TESSERA_SUPERVISOR_STATE"};
    char self[4096];
    ssize_t n;

    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        const char *value = getenv(variables[i]);

        if (value && *value)
            return xstrdup(value);
    }
    n = access("var", X_OK) == 0 ? -1 : readlink("/proc/self/exe", self, sizeof self - 1);
    for (int up = 0; n > 0 && up < 4; up++) /* CHECKOUT/build/release/bin/tessera */
        for (n--; n > 0 && self[n] != '/'; n--)
            ;
    if (n > 0) {
        char *beside = xasprintf("%.*s/var", (int)n, self);

        if (access(beside, X_OK) == 0)
            return beside;
        free(beside);
    }
    return xstrdup("var");
}

char *place_tenants(void)
{
    auto_free char *state = NULL;

    if (*config_text("storage.directory"))
        return xstrdup(config_text("storage.directory"));
    state = place_state();
    return xasprintf("%s/tenants", state);
}

char *place_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return xstrdup(".");
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

int64_t place_free(const char *folder)
{
    struct statvfs fs;

    return statvfs(folder, &fs) == 0 ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize : -1;
}

void place_size(char *out, size_t size, int64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 1000 && unit + 1 < ARRAY_LEN(units); unit++)
        value /= 1000;
    snprintf(out, size, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

int place_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0)
        close(fd);
    return result;
}

void place_give(const char *path)
{
    auto_free char *folder = place_folder(path);
    struct stat st;

    if (geteuid() == 0 && stat(folder, &st) == 0 && st.st_uid != 0 && lchown(path, st.st_uid, st.st_gid) < 0)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
}

int place_rename(const char *from, const char *to, bool keep)
{
    auto_free char *folder = place_folder(to);

    if (keep) { /* unlike a rename, a link never replaces */
        if (link(from, to) < 0 && (errno == EEXIST || renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) < 0))
            return -1;
        unlink(from);
    } else if (rename(from, to) < 0) {
        return -1;
    }
    return place_sync(folder);
}
