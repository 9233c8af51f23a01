/* Tables of attributes are put together from those of <flexContainer> and what a file says. They live as long as the process. */
#include "flexcontainer.h"
#include "config.h"
#include "json.h"
#include "types/types.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>

#include "mem.h"

enum { ATTRIBUTES_MAX = 200, WORDS_MAX = 5, FILE_MAX = 16 << 20, WHY_SIZE = 200 };

/* common/types/flexcontainers/, one file behind the other: the linker puts them into the program. */
extern const char shipped[] __asm__("_binary_flexcontainers_json_start");
extern const char shipped_end[] __asm__("_binary_flexcontainers_json_end");

static const struct {
    const char *name;
    int kind;
    attr_check_fn *check;
} kinds[] = {
    {"string",    STRING,     NULL          },
    {"boolean",   BOOL,       NULL          },
    {"integer",   INT,        NULL          },
    {"uint",      UINT,       NULL          },
    {"float",     FLOAT,      NULL          },
    {"timestamp", TIMESTAMP,  NULL          },
    {"datetime",  STRING,     check_datetime},
    {"date",      STRING,     check_date    },
    {"time",      STRING,     check_time    },
    {"duration",  DURATION,   NULL          },
    {"uri",       URI,        NULL          },
    {"base64",    BASE64,     NULL          },
    {"any",       ANY,        NULL          },
    {"list",      LIST | ANY, NULL          },
};

/* Columns: multiplicity in a file, in the table, on create and update unless they are given. */
static const struct {
    const char *name;
    enum multiplicity mult;
    enum presence create, update;
} multiplicities[] = {
    {"1",    ONE, M, O},
    {"0..1", OPT, O, O},
};

static json_t *kept; /* the parsed files: names in the tables borrow from them */

__attribute__((format(printf, 3, 4))) static int refuse(char *why, size_t why_size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, why_size, format, args);
    va_end(args);
    json_ascii(why);
    return -1;
}

bool flexcontainer_custom(const char *name)
{
    return !rtype_attr(&rtype_fcnt, name);
}

/* A letter, then letters, digits and underscores. */
static bool is_name(const char *text, size_t len)
{
    if (len == 0 || !isalpha((unsigned char)*text))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return true;
}

/* PREFIX:NAME */
static bool is_key(const char *text)
{
    const char *colon = strchr(text, ':');

    return colon && is_name(text, (size_t)(colon - text)) && is_name(colon + 1, strlen(colon + 1));
}

static enum presence presence_of(const char *word)
{
    return strcmp(word, "M") == 0 ? M : strcmp(word, "O") == 0 ? O : strcmp(word, "NP") == 0 ? NP : 0;
}

/* "LONG-NAME KIND [MULTIPLICITY [CREATE UPDATE]]" */
static int read_attribute(struct attr *attr, const char *name, const char *text, char *why, size_t why_size)
{
    auto_free char *copy = xstrdup(text);
    char *words[WORDS_MAX + 1] = {NULL}, *rest = copy, *word;
    size_t count = 0, kind = 0, mult = ARRAY_LEN(multiplicities) - 1;

    while ((word = strsep(&rest, " ")) && count <= WORDS_MAX)
        words[count++] = word;
    if (count < 2 || count == 4 || count > WORDS_MAX)
        return refuse(why, why_size, "%s: not \"LONG-NAME KIND [MULTIPLICITY [CREATE UPDATE]]\"", name);
    while (kind < ARRAY_LEN(kinds) && strcmp(kinds[kind].name, words[1]) != 0)
        kind++;
    if (kind == ARRAY_LEN(kinds))
        return refuse(why, why_size, "%s: \"%.32s\" is no kind of attribute", name, words[1]);
    if (words[2])
        for (mult = 0; mult < ARRAY_LEN(multiplicities) && strcmp(multiplicities[mult].name, words[2]) != 0;)
            mult++;
    if (mult == ARRAY_LEN(multiplicities))
        return refuse(why, why_size, "%s: \"%.32s\" is no multiplicity (1 or 0..1)", name, words[2]);
    *attr = (struct attr){name,
                          kinds[kind].kind,
                          multiplicities[mult].mult,
                          words[3] ? presence_of(words[3]) : multiplicities[mult].create,
                          words[3] ? presence_of(words[4]) : multiplicities[mult].update,
                          OA,
                          NULL,
                          kinds[kind].check};
    if (!attr->create || !attr->update || attr->update == M)
        return refuse(why, why_size, "%s: on CREATE M, O or NP, on UPDATE O or NP", name);
    return 0;
}

/* The custom attributes into `custom`. Returns how many, or -1. */
static int read_attributes(struct attr *custom, const json_t *attributes, char *why, size_t why_size)
{
    const char *name;
    json_t *text;
    int count = 0;

    if (!json_is_object(attributes) || json_object_size(attributes) > ATTRIBUTES_MAX)
        return refuse(why, why_size, "attributes: not an object of at most %d members", ATTRIBUTES_MAX);
    json_object_foreach((json_t *)attributes, name, text)
    {
        if (!is_name(name, strlen(name)))
            return refuse(why, why_size, "%.64s: not a name of letters and digits", name);
        if (!flexcontainer_custom(name) || rtype_attr(&rtype_fcin, name))
            return refuse(why, why_size, "%s: an attribute of every flexContainer or flexContainerInstance", name);
        if (!json_is_string(text))
            return refuse(why, why_size, "%s: not a string", name);
        if (read_attribute(&custom[count++], name, json_string_value(text), why, why_size) < 0)
            return -1;
    }
    return count;
}

