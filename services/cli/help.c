#include "help.h"

#include "mem.h"

void help_all(FILE *out)
{
    const char *group = "";

    fprintf(out, "usage: tessera COMMAND [ARGUMENTS]\n");
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(c->group, group) != 0)
            fprintf(out, "\n%s\n", c->group);
        group = c->group;
        fprintf(out, "  %-8s %-28s %s\n", c->name, c->arguments, c->help);
    }
    fprintf(out, "\ntessera COMMAND --help has the options of one. Settings are read from the environment and from the file that "
                 "TESSERA_CONFIG names.\n");
}

void help_command(FILE *out, const struct command *command)
{
    fprintf(out, "usage: tessera %s%s%s [OPTIONS]\n\n%s\n\n", command->name, *command->arguments ? " " : "", command->arguments,
            command->help);
    for (int i = 0; i < OPTIONS; i++) {
        auto_free char *shown = NULL;

        if (!command_has(command, (enum option)i))
            continue;
        shown = xasprintf("--%s%s%s", options[i].name, options[i].value ? " " : "", options[i].value ? options[i].value : "");
        fprintf(out, "  %c%c%s %-20s %s\n", options[i].letter ? '-' : ' ', options[i].letter ? options[i].letter : ' ',
                options[i].letter ? "," : " ", shown, options[i].help);
    }
}
