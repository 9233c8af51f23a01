#include "jws.h"

#include "json.h"
#include "mem.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

enum { SECRET_MIN = 32, RSA_BITS_MIN = 2048, P256_HALF = 32, KEY_FILE_MAX = 65536 };

struct jws_key {
    const struct jws_method *method;
    struct str secret; /* HS256 */
    EVP_PKEY *pkey;    /* the others */
    bool can_sign;
};

/* ---- base64url, RFC 4648 5 */

static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Without padding, and with nothing left over: each value has one way to be written. */
static bool decode(struct slice text, struct str *out)
{
    unsigned bits = 0;
    int count = 0;

    if (text.n % 4 == 1)
        return false;
    str_reserve(out, text.n);
    for (size_t i = 0; i < text.n; i++) {
        int value = digit(text.p[i]);

        if (value < 0)
            return false;
        bits = (bits << 6 | (unsigned)value) & 0xFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            str_putc(out, (char)(bits >> count & 0xFF));
        }
    }
    return (bits & ((1U << count) - 1)) == 0;
}

static void encode(struct str *out, const char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0;
    int count = 0;

    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8 | (unsigned char)data[i]) & 0xFFFF;
        for (count += 8; count >= 6; count -= 6)
            str_putc(out, digits[bits >> (count - 6) & 63]);
    }
    if (count > 0)
        str_putc(out, digits[bits << (6 - count) & 63]);
}

/* ---- the algorithms, RFC 7518 3 */

static bool hmac(const struct jws_key *key, struct slice input, unsigned char out[EVP_MAX_MD_SIZE], unsigned *len)
{
    return HMAC(EVP_sha256(), key->secret.data, (int)key->secret.len, (const unsigned char *)input.p, input.n, out, len) != NULL;
}

static bool verify_hmac(const struct jws_key *key, struct slice input, const struct str *signature)
{
    unsigned char wanted[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    return hmac(key, input, wanted, &len) && signature->len == len && CRYPTO_memcmp(signature->data, wanted, len) == 0;
}

static bool sign_hmac(const struct jws_key *key, struct slice input, struct str *out)
{
    unsigned char made[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (!hmac(key, input, made, &len))
        return false;
    str_add(out, made, len);
    return true;
}

static bool verify_pkey(const struct jws_key *key, struct slice input, const unsigned char *signature, size_t len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
                 EVP_DigestVerify(context, signature, len, (const unsigned char *)input.p, input.n) == 1;

    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return right;
}

static bool sign_pkey(const struct jws_key *key, struct slice input, struct str *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const unsigned char *data = (const unsigned char *)input.p;
    size_t len = 0;
    bool done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
                EVP_DigestSign(context, NULL, &len, data, input.n) == 1;

    if (done) {
        str_reserve(out, len);
        done = EVP_DigestSign(context, (unsigned char *)out->data, &len, data, input.n) == 1;
        out->len = done ? len : 0;
        out->data[out->len] = '\0';
    }
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return done;
}

static bool verify_rsa(const struct jws_key *key, struct slice input, const struct str *signature)
{
    return verify_pkey(key, input, (const unsigned char *)signature->data, signature->len);
}

/* JWS has the two numbers of an ECDSA signature one behind the other (RFC 7518 3.4), OpenSSL wants them in DER. */
static bool verify_ec(const struct jws_key *key, struct slice input, const struct str *signature)
{
    const unsigned char *raw = (const unsigned char *)signature->data;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r, *s;
    unsigned char *der = NULL;
    int len;
    bool right = false;

    if (pair && signature->len == 2 * (size_t)P256_HALF) {
        r = BN_bin2bn(raw, P256_HALF, NULL);
        s = BN_bin2bn(raw + P256_HALF, P256_HALF, NULL);
        if (r && s && ECDSA_SIG_set0(pair, r, s) == 1 && (len = i2d_ECDSA_SIG(pair, &der)) > 0)
            right = verify_pkey(key, input, der, (size_t)len);
    }
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    return right;
}

static bool sign_ec(const struct jws_key *key, struct slice input, struct str *out)
{
    auto_str struct str der = STR_EMPTY;
    const unsigned char *p;
    ECDSA_SIG *pair;
    unsigned char raw[2 * P256_HALF];
    bool done;

    if (!sign_pkey(key, input, &der))
        return false;
    p = (const unsigned char *)der.data;
    pair = d2i_ECDSA_SIG(NULL, &p, (long)der.len);
    done = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, P256_HALF) == P256_HALF &&
           BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + P256_HALF, P256_HALF) == P256_HALF;
    ECDSA_SIG_free(pair);
    if (done)
        str_add(out, raw, sizeof(raw));
    return done;
}

static const struct jws_method {
    const char *alg;
    int type; /* EVP_PKEY_..., 0: a secret */
    bool (*verify)(const struct jws_key *key, struct slice input, const struct str *signature);
    bool (*sign)(const struct jws_key *key, struct slice input, struct str *out);
} methods[] = {
    {"HS256", 0,            verify_hmac, sign_hmac},
    {"RS256", EVP_PKEY_RSA, verify_rsa,  sign_pkey},
    {"ES256", EVP_PKEY_EC,  verify_ec,   sign_ec  },
};

/* ---- keys */

