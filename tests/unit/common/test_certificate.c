/* When certificates end: what is read of a file, and what the metrics say of it while it is replaced. */
#include "certificate.h"
#include "clock.h"
#include "config.h"
#include "mem.h"
#include "metrics.h"

#include <check.h>
#include <math.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

enum { DAY = 86400 };

static EVP_PKEY *key;
static char file[] = "/tmp/certificateXXXXXX";

/* A certificate in PEM, added to `out`. `cn` or `alternative` ("DNS:x") may be NULL. */
static void add_certificate(struct str *out, const char *cn, const char *alternative, long seconds)
{
    X509 *x = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    X509_EXTENSION *extension = alternative ? X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative) : NULL;
    char *data;
    long len;

    X509_set_version(x, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(x), -10 * DAY);
    X509_gmtime_adj(X509_getm_notAfter(x), seconds);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "O", MBSTRING_UTF8, (const unsigned char *)"tests", -1, -1, 0);
    if (cn)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
    if (extension)
        X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    X509_set_pubkey(x, key);
    ck_assert(X509_sign(x, key, EVP_sha256()) > 0 && PEM_write_bio_X509(bio, x) == 1);
    len = BIO_get_mem_data(bio, &data);
    str_add(out, data, (size_t)len);
    BIO_free(bio);
    X509_free(x);
}

static void write_file(const struct str *text)
{
    FILE *f = fopen(file, "w");

    ck_assert(f && fwrite(str_text(text), 1, text->len, f) == text->len && fclose(f) == 0);
}

static const char *line_of(const char *start, struct str *out)
{
    const char *found;

    str_reset(out);
    metrics_render(out);
    found = strstr(str_text(out), start);
    return found ? found + strlen(start) : NULL;
}

