/*
 * When the certificates end that this process uses, its own and those of authorities, as metrics:
 *   tessera_certificate_expiry_seconds{setting,name}  until the end of each certificate in the file that `setting` names
 *   tessera_certificate_refused{setting}              1 while what lies there is not taken and the former one stays in use
 * Whoever loads a file itself says when; a file that a library reads whenever it connects is followed.
 */
#ifndef TESSERA_CERTIFICATE_H
#define TESSERA_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#define CERTIFICATE_NAME_SIZE 128
#define CERTIFICATES_MAX 16 /* of one file: more is a distribution's list of authorities, which is looked after with it */

struct certificate {
    char name[CERTIFICATE_NAME_SIZE]; /* common name, else the first subjectAltName (DNS, URI, e-mail), else all of the subject */
    int64_t expires;                  /* s since 1970 */
};

/* The certificates in a text (PEM), CERTIFICATES_MAX at most. Their number, that of those left out included; -1: no good. Pure.
 */
int certificate_parse(const char *pem, size_t len, struct certificate out[CERTIFICATES_MAX]);

/* The value of `setting` is a file that is read by a library whenever it is wanted: looked at before each rendering. "": nothing.
 */
void certificate_follow(const char *setting);
/* `file`, which `setting` names, is in use as it is now. Both are borrowed for good; "" is nothing. */
void certificate_taken(const char *setting, const char *file);
/* `file` has changed and could not be taken. */
void certificate_refused(const char *setting, const char *file);

#endif
