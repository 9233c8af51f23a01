/* Settings, shown. */
#include "config.h"

#include "mem.h"

static const char *const kind_names[] = {
    [CONFIG_TEXT] = "text",
    [CONFIG_INT] = "int",
    [CONFIG_BOOL] = "bool",
    [CONFIG_SECRET] = "secret",
};

static void print_row_help(FILE *out, const struct config_row *row)
{
    auto_free char *variable = config_variable(row->name);

    fprintf(out, "  %s\n      %s  [%s", row->name, variable, kind_names[row->kind]);
    if (row->kind == CONFIG_INT)
        fprintf(out, ", %lld to %lld", (long long)row->min, (long long)row->max);
    else if (row->max > 0)
        fprintf(out, ", %lld to %lld characters", (long long)row->min, (long long)row->max);
    fprintf(out, ", default %s%s%s]\n      %s\n", row->kind == CONFIG_TEXT || row->kind == CONFIG_SECRET ? "\"" : "",
            row->standard, row->kind == CONFIG_TEXT || row->kind == CONFIG_SECRET ? "\"" : "", row->help);
}

void config_print_help(FILE *out, const struct config_row *const *tables)
{
    for (; *tables; tables++)
        for (const struct config_row *row = *tables; row->name; row++)
            print_row_help(out, row);
}

void config_print_list(FILE *out, const struct config_row *const *tables)
{
    for (; *tables; tables++) {
        for (const struct config_row *row = *tables; row->name; row++) {
            auto_free char *variable = config_variable(row->name);

            fprintf(out, "%s\t%s\t%s\t%s\t%lld\t%lld\t%s\n", row->name, variable, kind_names[row->kind], row->standard,
                    (long long)row->min, (long long)row->max, row->help);
        }
    }
}
