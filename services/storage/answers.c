/*
 * What was answered under which idempotency key. One row per group, a log without an index on the keys: writing costs
 * nothing that grows, and reading is for redeliveries only, which are rare and come together, so that one scan serves all
 * of a group. A line is KEY, TAB, a letter for the kind, the answer.
 */
#include "clock.h"
#include "mem.h"
#include "store.h"

static void note(struct store *store, const char *key, char kind, const char *text, size_t len)
{
    if (!key || !*key)
        return;
    if (store->answers.len == 0)
        str_putc(&store->answers, '\n');
    str_puts(&store->answers, key);
    str_putc(&store->answers, '\t');
    str_putc(&store->answers, kind);
    str_add(&store->answers, text, len);
    str_putc(&store->answers, '\n');
}

void answers_note(struct store *store, const struct origin *origin, char kind, const char *text, size_t len)
{
    note(store, origin->key, kind, text, len);
    if (!origin->key || !origin->also || strcmp(origin->key, origin->also) != 0)
        note(store, origin->also, kind, text, len);
}

static bool wants(const struct job *job)
{
    return job->origin.again && job->origin.key && *job->origin.key && !job->replay;
}

bool answers_noted(struct store *store, struct job *job)
{
    auto_str struct str pattern = STR_EMPTY;
    const char *found, *end;

    if (job->replay || !wants(job) || store->answers.len == 0)
        return job->replay != NULL;
    str_addf(&pattern, "\n%s\t", job->origin.key);
    found = memmem(store->answers.data, store->answers.len, pattern.data, pattern.len);
    if (!found)
        return false;
    found += pattern.len;
    end = memchr(found, '\n', (size_t)(store->answers.data + store->answers.len - found));
    job->replay = xstrndup(found, (size_t)(end - found));
    return true;
}

static uint32_t hash(const char *key, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)key[i]) * 16777619u;
    return h;
}

/* The jobs whose keys are looked for, by hash; open addressing. */
struct wanted {
    struct job **slots;
    size_t mask;
    int left;
};

static void wanted_init(struct wanted *w, struct job **jobs, int count)
{
    size_t size = 16, at;

    *w = (struct wanted){0};
    for (int i = 0; i < count; i++)
        w->left += wants(jobs[i]);
    if (w->left == 0)
        return;
    while (size < 4 * (size_t)w->left)
        size *= 2;
    w->slots = xcalloc(size, sizeof(struct job *));
    w->mask = size - 1;
    for (int i = 0; i < count; i++) {
        if (!wants(jobs[i]))
            continue;
        at = hash(jobs[i]->origin.key, strlen(jobs[i]->origin.key)) & w->mask;
        while (w->slots[at])
            at = (at + 1) & w->mask;
        w->slots[at] = jobs[i];
    }
}

static void match(struct wanted *w, const char *key, size_t key_len, const char *answer, size_t len)
{
    struct job *job;

    for (size_t at = hash(key, key_len) & w->mask; (job = w->slots[at]); at = (at + 1) & w->mask) {
        if (job->replay || strlen(job->origin.key) != key_len || memcmp(job->origin.key, key, key_len) != 0)
            continue;
        job->replay = xstrndup(answer, len);
        w->left--;
    }
}

static void match_lines(struct wanted *w, struct slice text)
{
    const char *p = text.p, *end = text.p + text.n, *tab, *line;

    for (; p < end; p = line + 1) {
        line = memchr(p, '\n', (size_t)(end - p));
        if (!line)
            line = end;
        tab = memchr(p, '\t', (size_t)(line - p));
        if (tab)
            match(w, p, (size_t)(tab - p), tab + 1, (size_t)(line - tab - 1));
    }
}

int answers_find(struct store *store, struct job **jobs, int count)
{
    int64_t oldest = clock_now_ms() - ANSWERS_KEPT_MS;
    struct wanted w;
    int found;

    wanted_init(&w, jobs, count);
    if (w.left == 0)
        return 0;
    found = db_ask(store->db, ANSWER_RECENT, "");
    for (; found > 0 && w.left > 0 && db_int(store->db, ANSWER_RECENT, 0) >= oldest; found = db_next(store->db, ANSWER_RECENT))
        match_lines(&w, db_slice(store->db, ANSWER_RECENT, 1));
    db_end(store->db, ANSWER_RECENT);
    free(w.slots);
    return found < 0 ? -1 : 0;
}

int answers_write(struct store *store, int64_t now)
{
    struct slice text = {store->answers.data, store->answers.len};
    int64_t seq;
    int result;

    if (store->answers.len == 0)
        return 0;
    if (store_number(store, NUMBER_ANSWER, &seq) < 0)
        return -1;
    result = db_run(store->db, ANSWER_INSERT, "iis", seq, now, text);
    str_reset(&store->answers);
    return result;
}

int answers_prune(struct store *store, int64_t now, int most, bool *more)
{
    int64_t seq, at;
    int found;

    *more = false;
    for (; store->answers_pruned < now - ANSWERS_KEPT_MS; most--) {
        if (most == 0) {
            *more = true;
            return 0;
        }
        found = db_ask(store->db, ANSWER_OLDEST, "");
        seq = found > 0 ? db_int(store->db, ANSWER_OLDEST, 0) : 0;
        at = found > 0 ? db_int(store->db, ANSWER_OLDEST, 1) : now;
        db_end(store->db, ANSWER_OLDEST);
        if (found < 0)
            return -1;
        store->answers_pruned = at;
        if (at < now - ANSWERS_KEPT_MS && db_run(store->db, ANSWER_DELETE, "i", seq) < 0)
            return -1;
    }
    return 0;
}
