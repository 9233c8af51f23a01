/* tessera - the command line: the installation, and what is in it. */
#include "complete.h"
#include "help.h"
#include "manual.h"
#include "settings.h"
#include "version.h"

#include "mem.h"

static int fail(const struct command *command, const char *why)
{
    fprintf(stderr, "tessera %s: %s\n", command->name, why);
    help_command(stderr, command);
    return EXIT_USAGE;
}

static int run(const struct command *command, int argc, char **argv)
{
    auto_free char **words = (char **)xcalloc((size_t)argc + 1, sizeof(char *));
    char why[512];
    struct args args;

    if (args_parse(&args, command, argc, argv, words, why, sizeof why) < 0)
        return fail(command, why);
    if (args.option[OPTION_HELP]) {
        help_command(stdout, command);
        return EXIT_OK;
    }
    settings_load(args.option[OPTION_CONFIG]);
    return command->run(&args);
}

int main(int argc, char **argv)
{
    const struct config_row *const own[] = {client_config, NULL};
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command = command_find(name);

    if (command)
        return run(command, argc - 2, argv + 2);
    if (strcmp(name, "--settings") == 0) {
        config_print_list(stdout, own);
        return EXIT_OK;
    }
    if (strcmp(name, "--complete") == 0)
        return complete_print(argc - 2, argv + 2);
    if (strcmp(name, "--man") == 0) {
        auto_str struct str page = STR_EMPTY;

        manual_write(&page);
        fputs(str_text(&page), stdout);
        return EXIT_OK;
    }
    if (strcmp(name, "--version") == 0) {
        printf("tessera %s\n", TESSERA_VERSION);
        return EXIT_OK;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        if (argc > 2 && (command = command_find(argv[2])))
            help_command(stdout, command);
        else
            help_all(stdout);
        return EXIT_OK;
    }
    if (*name)
        help_unknown(stderr, name);
    else
        help_all(stderr);
    return EXIT_USAGE;
}
