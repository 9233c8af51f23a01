#include "resources.h"

#include "arguments.h"
#include "client.h"
#include "config.h"
#include "json.h"
#include "show.h"
#include "typename.h"
#include "values.h"

#include "mem.h"

#define INPUT_MAX 67108864
#define TY_AE 2

static int misused(const struct args *args, const char *why)
{
    fprintf(stderr, "tessera %s: %s\n", args->command->name, why);
    return EXIT_USAGE;
}

/* "cse-in/x  cnt  container": which resource the lines below are of. */
static void print_heading(const char *address, const struct rtype *type)
{
    auto_str struct str out = STR_EMPTY;
    bool coloured = show_colours();

    show_in(&out, BOLD, address, coloured);
    str_puts(&out, "  ");
    show_in(&out, YELLOW, typename_short(type), coloured);
    str_puts(&out, "  ");
    show_in(&out, FAINT, type->name, coloured);
    printf("%s\n", str_text(&out));
}

/* A representation as a table, for people; anything else, or if it is not to be a table, the whole answer as JSON. */
static void print_representation(const json_t *pc, const char *address, bool table, const struct answer *a)
{
    auto_str struct str out = STR_EMPTY;
    const json_t *attrs = NULL;
    const struct rtype *type = table ? show_type(pc, &attrs) : NULL;

    if (!type) {
        show_print_json(a->body.data ? a->body.data : "", a->body.len);
        return;
    }
    print_heading(address, type);
    show_attributes(&out, type, attrs, show_colours());
    fputs(str_text(&out), stdout);
}

static void print_content(const struct args *args, const char *address, const struct answer *a)
{
    print_representation(a->pc, address, !args->option[OPTION_JSON], a);
}

/* ---- get, delete ---- */

int resource_get(const struct args *args)
{
    auto_str struct str query = STR_EMPTY;
    auto_free char *address = NULL;
    struct call call = {.method = "GET"};
    struct answer a = {.body = STR_EMPTY};
    struct client *client;
    char why[512];
    int status;

    if (arguments_write(&query, args->words + 1, why, sizeof why) < 0)
        return misused(args, why);
    if (!(client = client_new(args)))
        return EXIT_USAGE;
    call.query = str_text(&query);
    status = client_ask_word(client, &call, args->words[0], &address, &a);
    if (status == EXIT_OK)
        print_content(args, address, &a);
    if (status == EXIT_OK && a.partial)
        fprintf(stderr, "There is more: go on with ofst=%lld\n", (long long)a.next);
    answer_done(&a);
    client_free(client);
    return status;
}

int resource_delete(const struct args *args)
{
    struct client *client = client_new(args);
    int status = client ? EXIT_OK : EXIT_USAGE;

    for (int i = 0; i < args->count && status == EXIT_OK; i++) {
        auto_free char *address = NULL;
        struct call call = {.method = "DELETE"};
        struct answer a = {.body = STR_EMPTY};

        status = client_ask_word(client, &call, args->words[i], &address, &a);
        if (status == EXIT_OK && args->option[OPTION_JSON])
            show_print_json(a.body.len ? a.body.data : "{}", a.body.len ? a.body.len : 2);
        else if (status == EXIT_OK)
            printf("deleted %s\n", address);
        answer_done(&a);
    }
    client_free(client);
    return status;
}

/* ---- what is written ---- */

static void read_input(struct str *text)
{
    size_t n;

    do {
        str_reserve(text, 65536);
        n = fread(text->data + text->len, 1, 65536, stdin);
        text->len += n;
        text->data[text->len] = '\0';
    } while (n > 0 && text->len < INPUT_MAX);
}

/*
 * The JSON among `words`, which may stand first: "-" is standard input. Returns it (borrowed, or in `input`), NULL without `why`
 * when there is none; *words is moved behind it.
 */
static const char *take_json(char *const **words, struct str *input)
{
    const char *first = (*words)[0];

    if (!first || (strcmp(first, "-") != 0 && *first != '{'))
        return NULL;
    (*words)++;
    if (*first == '{')
        return first;
    read_input(input);
    return str_text(input);
}

/* The representation in the words, as text. 0, or -1 with `why`. */
static int write_body(struct str *body, const struct rtype *type, bool update, char *const *words, char *why, size_t why_size)
{
    auto_str struct str input = STR_EMPTY;
    const char *json = take_json(&words, &input);
    json_auto_t *pc = values_representation(type, update, json, json ? strlen(json) : 0, words, why, why_size);

    if (!pc)
        return -1;
    json_write(body, pc);
    return 0;
}

/* {"m2m:rce":{"uri":"cse-in/x","m2m:cnt":{...}}}, rcn 3: where it is and what it is. */
static void print_created(const struct answer *a)
{
    json_t *rce = json_object_get(a->pc, "m2m:rce");
    auto_free char *address = xstrdup(json_str(rce, "uri") ? json_str(rce, "uri") : "");

    json_object_del(rce, "uri");
    print_representation(rce, address, true, a);
}

int resource_create(const struct args *args)
{
    auto_str struct str body = STR_EMPTY;
    auto_free char *address = NULL;
    char why[2048];
    const struct rtype *type = typename_find(args->words[1], why, sizeof why);
    struct call call = {.method = "POST", .query = args->option[OPTION_JSON] ? NULL : "rcn=3"};
    struct answer a = {.body = STR_EMPTY};
    struct client *client;
    int status;

    if (!type || write_body(&body, type, false, args->words + 2, why, sizeof why) < 0)
        return misused(args, why);
    if (!(client = client_new(args)))
        return EXIT_USAGE;
    if (type->ty == TY_AE && !args->option[OPTION_ORIGINATOR] && !*config_text("originator"))
        client_set_originator(client, "C"); /* the administrator cannot be one: the CSE gives it an id */
    call.ty = type->ty;
    call.body = str_text(&body);
    status = client_ask_word(client, &call, args->words[0], &address, &a);
    if (status == EXIT_OK && args->option[OPTION_JSON])
        show_print_json(a.body.data ? a.body.data : "", a.body.len);
    else if (status == EXIT_OK)
        print_created(&a);
    answer_done(&a);
    client_free(client);
    return status;
}

/* The type of the resource, which has to be known before its attributes can be: it is retrieved. */
static int learn_type(struct client *client, const char *word, char **address, const struct rtype **type)
{
    struct call call = {.method = "GET"};
    struct answer a = {.body = STR_EMPTY};
    const json_t *attrs;
    int status = client_ask_word(client, &call, word, address, &a);

    if (status == EXIT_OK && !(*type = show_type(a.pc, &attrs))) {
        fprintf(stderr, "%s: of a type that is not known here\n", *address);
        status = EXIT_REFUSED;
    }
    answer_done(&a);
    return status;
}

int resource_update(const struct args *args)
{
    auto_str struct str body = STR_EMPTY;
    auto_free char *address = NULL;
    struct call call = {.method = "PUT"};
    struct answer a = {.body = STR_EMPTY};
    struct client *client = client_new(args);
    const struct rtype *type = NULL;
    char why[2048];
    int status = client ? learn_type(client, args->words[0], &address, &type) : EXIT_USAGE;

    if (status == EXIT_OK && write_body(&body, type, true, args->words + 1, why, sizeof why) < 0)
        status = misused(args, why);
    if (status == EXIT_OK) {
        call.address = address;
        call.body = str_text(&body);
        status = client_ask(client, &call, &a);
    }
    if (status == EXIT_OK)
        print_content(args, address, &a);
    answer_done(&a);
    client_free(client);
    return status;
}
