/* What the tables know. */
#include "complete.h"

#include "query.h"
#include "typename.h"

#include "mem.h"

static void offer(struct completion *c, const char *word, const char *more)
{
    size_t len = strlen(c->last);
    auto_free char *whole = xasprintf("%s%s", word, more);

    if (strncmp(whole, c->last, len) == 0)
        str_addf(&c->words, "%s\n", whole);
}

/* ---- options ---- */

static void offer_options(struct completion *c, const struct command *command)
{
    for (int i = 0; i < OPTIONS; i++) {
        if (!command_has(command, (enum option)i))
            continue;
        auto_free char *name = xasprintf("--%s", options[i].name);

        offer(c, name, "");
    }
}

/* The option that the word is and that takes a value; OPTIONS: none. */
static int option_with_value(const struct command *command, const char *word)
{
    for (int i = 0; i < OPTIONS; i++) {
        bool is_long = strncmp(word, "--", 2) == 0 && strcmp(word + 2, options[i].name) == 0;
        bool is_short = word[0] == '-' && options[i].letter && word[1] == options[i].letter && !word[2];

        if (options[i].value && command_has(command, (enum option)i) && (is_long || is_short))
            return i;
    }
    return OPTIONS;
}

static void offer_value(struct completion *c, int option)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};

    for (size_t i = 0; option == OPTION_LEVEL && i < ARRAY_LEN(levels); i++)
        offer(c, levels[i], "");
}

/* ---- words ---- */

static void offer_types(struct completion *c, const char *before)
{
    const char *rest = c->last + strlen(before);

    typename_load();
    for (const struct rtype *const *t = rtype_all(); *t; t++) {
        auto_free char *word = xasprintf("%s%s", before, typename_short(*t));

        if ((*t)->create || *before)
            offer(c, word, "");
    }
    for (const struct rtype *const *t = rtype_variants(); strlen(rest) > 2 && *t; t++) { /* hundreds: not before much is typed */
        auto_free char *word = xasprintf("%s%s", before, typename_short(*t));

        if ((*t)->create && (*t)->ty < TY_ANNOUNCED && !*before)
            offer(c, word, "");
    }
}

static void offer_attributes(struct completion *c, const struct rtype *type, bool update)
{
    for (const struct attr *a = type->attrs; a->name; a++)
        if (!rtype_attr_is_own(a->name) && (update ? a->update : a->create) != NP)
            offer(c, a->name, "=");
}

static void offer_values(struct completion *c, const struct command *command, char *const *positional)
{
    char why[256];
    const struct rtype *type;

    if (strchr(c->last, '='))
        return;
    if (command->words[1] != WORD_TYPE) { /* update: the resource says of which type it is */
        c->ask = WORD_VALUES;
        c->address = positional[0];
        return;
    }
    type = typename_find(positional[1], why, sizeof why);
    if (type)
        offer_attributes(c, type, false);
}

static void offer_filters(struct completion *c)
{
    static const char *const usual[] = {"rn", "con", "cnd", "api", "aei", "mgd"};

    if (strncmp(c->last, "ty=", 3) == 0) {
        size_t len = strlen(c->last) - strcspn(c->last, ",") ? (size_t)(strrchr(c->last, ',') - c->last) + 1 : 3;
        auto_free char *before = xstrndup(c->last, len);

        offer_types(c, before);
        return;
    }
    for (const struct query_row *row = query_rows; row->name; row++)
        if (row->kind != QUERY_OWN && row->kind != QUERY_NEVER)
            offer(c, row->name, "=");
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        offer(c, usual[i], "=");
}

static void offer_events(struct completion *c)
{
    static const char *const events[] = {"updated", "deleted", "created", "removed", "empty", "triggered", "blocking", "missing"};

    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        offer(c, events[i], "");
}

static void offer_word(struct completion *c, const struct command *command, int place, char *const *positional)
{
    enum word kind = command->words[place < WORDS ? place : WORDS - 1];

    if (command->most >= 0 && place >= command->most)
        return;
    if (kind == WORD_TYPE)
        offer_types(c, "");
    else if (kind == WORD_VALUES)
        offer_values(c, command, positional);
    else if (kind == WORD_FILTERS)
        offer_filters(c);
    else if (kind == WORD_EVENT)
        offer_events(c);
    else if (kind == WORD_SHELL)
        offer(c, "bash", "");
    else if (kind == WORD_ADDRESS || kind == WORD_SERVICE)
        c->ask = kind;
    if (kind == WORD_ADDRESS && place > 0 && strchr(c->last, '='))
        c->ask = WORD_NONE;
    if (kind == WORD_ADDRESS && command->words[1] == WORD_FILTERS && command->least == 0)
        offer_filters(c); /* discover: the address may be left out */
}

void complete_words(struct completion *c, int count, char *const *words)
{
    const struct command *command = count > 1 ? command_find(words[0]) : NULL;
    auto_free char **positional = (char **)xcalloc((size_t)count + 1, sizeof(char *));
    int place = 0, pending = OPTIONS;

    *c = (struct completion){.last = count > 0 ? words[count - 1] : ""};
    if (count <= 1) {
        for (const struct command *one = commands; one->name; one++)
            offer(c, one->name, "");
        offer(c, "--help", "");
        offer(c, "--version", "");
        return;
    }
    if (!command)
        return;
    for (int i = 1; i < count - 1; i++) {
        bool value = pending != OPTIONS;

        pending = value ? OPTIONS : option_with_value(command, words[i]);
        if (!value && (words[i][0] != '-' || words[i][1] == '/' || !words[i][1]))
            positional[place++] = words[i];
    }
    if (pending != OPTIONS)
        offer_value(c, pending);
    else if (c->last[0] == '-' && c->last[1] != '/')
        offer_options(c, command);
    else
        offer_word(c, command, place, positional);
}

char *complete_parent(const char *typed)
{
    const char *slash = strrchr(typed, '/');

    return slash ? xstrndup(typed, (size_t)(slash - typed) + 1) : xstrdup("");
}
