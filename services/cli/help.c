#include "help.h"

#include "near.h"

#include "mem.h"

#define COLUMN 40

/* Blanks between a command and its explanation. */
static int padding(const struct command *c)
{
    int used = (int)(strlen(c->name) + strlen(c->arguments)) + 3;

    return used < COLUMN - 1 ? COLUMN - used : 2;
}

void help_unknown(FILE *out, const char *name)
{
    struct near near;

    near_start_short(&near, name);
    for (const struct command *c = commands; c->name; c++)
        near_try(&near, c->name);
    fprintf(out, "tessera: unknown command \"%s\"%s%s%s There are", name, near.best ? "; did you mean " : ".",
            near.best ? near.best : "", near.best ? "?" : "");
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, " %s", c->name);
    fprintf(out, "; see tessera --help\n");
}

void help_all(FILE *out)
{
    const char *group = "";

    fprintf(out, "usage: tessera COMMAND [ARGUMENTS]\n");
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(c->group, group) != 0)
            fprintf(out, "\n%s\n", c->group);
        group = c->group;
        fprintf(out, "  %s %s%*s%s\n", c->name, c->arguments, padding(c), "", c->help);
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
