#include "certificate.h"

#include "clock.h"
#include "config.h"
#include "log.h"
#include "metrics.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "mem.h"

#define USES_MAX 8
#define FILE_MAX (1 << 20)

/* A file, and what was in it when it was taken. */
struct use {
    const char *setting, *file;
    struct certificate certificates[CERTIFICATES_MAX];
    int count;
    bool refused, followed;
    struct stat seen; /* of one that is followed */
};

static struct use uses[USES_MAX];
static int use_count;
static struct metric expiry = METRIC_GAUGE("tessera_certificate_expiry_seconds",
                                           "Time until a certificate that is used here ends, or since", "setting", "name");
static struct metric refused = METRIC_GAUGE(
    "tessera_certificate_refused", "1: the file has changed and cannot be taken, the former one stays in use", "setting");

/* ---- contents ---- */

static bool take_text(char name[CERTIFICATE_NAME_SIZE], const ASN1_STRING *text)
{
    const char *data = (const char *)ASN1_STRING_get0_data(text);
    int len = ASN1_STRING_length(text);

    if (len <= 0 || len >= CERTIFICATE_NAME_SIZE || !str_clean(data, (size_t)len))
        return false;
    snprintf(name, CERTIFICATE_NAME_SIZE, "%.*s", len, data);
    return true;
}

static bool take_alternative(char name[CERTIFICATE_NAME_SIZE], const X509 *x)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    bool found = false;

    for (int i = 0; all && !found && i < sk_GENERAL_NAME_num(all); i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);

        found = (one->type == GEN_DNS || one->type == GEN_URI || one->type == GEN_EMAIL) && take_text(name, one->d.ia5);
    }
    GENERAL_NAMES_free(all);
    return found;
}

static void take_name(char name[CERTIFICATE_NAME_SIZE], const X509 *x)
{
    X509_NAME *subject = X509_get_subject_name(x);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

    if ((at < 0 || !take_text(name, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))) && !take_alternative(name, x))
        X509_NAME_oneline(subject, name, CERTIFICATE_NAME_SIZE);
}

static int64_t end_of(const X509 *x)
{
    struct tm date;

    return ASN1_TIME_to_tm(X509_get0_notAfter(x), &date) == 1 ? (int64_t)timegm(&date) : 0;
}

int certificate_parse(const char *pem, size_t len, struct certificate out[CERTIFICATES_MAX])
{
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    X509 *x;
    int n = 0;

    while (bio && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        if (n < CERTIFICATES_MAX) {
            take_name(out[n].name, x);
            out[n].expires = end_of(x);
        }
        n++;
        X509_free(x);
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) /* which is the end */
        n = 0;
    ERR_clear_error();
    BIO_free(bio);
    return n > 0 ? n : -1;
}

/* ---- files ---- */

/* What was known of it stays when it cannot be read. */
static bool look_into(struct use *u)
{
    auto_free char *text = xmalloc(FILE_MAX);
    struct certificate found[CERTIFICATES_MAX];
    FILE *f = fopen(u->file, "re");
    size_t len = f ? fread(text, 1, FILE_MAX, f) : 0;
    int n = f && len < FILE_MAX ? certificate_parse(text, len, found) : -1;

    if (f)
        fclose(f);
    if (n < 0)
        return false;
    u->count = n <= CERTIFICATES_MAX ? n : 0;
    memcpy(u->certificates, found, (size_t)u->count * sizeof *found);
    return true;
}

/* A file that is being replaced may be missing for a moment: it counts when it is there again. */
static void look(struct use *u)
{
    struct stat now;

    if (stat(u->file, &now) < 0 ||
        (now.st_mtim.tv_sec == u->seen.st_mtim.tv_sec && now.st_mtim.tv_nsec == u->seen.st_mtim.tv_nsec &&
         now.st_size == u->seen.st_size && now.st_ino == u->seen.st_ino))
        return;
    u->seen = now;
    u->refused = !look_into(u);
    if (u->refused)
        log_warn("certificate.file", "setting=%s file=%s why=%s", u->setting, u->file, "no certificates can be read from it");
}

/* ---- metrics ---- */

/* Of two of one name, an authority's old and new one, the newer counts: the one that ends last. */
static bool outlived(const struct use *u, const struct certificate *c)
{
    for (int i = 0; i < u->count; i++)
        if (strcmp(u->certificates[i].name, c->name) == 0 && u->certificates[i].expires > c->expires)
            return true;
    return false;
}

static void on_render(void)
{
    double now = (double)clock_now_ms() / 1000;

    metric_clear(&expiry);
    for (struct use *u = uses; u < uses + use_count; u++) {
        if (u->followed)
            look(u);
        for (int i = 0; i < u->count; i++)
            if (!outlived(u, &u->certificates[i]))
                metric_set(&expiry, (double)u->certificates[i].expires - now, u->setting, u->certificates[i].name);
        metric_set(&refused, u->refused, u->setting);
    }
}

static struct use *use_of(const char *setting, const char *file)
{
    for (int i = 0; i < use_count; i++)
        if (strcmp(uses[i].setting, setting) == 0)
            return &uses[i];
    if (use_count == USES_MAX)
        log_fatal("certificate.full", "uses=%d", USES_MAX);
    if (use_count == 0)
        metrics_on_render(on_render);
    uses[use_count] = (struct use){.setting = setting, .file = file};
    return &uses[use_count++];
}

void certificate_follow(const char *setting)
{
    const char *file = config_text(setting);

    if (*file)
        use_of(setting, file)->followed = true;
}

void certificate_taken(const char *setting, const char *file)
{
    struct use *u = *file ? use_of(setting, file) : NULL;

    if (u)
        u->refused = !look_into(u);
}

void certificate_refused(const char *setting, const char *file)
{
    if (*file)
        use_of(setting, file)->refused = true;
}
