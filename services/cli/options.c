/* Options of the command line: their table, and taking a command line apart. */
#include "command.h"

#include "mem.h"

/* Columns: name, letter, value, help. */
/* clang-format off */
const struct option_row options[OPTIONS] = {
    [OPTION_ORIGINATOR] = {"originator", 'o', "ID",   "who asks (TESSERA_ORIGINATOR; else the administrator, cse.admin)"                },
    [OPTION_URL] = {"url",        'u', "URL",  "http://HOST:PORT[/CSEBASE] of the CSE (TESSERA_URL; else the local installation)"},
    [OPTION_CA] = {"ca",         0,   "FILE", "certificates of authorities that an https URL is checked with (TESSERA_CA)"      },
    [OPTION_CERT] = {"cert",       0,   "FILE", "certificate to show (TESSERA_CERT)"                                              },
    [OPTION_KEY] = {"key",        0,   "FILE", "its key (TESSERA_KEY)"                                                           },
    [OPTION_JSON] = {"json",       'j', NULL,   "print JSON, for programs"                                                        },
    [OPTION_DEPTH] = {"depth",      'd', "N",    "levels to show (4)"                                                              },
    [OPTION_LIMIT] = {"limit",      'n', "N",    "how many to show at most"                                                       },
    [OPTION_ALL] = {"all",        'a', NULL,   "instances as well (contentInstance and the like)"                                },
    [OPTION_NU] = {"nu", 0, "URL", "who is notified, a URL or the ID of an AE; else who asks"},
    [OPTION_FORCE] = {"force", 'f', NULL, "replace what is there; the former database is kept aside"},
    [OPTION_FOLLOW] = {"follow", 'f', NULL, "go on with what comes, until Ctrl-C"},
    [OPTION_TRACE] = {"trace", 't', "ID", "lines with this trace id, request id or other text"},
    [OPTION_LEVEL] = {"level", 'l', "LEVEL", "at least debug, info, warn or error"},
    [OPTION_SINCE] = {"since", 's', "TIME", "since 10m, 2h, 3d ago, or 19:00, 2026-11-21T19:00 (UTC)"},
    [OPTION_FILE] = {"file", 'F', "FILE", "read this log, - for standard input; else that of the installation"},
    [OPTION_CONFIG] = {"config",     'c', "FILE", "file of settings; else TESSERA_CONFIG names it"                                  },
    [OPTION_HELP] = {"help",       'h', NULL,   "explain this command"                                                            },
};

bool command_has(const struct command *command, enum option option)
{
    return option == OPTION_CONFIG || option == OPTION_HELP || (command->options & WITH(option)) != 0;
}

/* The option of a word without its dashes, "json" or "config=FILE"; OPTIONS when the command has no such. */
static int find(const struct command *command, const char *word, bool is_long)
{
    size_t len = is_long ? strcspn(word, "=") : 1;

    for (int i = 0; i < OPTIONS; i++) {
        bool same = is_long ? strlen(options[i].name) == len && strncmp(options[i].name, word, len) == 0
                            : options[i].letter && options[i].letter == *word;

        if (same && command_has(command, (enum option)i))
            return i;
    }
    return OPTIONS;
}

/* One option, argv[0]; its value may be argv[1]. Returns how many words it took, or -1 with `why`. */
static int take(struct args *args, int argc, char **argv, char *why, size_t why_size)
{
    bool is_long = argv[0][1] == '-';
    const char *word = argv[0] + (is_long ? 2 : 1);
    int option = find(args->command, word, is_long);
    const char *value = is_long ? strchr(word, '=') : NULL;

    if (option == OPTIONS) {
        snprintf(why, why_size, "%s: no such option; there are:", argv[0]);
        for (int i = 0; i < OPTIONS; i++) {
            size_t len = strlen(why);

            if (command_has(args->command, (enum option)i))
                snprintf(why + len, why_size - len, " --%s", options[i].name);
        }
        return -1;
    }
    if (!is_long && word[1])
        value = word; /* -oCAdmin */
    if (!options[option].value) {
        if (value) {
            snprintf(why, why_size, "%s: it takes no value", argv[0]);
            return -1;
        }
        args->option[option] = "";
        return 1;
    }
    if (!value && argc < 2) {
        snprintf(why, why_size, "%s: its %s is missing", argv[0], options[option].value);
        return -1;
    }
    args->option[option] = value ? value + 1 : argv[1];
    return value ? 1 : 2;
}

int args_parse(struct args *args, const struct command *command, int argc, char **argv, char **words, char *why, size_t why_size)
{
    bool ended = false;

    *args = (struct args){.command = command, .words = words};
    for (int i = 0; i < argc;) {
        int n;

        if (ended || argv[i][0] != '-' || !argv[i][1] || argv[i][1] == '/') {
            words[args->count++] = argv[i++];
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            ended = true;
            i++;
            continue;
        }
        n = take(args, argc - i, argv + i, why, why_size);
        if (n < 0)
            return -1;
        i += n;
    }
    words[args->count] = NULL;
    if (args->option[OPTION_HELP])
        return 0;
    if (args->count < command->least || (command->most >= 0 && args->count > command->most)) {
        snprintf(why, why_size, "%s", args->count < command->least ? "something is missing" : "that is too much");
        return -1;
    }
    return 0;
}
