#include "tree.h"

#include "show.h"

#include "mem.h"

#define DEPTH_MAX 64

void tree_add(struct tree *t, const char *address, const char *type)
{
    if (t->count == t->size) {
        t->size = t->size ? 2 * t->size : 256;
        t->nodes = xrealloc(t->nodes, t->size * sizeof(*t->nodes));
    }
    t->nodes[t->count++] = (struct tree_node){.address = xstrdup(address), .type = type};
}

void tree_done(struct tree *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->nodes[i].address);
    free(t->nodes);
    *t = (struct tree){0};
}

/* A slash sorts before everything else, so that descendants follow what they are below. */
static int by_path(const void *a, const void *b)
{
    const unsigned char *p = (const unsigned char *)((const struct tree_node *)a)->address;
    const unsigned char *q = (const unsigned char *)((const struct tree_node *)b)->address;

    while (*p && *p == *q)
        p++, q++;
    return (*p == '/' ? 1 : *p) - (*q == '/' ? 1 : *q);
}

static void sort(struct tree *t)
{
    if (t->count > 1)
        qsort(t->nodes, t->count, sizeof(*t->nodes), by_path);
}

/* ---- drawing ---- */

struct drawing {
    const struct tree *tree;
    struct str *out;
    size_t start; /* length of the root's address and its slash */
    bool unicode, coloured;
    bool open[DEPTH_MAX]; /* more follows at this level */
};

/* Are the first `len` characters of both the same? */
static bool shares(const char *a, const char *b, size_t len)
{
    return strncmp(a, b, len) == 0;
}

/* Does a sibling of the segment that ends at `end` of node `i` follow? */
static bool has_sibling(const struct drawing *d, size_t i, size_t begin, size_t end)
{
    const char *address = d->tree->nodes[i].address;

    for (size_t j = i + 1; j < d->tree->count; j++) {
        const char *other = d->tree->nodes[j].address;

        if (!shares(other, address, begin))
            return false;
        if (!shares(other, address, end) || (other[end] != '/' && other[end]))
            return true;
    }
    return false;
}

static void put_line(struct drawing *d, const char *address, size_t begin, size_t end, int depth, const char *type)
{
    auto_free char *name = xstrndup(address + begin, end - begin);

    for (int k = 0; k < depth; k++)
        str_puts(d->out, d->open[k] ? (d->unicode ? "│   " : "|   ") : "    ");
    str_puts(d->out, d->open[depth] ? (d->unicode ? "├── " : "|-- ") : (d->unicode ? "└── " : "`-- "));
    show_in(d->out, BOLD, name, d->coloured);
    str_putc(d->out, ' ');
    show_in(d->out, type ? YELLOW : FAINT, type ? type : "(not to be seen)", d->coloured);
    str_putc(d->out, '\n');
}

/* The segments of node `i` that its predecessor has not got. */
static void draw_node(struct drawing *d, size_t i)
{
    const char *address = d->tree->nodes[i].address;
    const char *before = i > 0 ? d->tree->nodes[i - 1].address : "";
    size_t begin = d->start;

    for (int depth = 0; depth < DEPTH_MAX; depth++) {
        size_t end = begin + strcspn(address + begin, "/");
        bool drawn = shares(before, address, end) && (before[end] == '/' || !before[end]) && strlen(before) >= end;

        if (!drawn) {
            d->open[depth] = has_sibling(d, i, begin, end);
            put_line(d, address, begin, end, depth, address[end] ? NULL : d->tree->nodes[i].type);
        }
        if (!address[end])
            return;
        begin = end + 1;
    }
}

char *tree_root(const struct tree *t, const char *asked)
{
    size_t len = strlen(asked), parent = 0;
    const char *nearest = NULL;
    int least = DEPTH_MAX + 1;

    for (size_t i = 0; i < t->count; i++) {
        const char *address = t->nodes[i].address;
        int slashes = 0;

        if (shares(address, asked, len) && address[len] == '/')
            return xstrdup(asked);
        for (const char *p = address; (p = strchr(p, '/')); p++)
            slashes++;
        if (slashes < least) {
            least = slashes;
            nearest = address;
        }
    }
    if (nearest && strrchr(nearest, '/'))
        parent = (size_t)(strrchr(nearest, '/') - nearest);
    return parent ? xstrndup(nearest, parent) : xstrdup(asked);
}

void tree_draw(struct tree *t, struct str *out, const char *root, bool unicode, bool coloured)
{
    struct drawing d = {.tree = t, .out = out, .start = strlen(root) + 1, .unicode = unicode, .coloured = coloured};

    sort(t);
    show_in(out, BOLD, root, coloured);
    str_putc(out, '\n');
    for (size_t i = 0; i < t->count; i++) {
        const char *address = t->nodes[i].address;

        if (shares(address, root, d.start - 1) && address[d.start - 1] == '/' && address[d.start])
            draw_node(&d, i);
    }
}

void tree_json(struct tree *t, struct str *out)
{
    sort(t);
    str_putc(out, '[');
    for (size_t i = 0; i < t->count; i++) {
        str_puts(out, i > 0 ? ",{\"address\":" : "{\"address\":");
        str_json(out, t->nodes[i].address);
        str_puts(out, ",\"type\":");
        str_json(out, t->nodes[i].type);
        str_putc(out, '}');
    }
    str_putc(out, ']');
}
