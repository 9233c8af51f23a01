#include "results.h"

#include "mem.h"
#include "render.h"

/* A resource in the tree; `path` and `a` are one block of its own. Node indexes instead of pointers: the array moves. */
struct tree_node {
    char *path;
    struct slice a; /* {...} */
    const struct rtype *type;
    int first, last, next; /* children, and the next sibling; -1 = none */
    bool written;
};

enum { REFERENCE_SIZE = 32 /* {"nm":"","typ":,"val":""} and a comma */ };

void results_init(struct results *r, enum results_shape shape)
{
    memset(r, 0, sizeof(*r));
    r->shape = shape;
    r->prefix = "";
    r->offset = 1;
    r->limit = INT64_MAX;
    r->bytes_max = SIZE_MAX;
}

void results_done(struct results *r)
{
    for (int i = 0; i < r->node_count; i++)
        free(r->nodes[i].path);
    free(r->nodes);
    free(r->slots);
    str_done(&r->list);
}

static bool is_nested(const struct results *r)
{
    return r->shape == RESULTS_TREE || r->shape == RESULTS_CHILDREN;
}

/* A raw JSON string without its quotes. */
static struct slice unquoted(struct slice raw)
{
    return (struct slice){raw.p + 1, raw.n - 2};
}

static uint32_t path_hash(const char *path, size_t n)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)path[i]) * 16777619U;
    return hash ^ hash >> 15;
}

/* The slot of the node with this path, or the free one where it would be. */
static int *slot_of(const struct results *r, const char *path, size_t n)
{
    uint32_t i = path_hash(path, n);

    for (;; i++) {
        int *slot = &r->slots[i & (uint32_t)(r->slot_count - 1)];

        if (*slot == 0 || (strncmp(r->nodes[*slot - 1].path, path, n) == 0 && r->nodes[*slot - 1].path[n] == 0))
            return slot;
    }
}

static void make_room(struct results *r)
{
    if (r->node_count < r->node_room)
        return;
    r->node_room = r->node_room ? r->node_room * 2 : 64;
    r->nodes = xrealloc(r->nodes, (size_t)r->node_room * sizeof(*r->nodes));
    free(r->slots);
    r->slot_count = r->node_room * 2;
    r->slots = xcalloc((size_t)r->slot_count, sizeof(*r->slots));
    for (int i = 0; i < r->node_count; i++)
        *slot_of(r, r->nodes[i].path, strlen(r->nodes[i].path)) = i + 1;
}

static struct tree_node *new_node(struct results *r, struct slice path, const struct rtype *type, struct slice a)
{
    struct tree_node *node;
    char *block = xmalloc(path.n + 1 + a.n);

    make_room(r);
    memcpy(block, path.p, path.n);
    block[path.n] = 0;
    if (a.n > 0)
        memcpy(block + path.n + 1, a.p, a.n);
    node = &r->nodes[r->node_count];
    *node = (struct tree_node){
        block, {block + path.n + 1, a.n},
         type, -1, -1, -1, false
    };
    *slot_of(r, path.p, path.n) = ++r->node_count;
    return node;
}

/*
 * Below the nearest ancestor that is a result itself, the target at last: a match whose parent does not match or may not be
 * seen is not lost, and its `pi` tells where it belongs.
 */
static int parent_of(const struct results *r, struct slice path)
{
    int found;

    for (size_t n = path.n; n-- > 0;)
        if (path.p[n] == '/' && (found = *slot_of(r, path.p, n)) > 0)
            return found - 1;
    return 0;
}

static void add_node(struct results *r, const struct row *row, const struct rtype *type)
{
    struct slice path = unquoted(row->path);
    int parent;
    int self;

    if (r->node_count == 0)
        new_node(r, (struct slice){"", 0}, NULL, (struct slice){NULL, 0}); /* stands for the target */
    parent = parent_of(r, path);
    self = r->node_count;
    new_node(r, path, type, row->a.n > 0 ? row->a : (struct slice){"{}", 2});
    if (r->nodes[parent].first < 0)
        r->nodes[parent].first = self;
    else
        r->nodes[r->nodes[parent].last].next = self;
    r->nodes[parent].last = self;
}

static void add_address(struct results *r, const struct row *row)
{
    struct slice address = unquoted(r->unstructured ? row->ri : row->path);

    str_putc(&r->list, '"');
    str_puts(&r->list, r->prefix);
    str_add(&r->list, address.p, address.n);
    str_putc(&r->list, '"');
}

/* m2m:childResourceRef, TS-0004 6.3.5.29. */
static void add_reference(struct results *r, const struct row *row, const struct rtype *type)
{
    struct slice path = unquoted(row->path);
    size_t start = path.n;

    while (start > 0 && path.p[start - 1] != '/')
        start--;
    str_puts(&r->list, "{\"nm\":\"");
    str_add(&r->list, path.p + start, path.n - start);
    str_puts(&r->list, "\",\"typ\":");
    str_int(&r->list, row->ty);
    str_puts(&r->list, ",\"val\":");
    add_address(r, row);
    /* Which flexContainer it is: its containerDefinition. */
    if (type->selector && strcmp(type->selector, "cnd") == 0 && type->selected && *type->selected) {
        str_puts(&r->list, ",\"spty\":");
        str_json(&r->list, type->selected);
    }
    str_putc(&r->list, '}');
}