/* A key behind a password is none: nobody is there to be asked. */
static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *read_pem(const char *data, size_t len, bool *can_sign)
{
    BIO *bio = BIO_new_mem_buf(data, (int)len);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    X509 *certificate;

    *can_sign = pkey != NULL;
    if (!pkey && BIO_reset(bio) == 1)
        pkey = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
    if (!pkey && BIO_reset(bio) == 1 && (certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
        pkey = X509_get_pubkey(certificate);
        X509_free(certificate);
    }
    BIO_free(bio);
    ERR_clear_error();
    return pkey;
}

/* NULL, or what is wrong with it. */
static const char *check_pkey(const struct jws_key *key)
{
    char curve[32] = "";

    if (!key->pkey)
        return "no public key, certificate or private key in PEM";
    if (EVP_PKEY_base_id(key->pkey) != key->method->type)
        return "a key of another kind than the algorithm needs";
    if (key->method->type == EVP_PKEY_RSA)
        return EVP_PKEY_bits(key->pkey) < RSA_BITS_MIN ? "an RSA key of less than 2048 bits" : NULL;
    EVP_PKEY_get_group_name(key->pkey, curve, sizeof(curve), NULL);
    return strcmp(curve, "prime256v1") == 0 || strcmp(curve, "P-256") == 0 ? NULL : "not on the curve P-256";
}

static const struct jws_method *find_method(const char *alg)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (strcmp(methods[i].alg, alg) == 0)
            return &methods[i];
    return NULL;
}

struct jws_key *jws_key_new(const char *alg, const char *data, size_t len, char *why, size_t why_size)
{
    const struct jws_method *method = find_method(alg);
    struct jws_key *key;
    const char *wrong = NULL;

    if (!method) {
        snprintf(why, why_size, "alg: not HS256, RS256 or ES256");
        return NULL;
    }
    key = xcalloc(1, sizeof(*key));
    key->method = method;
    if (method->type) {
        key->pkey = read_pem(data, len, &key->can_sign);
        wrong = check_pkey(key);
    } else if (len < SECRET_MIN) {
        wrong = "a secret of less than 32 bytes";
    } else {
        str_add(&key->secret, data, len);
        key->can_sign = true;
    }
    if (!wrong)
        return key;
    snprintf(why, why_size, "%s", wrong);
    jws_key_free(key);
    return NULL;
}

struct jws_key *jws_key_read(const char *alg, const char *path, char *why, size_t why_size)
{
    FILE *file = fopen(path, "re");
    auto_str struct str data = STR_EMPTY;
    size_t len;

    if (!file) {
        snprintf(why, why_size, "%.200s: %m", path);
        return NULL;
    }
    str_reserve(&data, KEY_FILE_MAX);
    len = fread(data.data, 1, KEY_FILE_MAX, file);
    fclose(file);
    if (len > 0 && data.data[len - 1] == '\n')
        len--;
    data.len = len;
    return jws_key_new(alg, data.data, len, why, why_size);
}

void jws_key_free(struct jws_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    if (key->secret.data)
        OPENSSL_cleanse(key->secret.data, key->secret.len);
    str_done(&key->secret);
    free(key);
}

/* ---- the whole */

static int refuse(struct jws *jws, const char *reason, char *why, size_t why_size)
{
    snprintf(why, why_size, "%s", reason);
    jws_done(jws);
    return -1;
}

/* The text before the next dot; behind it `rest` goes on. */
static bool next_part(struct slice *rest, struct slice *part)
{
    const char *dot = rest->n > 0 ? memchr(rest->p, '.', rest->n) : NULL;

    if (!dot)
        return false;
    *part = (struct slice){rest->p, (size_t)(dot - rest->p)};
    *rest = (struct slice){dot + 1, rest->n - part->n - 1};
    return true;
}

int jws_parse(struct jws *jws, const char *text, size_t len, char *why, size_t why_size)
{
    struct slice rest = {text, len}, header, payload;
    auto_str struct str decoded = STR_EMPTY;
    char ignored[128];

    *jws = (struct jws){0};
    if (len > JWS_MAX)
        return refuse(jws, "longer than 16 KiB", why, why_size);
    if (!next_part(&rest, &header) || !next_part(&rest, &payload) || (rest.n > 0 && memchr(rest.p, '.', rest.n)))
        return refuse(jws, "not a JWS in compact form (three parts)", why, why_size);
    if (!decode(header, &decoded) || !decode(payload, &jws->payload) || !decode(rest, &jws->signature))
        return refuse(jws, "not base64url", why, why_size);
    jws->input = (struct slice){text, header.n + 1 + payload.n};
    jws->header = json_parse(str_text(&decoded), decoded.len, ignored, sizeof(ignored));
    if (!json_str(jws->header, "alg"))
        return refuse(jws, "its header is no object with an alg", why, why_size);
    if (json_object_get(jws->header, "crit") || json_object_get(jws->header, "b64"))
        return refuse(jws, "its header has critical parameters", why, why_size);
    return 0;
}

void jws_done(struct jws *jws)
{
    json_decref(jws->header);
    str_done(&jws->payload);
    str_done(&jws->signature);
    *jws = (struct jws){0};
}

bool jws_verify(const struct jws *jws, const struct jws_key *key)
{
    const char *alg = json_str(jws->header, "alg");

    return alg && strcmp(alg, key->method->alg) == 0 && key->method->verify(key, jws->input, &jws->signature);
}

int jws_sign(const struct jws_key *key, const char *kid, const char *payload, size_t len, struct str *out)
{
    auto_str struct str header = STR_EMPTY;
    auto_str struct str signature = STR_EMPTY;
    auto_str struct str text = STR_EMPTY;

    str_addf(&header, "{\"alg\":\"%s\",\"typ\":\"JWT\"", key->method->alg);
    if (kid) {
        str_puts(&header, ",\"kid\":");
        str_json(&header, kid);
    }
    str_putc(&header, '}');
    encode(&text, header.data, header.len);
    str_putc(&text, '.');
    encode(&text, payload, len);
    if (!key->can_sign || !key->method->sign(key, (struct slice){text.data, text.len}, &signature))
        return -1;
    str_putc(&text, '.');
    encode(&text, str_text(&signature), signature.len);
    str_add(out, text.data, text.len);
    return 0;
}
