/* Tokens: the compact form, and what a payload says whoever signed it. */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "token.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char program[] = "fuzz";
    char *arguments[] = {program, NULL};
    const struct config_row *const tables[] = {cse_config, NULL};

    (void)argc;
    (void)argv;
    config_load("fuzz", tables, 1, arguments);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char why[512] = "";
    struct jws jws;
    json_t *claims;

    /* Without issuers nothing is a token. */
    expect(token_read(text, size, why, sizeof why) == NULL && why[0]);
    if (jws_parse(&jws, text, size, why, sizeof why) == 0) {
        expect(json_str(jws.header, "alg") != NULL && jws.input.n <= size);
        claims = token_claims(str_text(&jws.payload), jws.payload.len, why, sizeof why);
        expect(!claims || json_str(claims, "tkid"));
        json_decref(claims);
        jws_done(&jws);
    }
    claims = token_claims(text, size, why, sizeof why);
    expect(!claims || (json_str(claims, "tkid") && json_str(claims, "tkis") && json_str(claims, "tkna")));
    json_decref(claims);
    return 0;
}
