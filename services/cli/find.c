#include "find.h"

#include "arguments.h"
#include "json.h"
#include "rtype.h"
#include "show.h"
#include "text.h"
#include "tree.h"
#include "typename.h"

#include <unistd.h>

#include "mem.h"

#define PAGE 250
#define TREE_DEPTH 4
#define TREE_LIMIT 10000

static int misused(const struct args *args, const char *why)
{
    fprintf(stderr, "tessera %s: %s\n", args->command->name, why);
    return EXIT_USAGE;
}

/* A number that an option gives; -1, and a message, when it is none. */
static int64_t number(const struct args *args, enum option option, int64_t otherwise)
{
    const char *text = args->option[option];
    int64_t value;

    if (!text)
        return otherwise;
    if (text_number(text, strlen(text), &value) && value > 0)
        return value;
    fprintf(stderr, "tessera %s: --%s: a number from 1\n", args->command->name, options[option].name);
    return -1;
}

/* ---- pages ---- */

static bool give_page(const json_t *pc, reference_fn *fn, void *context)
{
    const json_t *list = json_object_get(json_object_get(pc, "m2m:rrl"), "rrf"), *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        if (!fn(context, entry))
            return false;
    }
    return true;
}

int references(struct client *client, const char *word, const char *query, reference_fn *fn, void *context, char **address)
{
    int64_t offset = 0;
    bool more = true;
    int status = EXIT_OK;

    *address = NULL;
    while (more && status == EXIT_OK) {
        auto_free char *page = offset ? xasprintf("%s%srcn=6&lim=%d&ofst=%lld", query, *query ? "&" : "", PAGE, (long long)offset)
                                      : xasprintf("%s%srcn=6&lim=%d", query, *query ? "&" : "", PAGE);
        struct call call = {.method = "GET", .query = page};
        struct answer a = {.body = STR_EMPTY};

        if (offset) {
            call.address = *address;
            status = client_ask(client, &call, &a);
        } else {
            status = client_ask_word(client, &call, word, address, &a);
        }
        more = status == EXIT_OK && give_page(a.pc, fn, context) && a.partial && a.next > offset;
        offset = a.next;
        answer_done(&a);
    }
    return status;
}

/* ---- discover ---- */

struct found {
    json_t *list; /* of addresses, with --json */
    bool coloured;
    int64_t count, limit;
};

static bool on_found(void *context, const json_t *entry)
{
    struct found *f = context;
    const char *address = json_str(entry, "val");
    auto_str struct str line = STR_EMPTY;
    auto_free char *type = NULL;

    if (f->count++ == f->limit)
        return false;
    if (f->list) {
        json_array_append(f->list, json_object_get(entry, "val"));
        return true;
    }
    type = xasprintf("%-8s", typename_of((int)json_int(entry, "typ", 0), json_str(entry, "spty")));
    show_in(&line, YELLOW, type, f->coloured);
    printf("%s %s\n", str_text(&line), address ? address : "?");
    return true;
}

int find_discover(const struct args *args)
{
    auto_str struct str query = STR_EMPTY;
    auto_str struct str text = STR_EMPTY;
    auto_free char *address = NULL;
    bool named = args->count > 0 && !strchr(args->words[0], '=');
    struct found found = {.coloured = show_colours(), .limit = number(args, OPTION_LIMIT, INT64_MAX - 1)};
    struct client *client;
    char why[512];
    int status;

    if (found.limit < 0)
        return EXIT_USAGE;
    if (arguments_write(&query, args->words + named, why, sizeof why) < 0)
        return misused(args, why);
    if (arguments_have(args->words, "rcn") || arguments_have(args->words, "lim") || arguments_have(args->words, "ofst"))
        return misused(args, "pages are put together here; for a single one use `tessera get ADDRESS fu=1 lim=... ofst=...`");
    if (!arguments_have(args->words, "fu"))
        arguments_add(&query, "fu", "1");
    if (!(client = client_new(args)))
        return EXIT_USAGE;
    found.list = args->option[OPTION_JSON] ? json_array() : NULL;
    status = references(client, named ? args->words[0] : "", str_text(&query), on_found, &found, &address);
    if (found.list && status == EXIT_OK) {
        json_auto_t *whole = json_pack("{s:O}", "m2m:uril", found.list);

        json_write(&text, whole);
        show_print_json(text.data, text.len);
    } else if (status == EXIT_OK && found.count > found.limit) {
        fprintf(stderr, "There are more than %lld.\n", (long long)found.limit);
    }
    json_decref(found.list);
    client_free(client);
    return status;
}

/* ---- tree ---- */

struct growth {
    struct tree *tree;
    int64_t limit;
    bool shown; /* that it takes time */
};

static bool on_branch(void *context, const json_t *entry)
{
    struct growth *g = context;
    const char *address = json_str(entry, "val");

    if ((int64_t)g->tree->count >= g->limit) {
        g->tree->cut = true;
        return false;
    }
    if (address)
        tree_add(g->tree, address, typename_of((int)json_int(entry, "typ", 0), json_str(entry, "spty")));
    if (g->shown && g->tree->count % PAGE == 0)
        fprintf(stderr, "\r%zu resources ", g->tree->count);
    return true;
}

/* All types but instances, which would drown the rest: "1+2+3+...". */
static void put_definitions(struct str *query)
{
    bool first = true;

    str_addf(query, "%sty=", query->len > 0 ? "&" : "");
    for (const struct rtype *const *types = rtype_all(); *types; types++) {
        if ((*types)->instance)
            continue;
        str_addf(query, "%s%d", first ? "" : "+", (*types)->ty);
        first = false;
    }
}

static void print_tree(const struct args *args, struct tree *tree, const char *asked)
{
    auto_str struct str out = STR_EMPTY;
    auto_free char *root = tree_root(tree, asked);

    if (args->option[OPTION_JSON]) {
        tree_json(tree, &out);
        show_print_json(out.data, out.len);
        return;
    }
    tree_draw(tree, &out, root, show_unicode(), show_colours());
    fputs(str_text(&out), stdout);
}

int find_tree(const struct args *args)
{
    auto_str struct str query = STR_EMPTY;
    auto_free char *address = NULL;
    struct tree tree = {0};
    int64_t depth = number(args, OPTION_DEPTH, TREE_DEPTH);
    struct growth growth = {.tree = &tree, .limit = number(args, OPTION_LIMIT, TREE_LIMIT), .shown = isatty(STDERR_FILENO)};
    struct client *client;
    int status;

    if (depth < 0 || growth.limit < 0)
        return EXIT_USAGE;
    if (!(client = client_new(args)))
        return EXIT_USAGE;
    str_addf(&query, "lvl=%lld", (long long)depth);
    if (!args->option[OPTION_ALL])
        put_definitions(&query);
    status = references(client, args->count ? args->words[0] : "", str_text(&query), on_branch, &growth, &address);
    if (growth.shown && tree.count >= PAGE)
        fprintf(stderr, "\r%20s\r", "");
    if (status == EXIT_OK)
        print_tree(args, &tree, address);
    if (status == EXIT_OK && tree.cut)
        fprintf(stderr, "Only %zu are shown; see --limit and --depth, or begin further down.\n", tree.count);
    tree_done(&tree);
    client_free(client);
    return status;
}