START_TEST(names)
{
    static const struct {
        const char *cn, *alternative, *name;
    } rows[] = {
        {"server.example", NULL,                             "server.example"           },
        {"server.example", "DNS:other.example",              "server.example"           },
        {NULL,             "IP:127.0.0.1,DNS:other.example", "other.example"            },
        {NULL,             "URI:Cae",                        "Cae"                      },
        {NULL,             NULL,                             "/O=tests"                 },
        {"line\nfeed",     NULL,                             "/O=tests/CN=line\\x0Afeed"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        auto_str struct str pem = STR_EMPTY;
        struct certificate found[CERTIFICATES_MAX];

        add_certificate(&pem, rows[i].cn, rows[i].alternative, DAY);
        ck_assert_int_eq(certificate_parse(pem.data, pem.len, found), 1);
        ck_assert_str_eq(found[0].name, rows[i].name);
        ck_assert(llabs(found[0].expires - clock_now_ms() / 1000 - DAY) < 60);
    }
}
END_TEST

START_TEST(contents)
{
    auto_str struct str pem = STR_EMPTY;
    struct certificate found[CERTIFICATES_MAX];

    ck_assert_int_eq(certificate_parse("", 0, found), -1);
    ck_assert_int_eq(certificate_parse("nonsense", 8, found), -1);
    add_certificate(&pem, "a", NULL, -DAY);
    str_puts(&pem, "\ntext between\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    add_certificate(&pem, "b", NULL, DAY);
    ck_assert_int_eq(certificate_parse(pem.data, pem.len, found), 2);
    ck_assert_str_eq(found[0].name, "a");
    ck_assert_str_eq(found[1].name, "b");
    ck_assert(found[0].expires < clock_now_ms() / 1000 && found[1].expires > clock_now_ms() / 1000);
    ck_assert_int_eq(certificate_parse(pem.data, pem.len - 100, found), -1);
    for (int i = 2; i < CERTIFICATES_MAX + 3; i++)
        add_certificate(&pem, "c", NULL, DAY);
    ck_assert_int_eq(certificate_parse(pem.data, pem.len, found), CERTIFICATES_MAX + 3);
}
END_TEST

START_TEST(renewal)
{
    static const char expiry[] = "tessera_certificate_expiry_seconds{setting=\"t.file\",name=\"";
    auto_str struct str out = STR_EMPTY, pem = STR_EMPTY;
    auto_free char *first = xasprintf("%sfirst\"} ", expiry), *second = xasprintf("%ssecond\"} ", expiry);
    const char refused[] = "tessera_certificate_refused{setting=\"t.file\"} ";

    certificate_taken("t.file", "");
    ck_assert_ptr_null(line_of(refused, &out));
    add_certificate(&pem, "first", NULL, DAY);
    add_certificate(&pem, "second", NULL, -DAY); /* an authority's former one, which goes by the same name */
    add_certificate(&pem, "second", NULL, 2 * DAY);
    write_file(&pem);
    certificate_taken("t.file", file);
    ck_assert(fabs(strtod(line_of(first, &out), NULL) - DAY) < 60);
    ck_assert(fabs(strtod(line_of(second, &out), NULL) - 2 * DAY) < 60);
    ck_assert(line_of(refused, &out)[0] == '0');

    str_reset(&pem);
    add_certificate(&pem, "second", NULL, 90 * DAY);
    write_file(&pem);
    ck_assert_msg(line_of(first, &out) != NULL, "not taken yet: the former one is in use");
    certificate_refused("t.file", file);
    ck_assert(line_of(refused, &out)[0] == '1' && line_of(first, &out));
    certificate_taken("t.file", file);
    ck_assert(line_of(refused, &out)[0] == '0' && !line_of(first, &out));
    ck_assert(fabs(strtod(line_of(second, &out), NULL) - 90 * DAY) < 60);
}
END_TEST

START_TEST(followed)
{
    auto_str struct str out = STR_EMPTY, pem = STR_EMPTY;
    static const char seconds[] = "tessera_certificate_expiry_seconds{setting=\"followed.file\",name=\"x\"} ";
    static const char refused[] = "tessera_certificate_refused{setting=\"followed.file\"} ";

    unlink(file);
    certificate_follow("followed.none");
    certificate_follow("followed.file"); /* which is not there yet */
    ck_assert(!line_of(seconds, &out));
    add_certificate(&pem, "x", NULL, DAY);
    write_file(&pem);
    ck_assert(fabs(strtod(line_of(seconds, &out), NULL) - DAY) < 60);
    str_reset(&pem);
    str_puts(&pem, "half of it");
    write_file(&pem);
    ck_assert(line_of(refused, &out)[0] == '1' && line_of(seconds, &out));
    str_reset(&pem);
    add_certificate(&pem, "x", NULL, 3 * DAY);
    write_file(&pem);
    ck_assert(line_of(refused, &out)[0] == '0');
    ck_assert(fabs(strtod(line_of(seconds, &out), NULL) - 3 * DAY) < 60);
    ck_assert(!strstr(str_text(&out), "followed.none"));
}
END_TEST

int main(void)
{
    static struct config_row rows[] = {
        {"followed.file", CONFIG_TEXT, file, 0, 100, "a file"},
        {"followed.none", CONFIG_TEXT, "",   0, 100, "a file"},
        {NULL,            CONFIG_TEXT, NULL, 0, 0,   NULL    },
    };
    const struct config_row *const tables[] = {rows, NULL};
    char *argv[] = {"test"};
    Suite *suite = suite_create("certificate");
    TCase *tcase = tcase_create("certificate");
    SRunner *runner = srunner_create(suite);
    int fd = mkstemp(file), failed;

    if (fd < 0 || close(fd) < 0)
        return EXIT_FAILURE;
    config_load("test", tables, 1, argv);
    key = EVP_EC_gen("P-256");
    tcase_add_test(tcase, names);
    tcase_add_test(tcase, contents);
    tcase_add_test(tcase, renewal);
    tcase_add_test(tcase, followed);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    EVP_PKEY_free(key);
    unlink(file);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
