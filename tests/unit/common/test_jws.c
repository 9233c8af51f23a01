/* Signatures: those of RFC 7515's examples, our own, and what must not pass for one. */
#include "json.h"
#include "jws.h"
#include "mem.h"

#include <check.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define PAYLOAD "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define HS "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." PAYLOAD
#define HS_SIGNATURE ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define ES "eyJhbGciOiJFUzI1NiJ9." PAYLOAD
#define ES_SIGNATURE ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define NONE "eyJhbGciOiJub25lIn0" /* {"alg":"none"} */

/* RFC 7515 A.1 and A.3 */
static const char secret[] =
    "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9\x28\xa9"
    "\x0f\x84\xb2\xd2\x50\x2e\xbf\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22\x3d\x2e"
    "\x21\x72\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3";
static const char es_public[] = "-----BEGIN PUBLIC KEY-----\n"
                                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvR\n"
                                "VEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
                                "-----END PUBLIC KEY-----\n";

static struct str es_own, es_own_public, rs_own, p384, small_rsa; /* PEM */

static struct jws_key *key_of(const char *alg, const char *data, size_t len)
{
    char why[256] = "";
    struct jws_key *key = jws_key_new(alg, data, len, why, sizeof why);

    ck_assert_msg(key != NULL, "%s: %s", alg, why);
    return key;
}

static bool is_signed(const char *text, const struct jws_key *key)
{
    struct jws jws;
    char why[256];
    bool right;

    if (jws_parse(&jws, text, strlen(text), why, sizeof why) < 0)
        return false;
    right = jws_verify(&jws, key);
    jws_done(&jws);
    return right;
}