static size_t size_of(const struct results *r, const struct row *row)
{
    size_t address = (r->unstructured ? row->ri.n : row->path.n) + strlen(r->prefix);

    if (is_nested(r))
        return row->a.n + REFERENCE_SIZE;
    return r->shape == RESULTS_URIS ? address + 1 : address + row->path.n + REFERENCE_SIZE;
}

static const struct rtype *type_of(const struct row *row)
{
    auto_free char *key = row->key.n > 0 ? raw_text(row->key) : NULL;
    const struct rtype *type = key ? rtype_by_key(key) : NULL;

    return type ? type : rtype_by_ty(row->ty);
}

bool results_add(struct results *r, const struct row *row)
{
    const struct rtype *type = type_of(row);
    size_t size = size_of(r, row);

    if (!type)
        return true;
    if (r->seen + 1 < r->offset) {
        r->seen++;
        return true;
    }
    /* The first one always fits: a page that never grows would never end. */
    if (r->taken >= r->limit || (r->taken > 0 && r->bytes + size > r->bytes_max)) {
        r->cut = true;
        return false;
    }
    r->seen++;
    r->taken++;
    r->bytes += size;
    if (is_nested(r)) {
        add_node(r, row, type);
        return true;
    }
    if (r->list.len > 0)
        str_putc(&r->list, ',');
    if (r->shape == RESULTS_URIS)
        add_address(r, row);
    else
        add_reference(r, row, type);
    return true;
}

int64_t results_wanted(const struct results *r)
{
    int64_t skip = r->offset > r->seen + 1 ? r->offset - r->seen - 1 : 0;
    int64_t take = r->limit - r->taken;

    return take > INT64_MAX - skip - 1 ? INT64_MAX : skip + take + 1;
}

static void write_children(const struct results *r, const struct tree_node *node, struct str *out, const char *separator);

static void write_node(const struct results *r, const struct tree_node *node, struct str *out)
{
    if (node->first < 0 || node->a.n < 2) {
        str_add(out, node->a.p, node->a.n);
        return;
    }
    str_add(out, node->a.p, node->a.n - 1);
    write_children(r, node, out, node->a.n > 2 ? "," : "");
    str_putc(out, '}');
}

/* One list per type, in the order in which the types appear first. */
static void write_children(const struct results *r, const struct tree_node *node, struct str *out, const char *separator)
{
    for (int i = node->first; i >= 0; i = r->nodes[i].next) {
        const struct rtype *type = r->nodes[i].type;
        const char *comma = "";

        if (r->nodes[i].written)
            continue;
        str_puts(out, separator);
        str_putc(out, '"');
        str_puts(out, type->key);
        str_puts(out, "\":[");
        for (int k = i; k >= 0; k = r->nodes[k].next) {
            if (r->nodes[k].type != type)
                continue;
            str_puts(out, comma);
            write_node(r, &r->nodes[k], out);
            r->nodes[k].written = true;
            comma = ",";
        }
        str_putc(out, ']');
        separator = ",";
    }
}

static void write_tree(const struct results *r, struct slice attributes, struct str *out)
{
    static const struct tree_node nothing = {
        NULL, {NULL, 0},
         NULL, -1, -1, -1, false
    };
    const char *separator = attributes.n > 2 ? "," : "";

    if (attributes.n > 2)
        str_add(out, attributes.p, attributes.n - 1);
    else
        str_putc(out, '{');
    write_children(r, r->node_count > 0 ? &r->nodes[0] : &nothing, out, separator);
    str_putc(out, '}');
}

void results_write(const struct results *r, const struct rtype *type, struct slice self, struct str *out)
{
    struct slice attributes = r->shape == RESULTS_CH || r->shape == RESULTS_TREE ? render_inside(self) : (struct slice){NULL, 0};

    if (r->shape == RESULTS_URIS || r->shape == RESULTS_REFERENCES) {
        str_puts(out, r->shape == RESULTS_URIS ? "{\"m2m:uril\":[" : "{\"m2m:rrl\":{\"rrf\":[");
        str_add(out, str_text(&r->list), r->list.len);
        str_puts(out, r->shape == RESULTS_URIS ? "]}" : "]}}");
        return;
    }
    str_puts(out, "{\"");
    str_puts(out, type->key);
    str_puts(out, "\":");
    if (r->shape != RESULTS_CH) {
        write_tree(r, attributes, out);
    } else {
        str_add(out, attributes.n > 2 ? attributes.p : "{", attributes.n > 2 ? attributes.n - 1 : 1);
        str_puts(out, attributes.n > 2 ? ",\"ch\":[" : "\"ch\":[");
        str_add(out, str_text(&r->list), r->list.len);
        str_puts(out, "]}");
    }
    str_putc(out, '}');
}
