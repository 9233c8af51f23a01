/*
 * The commands of `tessera` as data: usage, help, manual page and completion are written from the two tables, commands
 * (commands.c) and options (options.c). A new command is a row and a function.
 */
#ifndef TESSERA_CLI_COMMAND_H
#define TESSERA_CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit statuses. */
enum { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_BAD_DATA = 65, EXIT_UNREACHABLE = 69, EXIT_SETTING = 78 };

enum option {
    OPTION_ORIGINATOR,
    OPTION_URL,
    OPTION_CA,
    OPTION_CERT,
    OPTION_KEY,
    OPTION_JSON,
    OPTION_DEPTH,
    OPTION_LIMIT,
    OPTION_ALL,
    OPTION_NU,
    OPTION_FORCE,
    OPTION_FOLLOW,
    OPTION_TRACE,
    OPTION_LEVEL,
    OPTION_SINCE,
    OPTION_FILE,
    OPTION_CONFIG,
    OPTION_HELP,
    OPTIONS
};

/* What a word of the command line is, for completion. */
enum word { WORD_NONE, WORD_ADDRESS, WORD_TYPE, WORD_VALUES, WORD_FILTERS, WORD_EVENT, WORD_FILE, WORD_SERVICE, WORD_SHELL };
#define WORDS 3

/* A command line taken apart. Everything is borrowed from argv. */
struct args {
    const struct command *command;
    int count;
    char **words;
    const char *option[OPTIONS]; /* NULL: not given; of a flag "" */
};

struct command {
    const char *name; /* NULL behind the last row */
    const char *arguments;
    const char *help; /* one line */
    int least, most;  /* words; most < 0: any number */
    uint32_t options; /* WITH(...) of those that it has beside --config and --help */
    enum word words[WORDS];
    const char *group;                   /* heading in the help */
    int (*run)(const struct args *args); /* returns the exit status */
};
extern const struct command commands[];

struct option_row {
    const char *name;  /* without the dashes */
    char letter;       /* 0: none */
    const char *value; /* what it is given; NULL: a flag */
    const char *help;
};
extern const struct option_row options[OPTIONS];
#define WITH(option) (UINT32_C(1) << (option))

const struct command *command_find(const char *name); /* NULL: none */
bool command_has(const struct command *command, enum option option);

/*
 * Takes the words behind the command's name apart; `words` gets those that are no options, has room for argc, and is
 * NULL-terminated afterwards. 0, or -1 with `why`. Options may stand anywhere; "--" ends them; "-" and "-/x" are words. Pure.
 */
int args_parse(struct args *args, const struct command *command, int argc, char **argv, char **words, char *why, size_t why_size);

#endif