START_TEST(test_examples)
{
    struct jws_key *hs = key_of("HS256", secret, sizeof(secret) - 1), *es = key_of("ES256", es_public, strlen(es_public));
    struct jws_key *as_secret = key_of("HS256", es_public, strlen(es_public));

    ck_assert(is_signed(HS HS_SIGNATURE, hs));
    ck_assert(is_signed(ES ES_SIGNATURE, es));
    /* What must not pass: the signature of another, none, a part, another text, the public key as a secret. */
    ck_assert(!is_signed(HS HS_SIGNATURE, es));
    ck_assert(!is_signed(ES ES_SIGNATURE, hs));
    ck_assert(!is_signed(ES HS_SIGNATURE, es));
    ck_assert(!is_signed(HS ".", hs));
    ck_assert(!is_signed(ES ".", es));
    ck_assert(!is_signed(NONE "." PAYLOAD ".", hs));
    ck_assert(!is_signed(NONE "." PAYLOAD HS_SIGNATURE, hs));
    ck_assert(!is_signed("eyJhbGciOiJub25lIn0.e30" HS_SIGNATURE, hs));
    ck_assert(!is_signed(HS ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXg", hs));
    ck_assert(!is_signed(ES ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", es));
    ck_assert(!is_signed(ES ES_SIGNATURE, as_secret));
    jws_key_free(hs);
    jws_key_free(es);
    jws_key_free(as_secret);
    jws_key_free(NULL);
}
END_TEST

START_TEST(test_sign_and_verify)
{
    const struct {
        const char *alg;
        const char *data;
        size_t len;
        const char *public;
    } rows[] = {
        {"HS256", secret,      sizeof(secret) - 1, NULL              },
        {"ES256", es_own.data, es_own.len,         es_own_public.data},
        {"RS256", rs_own.data, rs_own.len,         NULL              },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct jws_key *key = key_of(rows[i].alg, rows[i].data, rows[i].len);
        auto_str struct str text = STR_EMPTY;
        struct jws jws;
        char why[256];

        ck_assert_int_eq(jws_sign(key, "k\"1", "{\"a\":1}", 7, &text), 0);
        ck_assert(is_signed(text.data, key));
        ck_assert_int_eq(jws_parse(&jws, text.data, text.len, why, sizeof why), 0);
        ck_assert_str_eq(json_str(jws.header, "kid"), "k\"1");
        ck_assert_str_eq(jws.payload.data, "{\"a\":1}");
        jws_done(&jws);
        if (rows[i].public) {
            struct jws_key *other = key_of(rows[i].alg, rows[i].public, strlen(rows[i].public));
            auto_str struct str ignored = STR_EMPTY;

            ck_assert(is_signed(text.data, other));
            ck_assert_int_eq(jws_sign(other, NULL, "x", 1, &ignored), -1);
            jws_key_free(other);
        }
        text.data[text.len - 10] = text.data[text.len - 10] == 'A' ? 'B' : 'A';
        ck_assert(!is_signed(text.data, key));
        jws_key_free(key);
    }
}
END_TEST

/* Every length of what is encoded. */
START_TEST(test_lengths)
{
    struct jws_key *key = key_of("HS256", secret, sizeof(secret) - 1);
    char payload[70];

    for (size_t len = 0; len < sizeof payload; len++) {
        auto_str struct str text = STR_EMPTY;
        struct jws jws;
        char why[256];

        for (size_t i = 0; i < len; i++)
            payload[i] = (char)(len * 37 + i * 91);
        ck_assert_int_eq(jws_sign(key, NULL, payload, len, &text), 0);
        ck_assert_int_eq(jws_parse(&jws, text.data, text.len, why, sizeof why), 0);
        ck_assert(jws_verify(&jws, key));
        ck_assert_uint_eq(jws.payload.len, len);
        ck_assert(len == 0 || memcmp(jws.payload.data, payload, len) == 0);
        jws_done(&jws);
    }
    jws_key_free(key);
}
END_TEST

static const struct {
    const char *text, *why;
} malformed[] = {
    {"",                                                "three parts"},
    {".",                                               "three parts"},
    {"a.b",                                             "three parts"},
    {HS HS_SIGNATURE ".",                               "three parts"},
    {HS HS_SIGNATURE ".a.b",                            "three parts"},
    {"..",                                              "header"     },
    {HS HS_SIGNATURE "=",                               "base64url"  },
    {HS ".a",                                           "base64url"  }, /* no byte takes one character */
    {HS ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", "base64url"  }, /* bits left over */
    {HS ".ab+/",                                        "base64url"  },
    {HS ".ab cd",                                       "base64url"  },
    {HS ".ab\ncd",                                      "base64url"  },
    {"e30.e30.",                                        "header"     }, /* {} */
    {"W10.e30.",                                        "header"     }, /* [] */
    {"eyJhbGciOjF9.e30.",                               "header"     }, /* {"alg":1} */
    {"eyJhbGciOiJIUzI1NiIsImFsZyI6IkhTMjU2In0.e30.",    "header"     }, /* alg twice */
    {"eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il19.e30.",   "critical"   },
    {"eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2V9.e30.",       "critical"   },
};

START_TEST(test_malformed)
{
    struct jws jws;
    char why[256] = "";

    ck_assert_int_eq(jws_parse(&jws, malformed[_i].text, strlen(malformed[_i].text), why, sizeof why), -1);
    ck_assert_msg(strstr(why, malformed[_i].why) != NULL, "%s: %s", malformed[_i].text, why);
}
END_TEST

START_TEST(test_huge)
{
    auto_str struct str text = STR_EMPTY;
    struct jws jws;
    char why[256] = "";

    str_puts(&text, HS ".");
    while (text.len <= JWS_MAX)
        str_putc(&text, 'A');
    ck_assert_int_eq(jws_parse(&jws, text.data, text.len, why, sizeof why), -1);
    ck_assert(strstr(why, "16 KiB") != NULL);
}
END_TEST

START_TEST(test_keys_that_are_refused)
{
    const struct {
        const char *alg;
        const char *data;
        const char *why;
    } rows[] = {
        {"none",  secret,                   "HS256"       },
        {"HS512", secret,                   "HS256"       },
        {"HS256", "too short for a secret", "32 bytes"    },
        {"RS256", "no key",                 "PEM"         },
        {"RS256", es_own.data,              "another kind"},
        {"ES256", rs_own.data,              "another kind"},
        {"ES256", p384.data,                "P-256"       },
        {"RS256", small_rsa.data,           "2048"        },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char why[256] = "";

        ck_assert(jws_key_new(rows[i].alg, rows[i].data, strlen(rows[i].data), why, sizeof why) == NULL);
        ck_assert_msg(strstr(why, rows[i].why) != NULL, "%s: %s", rows[i].alg, why);
    }
}
END_TEST

static void write_pem(EVP_PKEY *pkey, struct str *private, struct str *public)
{
    for (int i = 0; i < 2; i++) {
        struct str *out = i ? public : private;
        BIO *bio = BIO_new(BIO_s_mem());
        char *data;
        long len;

        if (i)
            PEM_write_bio_PUBKEY(bio, pkey);
        else
            PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
        len = BIO_get_mem_data(bio, &data);
        if (out)
            str_add(out, data, (size_t)len);
        BIO_free(bio);
    }
    EVP_PKEY_free(pkey);
}

static void end(void)
{
    struct str *const all[] = {&es_own, &es_own_public, &rs_own, &p384, &small_rsa};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        str_done(all[i]);
}

int main(void)
{
    Suite *suite = suite_create("jws");
    TCase *tests = tcase_create("jws");
    SRunner *runner = srunner_create(suite);
    int failed;

    write_pem(EVP_EC_gen("P-256"), &es_own, &es_own_public);
    write_pem(EVP_RSA_gen(2048), &rs_own, NULL);
    write_pem(EVP_EC_gen("P-384"), &p384, NULL);
    write_pem(EVP_RSA_gen(1024), &small_rsa, NULL);
    tcase_add_test(tests, test_examples);
    tcase_add_test(tests, test_sign_and_verify);
    tcase_add_test(tests, test_lengths);
    tcase_add_loop_test(tests, test_malformed, 0, ARRAY_LEN(malformed));
    tcase_add_test(tests, test_huge);
    tcase_add_test(tests, test_keys_that_are_refused);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    end();
    return failed ? 1 : 0;
}
