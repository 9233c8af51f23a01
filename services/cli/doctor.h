/* `tessera doctor`: what usually is wrong. The checks are the table in doctor.c. */
#ifndef TESSERA_CLI_DOCTOR_H
#define TESSERA_CLI_DOCTOR_H

#include "command.h"
#include "str.h"

#include <jansson.h>

enum finding { FINDING_OK, FINDING_WARN, FINDING_FAIL };

struct doctor {
    const json_t *report; /* of the supervisor; NULL: it does not answer */
    const json_t *alone;  /* instead: what the one process of a container says of its health */
    struct str metrics;   /* of all processes, one after the other */
    json_t *findings;     /* [{"check","state","text","advice"}] */
    int worst;
    const char *check; /* whose turn it is */
};

/* One finding. `advice` is what to do, NULL when it is fine. */
__attribute__((format(printf, 4, 5))) void doctor_say(struct doctor *d, enum finding finding, const char *advice,
                                                      const char *format, ...);

/* The checks of other files. */
void check_settings(struct doctor *d);     /* doctor_settings.c */
void check_metrics(struct doctor *d);      /* doctor_metrics.c */
void check_certificates(struct doctor *d); /* doctor_certificates.c */
void check_disk(struct doctor *d);         /* doctor_files.c */
void check_database(struct doctor *d);
void check_secrets(struct doctor *d);

/* The largest value of a metric in Prometheus' text, any labels; false when there is none. Pure. */
bool metric_largest(const char *text, const char *name, double *value);

/* What a process told of a certificate (common/certificate.h): the seconds until it ends, or that its new file is not taken. */
struct told_certificate {
    char setting[64], name[128];
    double seconds;
    bool refused;
};
/* Those in Prometheus' text, each once, with the shortest of its times; `max` at most. Their number. Pure. */
int certificates_told(const char *metrics, struct told_certificate *out, int max);

/*
 * What is wrong with the value of a setting, from a line of --settings (name, variable, kind, default, min, max, help between
 * tabs). NULL, or a text that the caller frees. Pure.
 */
char *setting_wrong(const char *row, const char *value);

int doctor_run(const struct args *args);

#endif