/* A table of its own: common attributes, then the others. */
static struct attr *join(const struct attr *common, const struct attr *custom, size_t count, bool settable)
{
    size_t common_count = 0;
    struct attr *table;

    while (common[common_count].name)
        common_count++;
    table = xcalloc(common_count + count + 1, sizeof(*table));
    memcpy(table, common, common_count * sizeof(*table));
    memcpy(table + common_count, custom, count * sizeof(*table));
    table[common_count + count] = common[common_count];
    for (size_t i = common_count; !settable && i < common_count + count; i++)
        table[i].create = table[i].update = NP;
    return table;
}

/* A variant of `plain` with an attribute table of its own, which is taken. -1: its key or its cnd is there already. */
static int add(const struct rtype *plain, const char *key, const char *cnd, struct attr *attrs)
{
    struct rtype *type = xmalloc(sizeof(*type));

    *type = *plain;
    type->name = type->key = key;
    type->selected = cnd;
    type->attrs = attrs;
    if (rtype_register(type) == 0)
        return 0;
    free(attrs);
    free(type);
    return -1;
}

static int read_specialization(const char *key, const json_t *definition, char *why, size_t why_size)
{
    struct attr custom[ATTRIBUTES_MAX];
    const json_t *cnd = json_object_get(definition, "cnd");
    char *instance;
    int count;

    if (!is_key(key))
        return refuse(why, why_size, "not a root key like ex:lamp");
    if (cnd && !(json_string_length(cnd) > 0 && !strpbrk(json_string_value(cnd), " \t\r\n")))
        return refuse(why, why_size, "cnd: not a text without blanks");
    if (json_object_size(definition) != (cnd ? 2 : 1))
        return refuse(why, why_size, "members: cnd and attributes");
    count = read_attributes(custom, json_object_get(definition, "attributes"), why, why_size);
    if (count < 0)
        return -1;
    if (add(&rtype_fcnt, key, cnd ? json_string_value(cnd) : "", join(rtype_fcnt.attrs, custom, (size_t)count, true)) < 0)
        return refuse(why, why_size, "this root key or its cnd is there already");
    if (!cnd)
        return 0;
    instance = xasprintf("%sInst", key);
    if (add(&rtype_fcin, instance, "", join(rtype_fcin.attrs, custom, (size_t)count, false)) == 0)
        return 0;
    refuse(why, why_size, "%s, the key of its instances, is there already", instance);
    free(instance);
    return -1;
}

static int read_object(json_t *object, char *why, size_t why_size)
{
    char inner[WHY_SIZE];
    const char *key;
    json_t *definition;
    int count = 0;

    json_object_foreach(object, key, definition)
    {
        if (read_specialization(key, definition, inner, sizeof inner) < 0)
            return refuse(why, why_size, "%.64s: %s", key, inner);
        count++;
    }
    return count;
}

int flexcontainer_load(const char *text, size_t len, char *why, size_t why_size)
{
    int count = 0, more;

    if (!kept)
        kept = json_array();
    for (size_t at = 0; at < len; at++) {
        json_error_t error;
        json_t *object;

        if (isspace((unsigned char)text[at]))
            continue;
        object = json_loadb(text + at, len - at, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
        if (!object)
            return refuse(why, why_size, "line %d: %s", error.line, error.text);
        json_array_append_new(kept, object);
        if (!json_is_object(object))
            return refuse(why, why_size, "not an object by root key");
        if ((more = read_object(object, why, why_size)) < 0)
            return -1;
        count += more;
        at += (size_t)error.position;
    }
    return count;
}

static void load_file(const char *path)
{
    auto_free char *text = xmalloc(FILE_MAX + 1);
    FILE *file = fopen(path, "re");
    char why[2 * WHY_SIZE];
    size_t len;

    if (!file)
        config_refuse("cse.flexcontainers", "%s: %s", path, strerror(errno));
    len = fread(text, 1, FILE_MAX + 1, file);
    if (ferror(file) || len > FILE_MAX)
        config_refuse("cse.flexcontainers", "%s: %s", path, len > FILE_MAX ? "larger than 16 MiB" : strerror(errno));
    fclose(file);
    text[len] = '\0';
    if (flexcontainer_load(text, len, why, sizeof why) < 0)
        config_refuse("cse.flexcontainers", "%s: %s", path, why);
}

static int is_json(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

static void load_directory(const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_json, alphasort);

    if (count < 0)
        config_refuse("cse.flexcontainers", "%s: %s", directory, strerror(errno));
    for (int i = 0; i < count; i++) {
        auto_free char *path = xasprintf("%s/%s", directory, entries[i]->d_name);

        load_file(path);
        free(entries[i]);
    }
    free(entries);
}

void flexcontainer_start(void)
{
    const char *directory = config_text("cse.flexcontainers");
    char why[2 * WHY_SIZE];

    if (flexcontainer_load(shipped, (uintptr_t)shipped_end - (uintptr_t)shipped, why, sizeof why) < 0)
        config_refuse("cse.flexcontainers", "common/types/flexcontainers: %s", why);
    if (*directory)
        load_directory(directory);
}
