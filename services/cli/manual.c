#include "manual.h"

#include "command.h"
#include "settings.h"
#include "version.h"

#include <ctype.h>

#include "mem.h"

void manual_escape(struct str *out, const char *text)
{
    bool begins = true;

    for (; *text; text++) {
        if (*text == '\\')
            str_puts(out, "\\e");
        else if (*text == '-')
            str_puts(out, "\\-");
        else if (begins && (*text == '.' || *text == '\''))
            str_addf(out, "\\&%c", *text);
        else if (*text == '\'')
            str_puts(out, "\\(aq");
        else
            str_putc(out, *text);
        begins = *text == '\n';
    }
}

/* The first letter as at the beginning of a sentence. */
static void put_sentence(struct str *out, const char *text)
{
    auto_free char *copy = xstrdup(text);

    *copy = (char)toupper((unsigned char)*copy);
    manual_escape(out, copy);
    str_puts(out, ".\n");
}

static void put_commands(struct str *out)
{
    const char *group = "";

    str_puts(out, ".SH COMMANDS\n");
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(group, c->group) != 0)
            str_addf(out, ".SS %s\n", c->group);
        group = c->group;
        str_puts(out, ".TP\n.B ");
        manual_escape(out, c->name);
        if (*c->arguments)
            str_puts(out, " \\fR");
        manual_escape(out, c->arguments);
        str_putc(out, '\n');
        put_sentence(out, c->help);
        for (int i = 0, n = 0; i < OPTIONS; i++) {
            if (!(c->options & WITH(i)))
                continue;
            str_addf(out, "%s\\fB\\-\\-", n++ ? ", " : "Options: ");
            manual_escape(out, options[i].name);
            str_puts(out, "\\fR");
        }
        if (c->options)
            str_puts(out, ".\n");
    }
}

static void put_options(struct str *out)
{
    str_puts(out, ".SH OPTIONS\nThey may stand anywhere behind the command.\n");
    for (int i = 0; i < OPTIONS; i++) {
        str_puts(out, ".TP\n");
        if (options[i].letter)
            str_addf(out, "\\fB\\-%c\\fR, ", options[i].letter);
        str_puts(out, "\\fB\\-\\-");
        manual_escape(out, options[i].name);
        str_puts(out, "\\fR");
        if (options[i].value)
            str_addf(out, " \\fI%s\\fR", options[i].value);
        str_putc(out, '\n');
        put_sentence(out, options[i].help);
    }
}

static void put_environment(struct str *out)
{
    str_puts(out, ".SH ENVIRONMENT\n");
    for (const struct config_row *row = client_config; row->name; row++) {
        auto_free char *variable = config_variable(row->name);

        str_addf(out, ".TP\n.B %s\n", variable);
        put_sentence(out, row->help);
    }
    str_puts(
        out,
        ".TP\n.B TESSERA_STATE_DIR\nDirectory of the installation of this machine: data, secrets, logs.\n"
        ".TP\n.B TESSERA_CONFIG\nFile of settings, lines \\(lqname = value\\(rq; the environment wins.\n"
        ".TP\n.B NO_COLOR\nIf it is set, nothing is coloured.\n"
        ".PP\nThe settings of the installation itself (TESSERA_HTTP_PORT, TESSERA_MANAGEMENT_PORT, ...) tell where it is.\n");
}

static void put_statuses(struct str *out)
{
    static const struct {
        int status;
        const char *text;
    } statuses[] = {
        {EXIT_OK,          "Done."                                                                                   },
        {EXIT_REFUSED,     "Refused, with the name of the status code and the reason on standard error; not healthy."},
        {EXIT_USAGE,       "The command line is wrong."                                                              },
        {EXIT_BAD_DATA,    "The input of \\fBtoken\\fR cannot be used."                                              },
        {EXIT_UNREACHABLE, "The CSE is not reachable."                                                               },
        {EXIT_SETTING,     "A setting is wrong."                                                                     },
    };

    str_puts(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        str_addf(out, ".TP\n.B %d\n%s\n", statuses[i].status, statuses[i].text);
}

static void put_examples(struct str *out)
{
    static const char *const lines[] = {
        "tessera create cse-in ae rn=thermo api=N.example.thermo rr=true srv=3 -o Cthermo",
        "tessera create thermo cnt rn=room mni=100 lbl=floor:1,unit:celsius",
        "tessera create thermo/room cin con=21.5",
        "tessera get thermo/room/la --json",
        "tessera discover ty=cnt lbl=floor:1",
        "tessera watch thermo/room",
        "tessera backup /srv/backup/monday.db",
    };

    str_puts(out, ".SH EXAMPLES\n.nf\n");
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        manual_escape(out, lines[i]);
        str_putc(out, '\n');
    }
    str_puts(out, ".fi\n");
}

void manual_write(struct str *out)
{
    str_addf(out, ".TH TESSERA 1 \"\" \"Tessera %s\" \"Tessera\"\n", TESSERA_VERSION);
    str_puts(
        out,
        ".SH NAME\ntessera \\- the command line of a oneM2M service platform\n"
        ".SH SYNOPSIS\n.B tessera\n.I COMMAND\n.RI [ ARGUMENTS ]\n.RI [ OPTIONS ]\n"
        ".SH DESCRIPTION\nWorks on the resources of any oneM2M CSE over HTTP, and on the installation of this machine.\n.PP\n"
        "Addresses are CSE\\-relative: cse\\-in/x, /cse\\-in/x and x are the same; resource ids, SP\\-relative and absolute "
        "addresses do as well. Types are short names (cnt), numbers, long names or root keys (cod:color). Attributes are short "
        "names; their values become what the attribute is: lists with commas (lbl=a,b), members with dots (enc.net=1,3), "
        "anything as JSON with := (con:=5). JSON may be given instead, or read from standard input with a hyphen.\n");
    put_commands(out);
    put_options(out);
    put_environment(out);
    put_statuses(out);
    put_examples(out);
    str_puts(out, ".SH SEE ALSO\ndocs/cli.md, docs/backup.md, docs/configuration.md, docs/troubleshooting.md\n");
}
