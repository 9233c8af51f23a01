/* What only a running CSE, or the supervisor, knows; and the shell's part. */
#include "client.h"
#include "complete.h"
#include "find.h"
#include "json.h"
#include "local.h"
#include "settings.h"
#include "show.h"
#include "typename.h"

#include "mem.h"

enum { PATIENCE_S = 3, NAMES_MAX = 500 };

struct names {
    struct completion *completion;
    const char *parent; /* as it was typed, with its slash */
    int count;
};

static bool on_name(void *context, const json_t *entry)
{
    struct names *n = context;
    const char *name = json_str(entry, "nm");
    auto_free char *word = name ? xasprintf("%s%s", n->parent, name) : NULL;

    if (word && strncmp(word, n->completion->last, strlen(n->completion->last)) == 0)
        str_addf(&n->completion->words, "%s\n", word);
    return ++n->count < NAMES_MAX;
}

static void offer_addresses(struct completion *c, struct client *client)
{
    auto_free char *parent = complete_parent(c->last);
    auto_free char *address = NULL;
    struct names names = {.completion = c, .parent = parent};

    if (!*parent && strncmp(client_name(client), c->last, strlen(c->last)) == 0)
        str_addf(&c->words, "%s\n", client_name(client));
    references(client, parent, "lvl=1", on_name, &names, &address);
}

static void offer_attributes_of(struct completion *c, struct client *client)
{
    auto_free char *address = NULL;
    struct call call = {.method = "GET", .seconds = PATIENCE_S};
    struct answer a = {.body = STR_EMPTY};
    const json_t *attrs;
    const struct rtype *type = NULL;

    if (client_ask_word(client, &call, c->address, &address, &a) == EXIT_OK)
        type = show_type(a.pc, &attrs);
    for (const struct attr *one = type ? type->attrs : NULL; one && one->name; one++)
        if (!rtype_attr_is_own(one->name) && one->update != NP && strncmp(one->name, c->last, strlen(c->last)) == 0)
            str_addf(&c->words, "%s=\n", one->name);
    answer_done(&a);
}

static void offer_services(struct completion *c)
{
    auto_str struct str text = STR_EMPTY;
    json_auto_t *report = local_status(&text);
    const json_t *child;
    size_t i;

    json_array_foreach(json_object_get(report, "children"), i, child)
    {
        const char *name = json_str(child, "name");
        auto_free char *service = xstrndup(name, strcspn(name, "."));

        if (strncmp(service, c->last, strlen(c->last)) == 0)
            str_addf(&c->words, "%s\n", service);
        if (strchr(name, '.') && strncmp(name, c->last, strlen(c->last)) == 0)
            str_addf(&c->words, "%s\n", name);
    }
}

/* The options among the words count: -o, --url. */
static void ask(struct completion *c, int count, char **words)
{
    auto_free char **list = (char **)xcalloc((size_t)count + 1, sizeof(char *));
    struct args args;
    struct client *client;
    char why[512];

    settings_load(NULL);
    if (c->ask == WORD_SERVICE) {
        offer_services(c);
        return;
    }
    if (args_parse(&args, command_find(words[0]), count - 1, words + 1, list, why, sizeof why) < 0)
        args = (struct args){.command = command_find(words[0])};
    client = client_new(&args);
    if (client && c->ask == WORD_ADDRESS)
        offer_addresses(c, client);
    else if (client)
        offer_attributes_of(c, client);
    client_free(client);
}

int complete_print(int count, char **words)
{
    struct completion c;

    settings_load(NULL);
    complete_words(&c, count, words);
    if (c.ask != WORD_NONE)
        ask(&c, count, words);
    fputs(str_text(&c.words), stdout);
    str_done(&c.words);
    return EXIT_OK;
}

/* The words are taken from the line itself: bash would split them at '=' and ':', and replaces only what is behind the last. */
static const char bash[] =
    "# bash completion for tessera: source <(tessera completion bash)\n"
    "_tessera() {\n"
    "  local line=${COMP_LINE:0:COMP_POINT} words word head IFS=$' \\t\\n'\n"
    "  read -ra words <<<\"$line\"\n"
    "  [[ $line == *[[:space:]] ]] && words+=(\"\")\n"
    "  word=${words[-1]}\n"
    "  head=${word%\"${word##*[=:]}\"}\n"
    "  IFS=$'\\n'\n"
    "  COMPREPLY=($(\"${words[0]}\" --complete \"${words[@]:1}\" 2>/dev/null))\n"
    "  COMPREPLY=(\"${COMPREPLY[@]#\"$head\"}\")\n"
    "  [[ ${#COMPREPLY[@]} == 1 && ( ${COMPREPLY[0]} == *= || -z ${COMPREPLY[0]} ) ]] && compopt -o nospace\n"
    "  [[ -n ${COMPREPLY[0]-} ]] || COMPREPLY=()\n"
    "}\n"
    "complete -o default -F _tessera tessera\n";

int complete_shell(const struct args *args)
{
    if (strcmp(args->words[0], "bash") != 0) {
        fprintf(stderr, "tessera completion: %s: there is one for bash\n", args->words[0]);
        return EXIT_USAGE;
    }
    fputs(bash, stdout);
    return EXIT_OK;
}
