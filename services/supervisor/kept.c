#include "kept.h"

#include "config.h"
#include "log.h"
#include "mem.h"

#include <unistd.h>

struct entry {
    char name[64];
    int pid, port;
    unsigned long long birth;
};

static struct entry former[FLEET_MAX];
static int former_count;

char *kept_file(const char *name)
{
    return xasprintf("%s/%s", config_text("supervisor.state"), name);
}

void kept_load(void)
{
    auto_free char *path = kept_file("run/children");
    FILE *f = fopen(path, "re");
    char line[256];

    while (f && former_count < FLEET_MAX && fgets(line, sizeof(line), f)) {
        struct entry *e = &former[former_count];

        *e = (struct entry){0};
        if (sscanf(line, "%63s %d %llu %d", e->name, &e->pid, &e->birth, &e->port) >= 3) /* the port came later */
            former_count++;
    }
    if (f)
        fclose(f);
}

int kept_port(const char *name)
{
    for (int i = 0; i < former_count; i++)
        if (strcmp(former[i].name, name) == 0 && former[i].port && child_birth(former[i].pid) == former[i].birth)
            return former[i].port;
    return 0;
}

bool kept_has_port(int port)
{
    for (int i = 0; i < former_count; i++)
        if (former[i].port == port && child_birth(former[i].pid) == former[i].birth)
            return true;
    return false;
}

void kept_adopt(struct child *const *children, int count)
{
    for (int i = 0; i < former_count; i++) {
        const struct entry *e = &former[i];

        for (int j = 0; j < count; j++)
            if (strcmp(children[j]->name, e->name) == 0 && e->pid != getpid() && strcmp(e->name, "keeper") != 0)
                child_adopt(children[j], e->pid, e->birth);
    }
}

/* A file that is replaced as a whole. */
static FILE *open_fresh(const char *fresh)
{
    FILE *f = fopen(fresh, "we");

    if (!f)
        log_error("kept.save", "path=%s error=%m", fresh);
    return f;
}

void kept_save(struct child *const *children, int count)
{
    auto_free char *path = kept_file("run/children");
    auto_free char *fresh = xasprintf("%s.new", path);
    FILE *f = open_fresh(fresh);

    for (int i = 0; f && i < count; i++) {
        const struct child *c = children[i];

        if (c->pid)
            fprintf(f, "%s %d %llu %d\n", c->name, (int)c->pid, child_birth(c->pid), c->port);
    }
    if (f && fclose(f) == 0)
        rename(fresh, path);
}

int kept_instances(struct fleet_entry *entries, int count, int max)
{
    auto_free char *path = kept_file("run/instances");
    struct fleet_entry wanted[FLEET_MAX];
    FILE *f = fopen(path, "re");
    char text[4096], why[128];
    int n = 0;

    if (f && fgets(text, sizeof(text), f)) {
        text[strcspn(text, "\n")] = '\0';
        n = fleet_parse(text, wanted, FLEET_MAX, why, sizeof(why));
    }
    if (f)
        fclose(f);
    for (int i = 0; i < n; i++) {
        int at = 0;

        while (at < count && strcmp(entries[at].service, wanted[i].service) != 0)
            at++;
        if (at == max)
            break;
        entries[at] = wanted[i];
        count += at == count;
    }
    return count;
}

void kept_save_instances(const char *text)
{
    auto_free char *path = kept_file("run/instances");
    auto_free char *fresh = xasprintf("%s.new", path);
    FILE *f = open_fresh(fresh);

    if (!f)
        return;
    fprintf(f, "%s\n", text);
    if (fclose(f) == 0)
        rename(fresh, path);
}

void kept_forget_instances(void)
{
    auto_free char *path = kept_file("run/instances");

    unlink(path);
}
