/* Arguments of management commands: m2m:execReqArgsListType and its parts, TS-0004 6.3.5.15 to 23. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create (of a member: mandatory or not), on update, announced, detail, extra check. */
static const struct attr any_argument[] = {
    {"nm",  NCNAME, ONE, M,  O,  NA, NULL, NULL},
    {"val", ANY,    ONE, M,  O,  NA, NULL, NULL},
    {NULL,  ANY,    OPT, NP, NP, NA, NULL, NULL},
};

/* Also those of a reboot. */
static const struct attr reset_args[] = {
    {"any", LIST | OBJECT, OPT, O,  O,  NA, any_argument, NULL},
    {NULL,  ANY,           OPT, NP, NP, NA, NULL,         NULL},
};

static const struct attr upload_args[] = {
    {"ftyp", STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"url",  URI,           ONE, M,  O,  NA, NULL,         NULL},
    {"unm",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"pwd",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"any",  LIST | OBJECT, OPT, O,  O,  NA, any_argument, NULL},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,         NULL},
};

static const struct attr download_args[] = {
    {"ftyp", STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"url",  URI,           ONE, M,  O,  NA, NULL,         NULL},
    {"unm",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"pwd",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"fsi",  POSINT,        ONE, M,  O,  NA, NULL,         NULL},
    {"tgf",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"dss",  POSINT,        ONE, M,  O,  NA, NULL,         NULL},
    {"surl", URI,           ONE, M,  O,  NA, NULL,         NULL},
    {"stt",  TIMESTAMP,     ONE, M,  O,  NA, NULL,         NULL},
    {"cpt",  TIMESTAMP,     ONE, M,  O,  NA, NULL,         NULL},
    {"any",  LIST | OBJECT, OPT, O,  O,  NA, any_argument, NULL},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,         NULL},
};

static const struct attr software_install_args[] = {
    {"url",  URI,           ONE, M,  O,  NA, NULL,         NULL},
    {"uuid", STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"unm",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"pwd",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"eer",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"any",  LIST | OBJECT, OPT, O,  O,  NA, any_argument, NULL},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,         NULL},
};

static const struct attr software_update_args[] = {
    {"uuid", STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"vr",   STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"url",  URI,           ONE, M,  O,  NA, NULL,         NULL},
    {"unm",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"pwd",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"eer",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"any",  LIST | OBJECT, OPT, O,  O,  NA, any_argument, NULL},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,         NULL},
};

static const struct attr software_uninstall_args[] = {
    {"uuid", STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"vr",   STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"eer",  STRING,        ONE, M,  O,  NA, NULL,         NULL},
    {"any",  LIST | OBJECT, OPT, O,  O,  NA, any_argument, NULL},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,         NULL},
};

const struct attr exec_args[] = {
    {"rst",  LIST | OBJECT, OPT, O,  O,  NA, reset_args,              NULL},
    {"rbo",  LIST | OBJECT, OPT, O,  O,  NA, reset_args,              NULL},
    {"uld",  LIST | OBJECT, OPT, O,  O,  NA, upload_args,             NULL},
    {"dld",  LIST | OBJECT, OPT, O,  O,  NA, download_args,           NULL},
    {"swin", LIST | OBJECT, OPT, O,  O,  NA, software_install_args,   NULL},
    {"swup", LIST | OBJECT, OPT, O,  O,  NA, software_update_args,    NULL},
    {"swun", LIST | OBJECT, OPT, O,  O,  NA, software_uninstall_args, NULL},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,                    NULL},
};
