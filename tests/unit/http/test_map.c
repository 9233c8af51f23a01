/* HTTP to primitive and back: TS-0009 clause 6. */
#include "clock.h"
#include "cors.h"
#include "envelope.h"
#include "render.h"
#include "submit.h"
#include "web_origin.h"

#include <check.h>

#include "mem.h"

#define NOW INT64_C(1795226400000)
#define LIFETIME 10000
#define POLL_LIFETIME 70000
#define MAX_LINES 12

struct fixture {
    struct http_in in;
    struct mapping map;
    struct str body;
    enum rsc rsc;
    char *lines[MAX_LINES];
};

/* `headers`: "Name: value" lines, separated by line feeds. */
static void map(struct fixture *f, const char *method, const char *target, const char *headers, const char *body, size_t body_len)
{
    char *rest, *copy = xstrdup(headers);
    int n = 0;

    memset(f, 0, sizeof *f);
    mapping_init(&f->map);
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *colon = strchr(line, ':');
        int id = header_find(line, (size_t)(colon - line));

        ck_assert_msg(id >= 0, "%s", line);
        f->in.header[id] = f->lines[n++] = xstrdup(colon + 1 + strspn(colon + 1, " "));
    }
    free(copy);
    str_add(&f->body, body, body_len);
    f->in.method = method;
    f->in.target = target;
    f->in.target_len = strlen(target);
    f->in.body = &f->body;
    f->in.identity = (struct slice){"{\"by\":\"none\"}", 13};
    f->in.now = NOW;
    submit_setup(&(struct submit_limits){LIFETIME, POLL_LIFETIME, 1});
    f->in.origins = "*";
    f->rsc = map_request(&f->in, &f->map);
}

static void done(struct fixture *f)
{
    mapping_done(&f->map);
    str_done(&f->body);
    for (int i = 0; i < MAX_LINES; i++)
        free(f->lines[i]);
}

#define RI "X-M2M-RI: 12\n"
#define JSON "Content-Type: application/json\n"

/* What the head of the primitive must hold, besides the envelope. */
struct row {
    const char *name;
    const char *method, *target, *headers, *body;
    enum rsc rsc;
    const char *head; /* members without the outer comma; NULL when refused */
    const char *pc;
};

static const struct row requests[] = {
    {"retrieve",                         "GET",    "/cse-in",                       RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"cse-in\",\"rqi\":\"12\"",                    ""               },
    {"head",                             "HEAD",   "/cse-in",                       RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"cse-in\",\"rqi\":\"12\"",                    ""               },
    {"delete",                           "DELETE", "/cse-in/a",                     RI,                                                                        "",                  RSC_OK,                     "\"op\":4,\"to\":\"cse-in/a\",\"rqi\":\"12\"",                  ""               },
    {"update",                           "PUT",    "/a",                            RI JSON,                                                                   "{\"m2m:ae\":{}}",   RSC_OK,                     "\"op\":3,\"to\":\"a\",\"rqi\":\"12\"",                         "{\"m2m:ae\":{}}"},
    {"create",                           "POST",   "/a",                            RI "Content-Type: application/json;ty=4\n",                                "{}",                RSC_OK,
     "\"op\":1,\"to\":\"a\",\"rqi\":\"12\",\"ty\":4",                                                                                                                                                                                                                           "{}"             },
    {"create with a vendor type",        "POST",   "/a",                            RI "Content-Type: application/vnd.onem2m-res+json; ty=4\n",                "{}",                RSC_OK,
     "\"op\":1,\"to\":\"a\",\"rqi\":\"12\",\"ty\":4",                                                                                                                                                                                                                           "{}"             },
    {"create, quoted and in capitals",   "POST",   "/a",                            RI "Content-Type: APPLICATION/JSON ; CharSet=\"utf-8;ty=7\" ; TY=\"4\"\n",
     "{}",                                                                                                                                                                          RSC_OK,                     "\"op\":1,\"to\":\"a\",\"rqi\":\"12\",\"ty\":4",                "{}"             },
    {"create, content missing",          "POST",   "/a",                            RI "Content-Type: application/json;ty=4\n",                                "",                  RSC_OK,
     "\"op\":1,\"to\":\"a\",\"rqi\":\"12\",\"ty\":4",                                                                                                                                                                                                                           ""               },
    {"create, ty no number",             "POST",   "/a",                            RI "Content-Type: application/json;ty=ae\n",                               "{}",                RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"create, ty empty",                 "POST",   "/a",                            RI "Content-Type: application/json;ty=\n",                                 "{}",                RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"create, ty twice",                 "POST",   "/a",                            RI "Content-Type: application/json;ty=4;ty=3\n",                           "{}",                RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"notify",                           "POST",   "/a",                            RI JSON,                                                                   "{}",                RSC_OK,                     "\"op\":5,\"to\":\"a\",\"rqi\":\"12\"",                         "{}"             },
    {"notify with its own type",         "POST",   "/a",                            RI "Content-Type: application/vnd.onem2m-ntfy+json\n",                     "{}",                RSC_OK,
     "\"op\":5,\"to\":\"a\",\"rqi\":\"12\"",                                                                                                                                                                                                                                    "{}"             },
    {"ty of a PUT means nothing",        "PUT",    "/a",                            RI "Content-Type: application/json;ty=4\n",                                "{}",                RSC_OK,
     "\"op\":3,\"to\":\"a\",\"rqi\":\"12\"",                                                                                                                                                                                                                                    "{}"             },
    {"type of no content means nothing", "GET",    "/a",                            RI "Content-Type: text/plain\n",                                           "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\"",                                                                                                                                                                                                                                    ""               },
    {"other method",                     "PATCH",  "/a",                            RI,                                                                        "",                  RSC_OPERATION_NOT_ALLOWED,  NULL,                                                           NULL             },
    {"method in small letters",          "get",    "/a",                            RI,                                                                        "",                  RSC_OPERATION_NOT_ALLOWED,  NULL,                                                           NULL             },

    {"SP-relative",                      "GET",    "/~/id-in/a",                    RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"/id-in/a\",\"rqi\":\"12\"",                  ""               },
    {"SP-relative, encoded",             "GET",    "/%7E/id%2Din/a",                RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"/id-in/a\",\"rqi\":\"12\"",                  ""               },
    {"absolute",                         "GET",    "/_/sp.example/id-in/a",         RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"//sp.example/id-in/a\",\"rqi\":\"12\"",      ""               },
    {"dash",                             "GET",    "/-/a",                          RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"-/a\",\"rqi\":\"12\"",                       ""               },
    {"absolute form",                    "GET",    "http://host:8080/cse-in?rcn=1", RI,                                                                        "",                  RSC_OK,
     "\"op\":2,\"to\":\"cse-in\",\"rqi\":\"12\",\"rcn\":1",                                                                                                                                                                                                                     ""               },
    {"absolute form of another scheme",  "GET",    "ftp://host/cse-in",             RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"absolute form without a path",     "GET",    "http://host",                   RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"root",                             "GET",    "/",                             RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"nothing",                          "GET",    "",                              RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"star",                             "GET",    "*",                             RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"only a query",                     "GET",    "?rcn=1",                        RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"two slashes",                      "GET",    "//id-in/a",                     RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"empty segment",                    "GET",    "/a//b",                         RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"two slashes after the tilde",      "GET",    "/~//sp/a",                      RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"tilde alone",                      "GET",    "/~/",                           RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"encoded slash",                    "GET",    "/a%2fb",                        RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"encoded zero",                     "GET",    "/a%00",                         RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"bad escape",                       "GET",    "/a%",                           RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"attributes",                       "GET",    "/a?atrl=rn+lbl",                RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\"",
     "{\"m2m:atrl\":[\"rn\",\"lbl\"]}"                                                                                                                                                                                                                                                           },
    {"attributes in the fragment",       "GET",    "/a?rcn=1#rn",                   RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"rcn\":1",
     "{\"m2m:atrl\":[\"rn\"]}"                                                                                                                                                                                                                                                                   },
    {"attributes twice",                 "GET",    "/a?atrl=rn#rn",                 RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"attributes and a content",         "GET",    "/a?atrl=rn",                    RI JSON,                                                                   "{}",                RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"attributes of a delete",           "DELETE", "/a?atrl=rn",                    RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"fragment no name",                 "GET",    "/a#1",                          RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"query",                            "GET",    "/a?fu=1&ty=4+3&rcn=6",          RI,                                                                        "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"rcn\":6,\"fc\":{\"fu\":1,\"ty\":[4,3]}",                                                                                                                                                                                           ""               },
    {"bad query",                        "GET",    "/a?lim=x",                      RI,                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },

    {"no RI",                            "GET",    "/a",                            "",                                                                        "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"empty RI",                         "GET",    "/a",                            "X-M2M-RI: \n",                                                            "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"Origin",                           "GET",    "/a",                            RI "X-M2M-Origin: Cae\n",                                                  "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"fr\":\"Cae\",\"rqi\":\"12\"",          ""               },
    {"empty Origin",                     "GET",    "/a",                            RI "X-M2M-Origin:\n",                                                      "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\"",                         ""               },
    {"Origin with quotes",               "GET",    "/a",                            RI "X-M2M-Origin: C\"\\\n",                                                "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"fr\":\"C\\\"\\\\\",\"rqi\":\"12\"",                                                                                                                                                                                                               ""               },
    {"Origin in Latin-1",                "GET",    "/a",                            RI "X-M2M-Origin: C\xe4\n",                                                "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"RVI",                              "GET",    "/a",                            RI "X-M2M-RVI: 3\n",                                                       "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"rvi\":\"3\"",           ""               },
    {"OT",                               "GET",    "/a",                            RI "X-M2M-OT: 20261121T080000\n",                                          "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"ot\":\"20261121T080000\"",                                                                                                                                                                                                         ""               },
    {"OT bad",                           "GET",    "/a",                            RI "X-M2M-OT: now\n",                                                      "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"RST and OET",                      "GET",    "/a",                            RI "X-M2M-RST: 5000\nX-M2M-OET: 20261121T080000\n",                        "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"rset\":\"5000\",\"oet\":\"20261121T080000\"",                                                                                                                                                                                      ""               },
    {"RST bad",                          "GET",    "/a",                            RI "X-M2M-RST: soon\n",                                                    "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"OET bad",                          "GET",    "/a",                            RI "X-M2M-OET: 2026\xc3\xbc\n",                                            "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"HEAD would lose a request",        "HEAD",   "/pchCae/pcu",                   RI,                                                                        "",                  RSC_OPERATION_NOT_ALLOWED,  NULL,                                                           NULL             },
    {"RET passed",                       "GET",    "/a",                            RI "X-M2M-RET: -1\n",                                                      "",                  RSC_REQUEST_TIMEOUT,        NULL,                                                           NULL             },
    {"RET bad",                          "GET",    "/a",                            RI "X-M2M-RET: x\n",                                                       "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"EC",                               "GET",    "/a",                            RI "X-M2M-EC: 4\n",                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"ec\":4",                ""               },
    {"EC bad",                           "GET",    "/a",                            RI "X-M2M-EC: high\n",                                                     "",                  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"GID and VSI",                      "GET",    "/a",                            RI "X-M2M-GID: g1\nX-M2M-VSI: v\n",                                        "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"gid\":\"g1\",\"vsi\":\"v\"",                                                                                                                                                                                                       ""               },
    {"AS",                               "GET",    "/a",                            RI "X-M2M-AS: s1+s2\n",                                                    "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"aus\":[\"s1\",\"s2\"]", ""               },
    {"AS empty",                         "GET",    "/a",                            RI "X-M2M-AS: ++\n",                                                       "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\"",                         ""               },
    {"tokens none",                      "GET",    "/a",                            RI "Authorization: Bearer +\n",                                            "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\"",                         ""               },
    {"tokens",                           "GET",    "/a",                            RI "Authorization: t1+t2\n",                                               "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"tkns\":[\"t1\",\"t2\"]",                                                                                                                                                                                                           ""               },
    {"bearer token",                     "GET",    "/a",                            RI "Authorization: bearer t1\n",                                           "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"tkns\":[\"t1\"]",                                                                                                                                                                                                                  ""               },
    {"other scheme",                     "GET",    "/a",                            RI "Authorization: Basic eDp5\n",                                          "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\"",                         ""               },
    {"rt",                               "GET",    "/a?rt=3",                       RI,                                                                        "",                  RSC_OK,                     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"rt\":{\"rtv\":3}",      ""               },
    {"rt with RTU",                      "GET",    "/a?rt=2",                       RI "X-M2M-RTU: http://a&http://b\n",                                       "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"rt\":{\"rtv\":2,\"nu\":[\"http://a\",\"http://b\"]}",                                                                                                                                                                              ""               },
    {"rt with an empty RTU",             "GET",    "/a?rt=2",                       RI "X-M2M-RTU:\n",                                                         "",                  RSC_OK,
     "\"op\":2,\"to\":\"a\",\"rqi\":\"12\",\"rt\":{\"rtv\":2,\"nu\":[]}",                                                                                                                                                                                                       ""               },

    {"content of no type",               "POST",   "/a",                            RI,                                                                        "{}",                RSC_UNSUPPORTED_MEDIA_TYPE, NULL,                                                           NULL             },
    {"XML",                              "POST",   "/a",                            RI "Content-Type: application/xml;ty=2\n",                                 "<a/>",              RSC_UNSUPPORTED_MEDIA_TYPE, NULL,                                                           NULL             },
    {"vendor XML",                       "POST",   "/a",                            RI "Content-Type: application/vnd.onem2m-res+xml;ty=2\n",                  "<a/>",              RSC_UNSUPPORTED_MEDIA_TYPE,
     NULL,                                                                                                                                                                                                                                                                      NULL             },
    {"content no JSON",                  "PUT",    "/a",                            RI JSON,                                                                   "{\"a\":}",          RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"two values",                       "PUT",    "/a",                            RI JSON,                                                                   "{}{}",              RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"content over several lines",       "PUT",    "/a",                            RI JSON,                                                                   "{\r\n\"a\":\n1}\n", RSC_OK,                     "\"op\":3,\"to\":\"a\",\"rqi\":\"12\"",
     "{  \"a\": 1} "                                                                                                                                                                                                                                                                             },
    {"line feed in a string",            "PUT",    "/a",                            RI JSON,                                                                   "{\"a\":\"b\nc\"}",  RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"CBOR",                             "PUT",    "/a",                            RI "Content-Type: application/cbor\n",                                     "\xa1\x61\x61\x01",  RSC_OK,
     "\"op\":3,\"to\":\"a\",\"rqi\":\"12\"",                                                                                                                                                                                                                                    "{\"a\":1}"      },
    {"vendor CBOR",                      "POST",   "/a",                            RI "Content-Type: application/vnd.onem2m-res+cbor;ty=3\n",                 "\xa1\x61\x61\x01",  RSC_OK,
     "\"op\":1,\"to\":\"a\",\"rqi\":\"12\",\"ty\":3",                                                                                                                                                                                                                           "{\"a\":1}"      },
    {"no CBOR",                          "PUT",    "/a",                            RI "Content-Type: application/cbor\n",                                     "\xa1\x61",          RSC_BAD_REQUEST,            NULL,                                                           NULL             },
    {"not acceptable",                   "GET",    "/a",                            RI "Accept: application/xml\n",                                            "",                  RSC_NOT_ACCEPTABLE,         NULL,                                                           NULL             },
    {"accepts with weight 0",            "GET",    "/a",                            RI "Accept: application/json;q=0\n",                                       "",                  RSC_NOT_ACCEPTABLE,         NULL,                                                           NULL             },
};

START_TEST(request)
{
    const struct row *row = &requests[_i];
    auto_str struct str head = STR_EMPTY;
    auto_free char *expected = NULL;
    struct fixture f;

    map(&f, row->method, row->target, row->headers, row->body, strlen(row->body));
    ck_assert_msg(f.rsc == row->rsc, "%s: %d (%s)", row->name, f.rsc, f.map.why);
    if (f.rsc != RSC_OK) {
        ck_assert_msg(*f.map.why, "%s: no explanation", row->name);
        done(&f);
        return;
    }
    /* Members may come in any order: the head is read back and compared one by one. */
    request_encode(&head, &f.map.req);
    expected = xasprintf("{%s,\"tenant\":\"main\"}\n\n", row->head);
    head.data[0] = '{';
    str_puts(&head, "}\n\n");
    {
        static struct envelope is, should;
        int own = 0; /* members of the envelope that every request has; the bus adds the deadline */

        ck_assert_int_gt(envelope_parse(&is, head.data, head.len), 0);
        ck_assert_int_gt(envelope_parse(&should, expected, strlen(expected)), 0);
        for (int i = 0; i < should.count; i++) {
            const struct field *field = envelope_find(&is, should.fields[i].name);

            ck_assert_msg(field && field->kind == should.fields[i].kind && strcmp(field->value, should.fields[i].value) == 0,
                          "%s: %s is %s, not %s", row->name, should.fields[i].name, field ? field->value : "absent",
                          should.fields[i].value);
        }
        for (int i = 0; i < is.count; i++)
            own += !strcmp(is.fields[i].name, "identity") || !strcmp(is.fields[i].name, "deadline") ||
                   !strcmp(is.fields[i].name, "trace");
        ck_assert_msg(own == 2 && is.count == should.count + own, "%s: %d members", row->name, is.count);
    }
    ck_assert_msg(slice_is(f.map.req.pc, row->pc), "%s: %.*s", row->name, (int)f.map.req.pc.n, f.map.req.pc.p);
    done(&f);
}
END_TEST

START_TEST(deadlines)
{
    static const struct {
        const char *target, *ret;
        int64_t deadline;
    } rows[] = {
        {"/a",               "",         NOW + LIFETIME     },
        {"/a",               "500",      NOW + 500          },
        {"/a",               "60000",    NOW + LIFETIME     },
        {"/pchCae/pcu",      "",         NOW + POLL_LIFETIME},
        {"/~/id-in/p/a/pcu", "500",      NOW + 500          },
        {"/pchCae/pcu",      "600000",   NOW + 600000       },
        {"/pchCae/pcu",      "99999999", NOW + 1800000      },
        {"/pchCae/pcux",     "",         NOW + LIFETIME     },
    };
    char absolute[CLOCK_TEXT_SIZE];
    struct fixture f;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        auto_free char *headers = xasprintf(RI "%s%s\n", *rows[i].ret ? "X-M2M-RET: " : "", *rows[i].ret ? rows[i].ret : "");

        map(&f, "GET", rows[i].target, headers, "", 0);
        ck_assert_int_eq(f.rsc, RSC_OK);
        ck_assert_int_eq(f.map.req.deadline, rows[i].deadline);
        done(&f);
    }
    clock_format(NOW + 2000, absolute);
    {
        auto_free char *headers = xasprintf(RI "X-M2M-RET: %s\n", absolute);

        map(&f, "GET", "/a", headers, "", 0);
        ck_assert_int_eq(f.map.req.deadline, NOW + 2000);
        ck_assert_str_eq(f.map.req.rqet, absolute);
        done(&f);
    }
}
END_TEST

START_TEST(long_target)
{
    auto_str struct str target = STR_EMPTY;
    struct fixture f;

    str_putc(&target, '/');
    while (target.len < MAP_MAX_TARGET)
        str_putc(&target, 'a');
    map(&f, "GET", target.data, RI, "", 0);
    ck_assert_int_eq(f.rsc, RSC_OK);
    done(&f);
    str_putc(&target, 'a');
    map(&f, "GET", target.data, RI, "", 0);
    ck_assert_int_eq(f.rsc, RSC_BAD_REQUEST);
    ck_assert_int_eq(f.map.status, 414);
    done(&f);
}
END_TEST

static const struct {
    const char *name, *given;
    bool kept;
} traces[] = {
    {"valid",       "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",   true },
    {"capitals",    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",   false},
    {"zero trace",  "00-00000000000000000000000000000000-00f067aa0ba902b7-01",   false},
    {"zero parent", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",   false},
    {"version ff",  "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",   false},
    {"too long",    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", false},
    {"too short",   "00-4bf92f",                                                 false},
    {"empty",       "",                                                          false},
};

START_TEST(trace)
{
    auto_free char *headers = xasprintf(RI "traceparent: %s\n", traces[_i].given);
    struct fixture f;

    map(&f, "GET", "/a", headers, "", 0);
    ck_assert_msg((strcmp(f.map.trace, traces[_i].given) == 0) == traces[_i].kept, "%s: %s", traces[_i].name, f.map.trace);
    ck_assert_msg(trace_valid(f.map.trace), "%s: %s", traces[_i].name, f.map.trace);
    done(&f);
}
END_TEST

static const struct {
    const char *name, *accept, *type, *answer;
} accepts[] = {
    {"nothing",               NULL,                                             NULL,                                   "application/json"               },
    {"like the request",      NULL,                                             "application/cbor",                     "application/cbor"               },
    {"like a vendor request", NULL,                                             "application/vnd.onem2m-res+json;ty=4", "application/vnd.onem2m-res+json"},
    {"like a notification",   NULL,                                             "application/vnd.onem2m-ntfy+json",     "application/json"               },
    {"any",                   "*/*",                                            NULL,                                   "application/json"               },
    {"any, CBOR sent",        "*/*",                                            "application/cbor",                     "application/cbor"               },
    {"any application",       "application/*",                                  NULL,                                   "application/json"               },
    {"CBOR",                  "application/cbor",                               NULL,                                   "application/cbor"               },
    {"vendor",                "application/vnd.onem2m-res+json",                NULL,                                   "application/vnd.onem2m-res+json"},
    {"capitals",              "Application/Json",                               NULL,                                   "application/json"               },
    {"charset",               "application/json; charset=utf-8",                NULL,                                   "application/json"               },
    {"the first of equals",   "application/cbor, application/json",             NULL,                                   "application/cbor"               },
    {"the best",              "application/cbor;q=0.5, application/json;q=0.8", NULL,                                   "application/json"               },
    {"browser",               "text/html,application/xml;q=0.9,*/*;q=0.8",      NULL,                                   "application/json"               },
    {"empty",                 "",                                               NULL,                                   "application/json"               },
    {"none",                  "text/html",                                      NULL,                                   NULL                             },
    {"garbage",               ";;,,=\"",                                        NULL,                                   NULL                             },
};

START_TEST(accept)
{
    int ty;
    const struct media *type = accepts[_i].type ? media_parse(accepts[_i].type, &ty) : NULL;
    const struct media *answer = media_accept(accepts[_i].accept, type);

    ck_assert_msg(!answer == !accepts[_i].answer, "%s", accepts[_i].name);
    if (answer)
        ck_assert_msg(strcmp(answer->type, accepts[_i].answer) == 0, "%s: %s", accepts[_i].name, answer->type);
}
END_TEST

/* ---- responses ---- */

static const char *header(const struct http_out *out, const char *name)
{
    const char *value = NULL;

    for (int i = 0; i < out->count; i++)
        if (strcmp(out->headers[i].name, name) == 0) {
            ck_assert_msg(!value, "%s twice", name);
            value = out->headers[i].value;
        }
    return value;
}

START_TEST(response)
{
    static const struct {
        const char *name, *value;
    } expected[] = {
        {"X-M2M-RSC",                   "2001"            },
        {"X-M2M-RI",                    "12"              },
        {"X-M2M-RVI",                   "3"               },
        {"X-M2M-OT",                    "20261121T080000" },
        {"X-M2M-RST",                   "20261121T090000" },
        {"X-M2M-VSI",                   "v"               },
        {"X-M2M-EC",                    "4"               },
        {"X-M2M-CTS",                   "1"               },
        {"X-M2M-CTO",                   "100"             },
        {"X-M2M-ATI",                   "l1:t1+l2:t2"     },
        {"X-M2M-ASRI",                  "2"               },
        {"X-M2M-Origin",                "/id-in"          },
        {"Retry-After",                 "3"               },
        {"Content-Location",            "/~/id-in/cin1"   },
        {"Content-Type",                "application/json"},
        {"ETag",                        NULL              },
        {"Access-Control-Allow-Origin", NULL              },
    };
    struct response rsp;
    struct http_out out;
    struct fixture f;

    map(&f, "POST", "/a", RI "X-M2M-RVI: 2a\nContent-Type: application/json;ty=4\n", "{}", 2);
    response_init(&rsp);
    rsp.rsc = RSC_CREATED;
    rsp.rqi = "12";
    rsp.rvi = "3";
    rsp.fr = "/id-in";
    rsp.ot = "20261121T080000";
    rsp.rset = "20261121T090000";
    rsp.vsi = "v";
    rsp.ec = 4;
    rsp.cnst = 1;
    rsp.cnot = 100;
    rsp.ati = (struct slice){"[{\"lti\":\"l1\",\"tkid\":\"t1\"},{\"lti\":\"l2\",\"tkid\":\"t2\"}]", 57};
    rsp.ati.n = strlen(rsp.ati.p);
    rsp.asri = 2;
    rsp.loc = "/id-in/cin1";
    rsp.retry = 3;
    rsp.pc = (struct slice){"{\"m2m:cin\":{}}", 14};
    render_init(&out);
    render_response(&out, &f.in, &f.map, &rsp);
    ck_assert_int_eq(out.status, 201);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const char *value = header(&out, expected[i].name);

        ck_assert_msg(!value == !expected[i].value && (!value || strcmp(value, expected[i].value) == 0), "%s: %s",
                      expected[i].name, value);
    }
    ck_assert_str_eq(header(&out, "traceparent"), f.map.trace);
    ck_assert(slice_is(out.body, "{\"m2m:cin\":{}}"));
    render_done(&out);
    done(&f);
}
END_TEST

START_TEST(response_bare)
{
    struct response rsp;
    struct http_out out;
    struct fixture f;

    map(&f, "DELETE", "/a", RI, "", 0);
    response_init(&rsp);
    rsp.rsc = RSC_DELETED;
    render_init(&out);
    render_response(&out, &f.in, &f.map, &rsp);
    ck_assert_int_eq(out.status, 200);
    ck_assert_int_eq(out.count, 3); /* RSC, RI, traceparent */
    ck_assert_uint_eq(out.body.n, 0);
    render_done(&out);
    done(&f);
}
END_TEST

START_TEST(response_cbor)
{
    struct response rsp;
    struct http_out out;
    struct fixture f;

    map(&f, "GET", "/a", RI "Accept: application/cbor\n", "", 0);
    response_init(&rsp);
    rsp.rsc = RSC_OK;
    rsp.rvi = "3";
    rsp.pc = (struct slice){"{\"a\":1}", 7};
    render_init(&out);
    render_response(&out, &f.in, &f.map, &rsp);
    ck_assert_str_eq(header(&out, "Content-Type"), "application/cbor");
    ck_assert_str_eq(header(&out, "X-M2M-RVI"), "3");
    ck_assert_uint_eq(out.body.n, 4);
    ck_assert_mem_eq(out.body.p, "\xa1\x61\x61\x01", 4);
    render_done(&out);
    done(&f);
}
END_TEST

START_TEST(etag)
{
    char tag[RENDER_ETAG_SIZE], other[RENDER_ETAG_SIZE], list[100];
    struct slice body = {"{\"m2m:cin\":{\"con\":\"1\"}}", 23};
    struct slice changed = {"{\"m2m:cin\":{\"con\":\"2\"}}", 23};

    render_etag("application/json", body, tag);
    render_etag("application/json", changed, other);
    ck_assert_str_ne(tag, other);
    render_etag("application/cbor", body, other);
    ck_assert_str_ne(tag, other);
    render_etag("application/json", body, other);
    ck_assert_str_eq(tag, other);
    ck_assert(render_etag_matches("*", tag));
    ck_assert(render_etag_matches(tag, tag));
    snprintf(list, sizeof list, "\"a,b\" , W/%s", tag);
    ck_assert(render_etag_matches(list, tag));
    ck_assert(!render_etag_matches("\"a\"", tag));
    ck_assert(!render_etag_matches("", tag));
    ck_assert(!render_etag_matches("\"", tag));
}
END_TEST

START_TEST(not_modified)
{
    struct slice body = {"{\"a\":1}", 7};
    char tag[RENDER_ETAG_SIZE];
    auto_free char *headers = NULL;
    struct response rsp;
    struct http_out out;
    struct fixture f;

    render_etag("application/json", body, tag);
    headers = xasprintf(RI "If-None-Match: %s\n", tag);
    map(&f, "GET", "/a", headers, "", 0);
    response_init(&rsp);
    rsp.rsc = RSC_OK;
    rsp.pc = body;
    render_init(&out);
    render_response(&out, &f.in, &f.map, &rsp);
    ck_assert_int_eq(out.status, 304);
    ck_assert_str_eq(header(&out, "ETag"), tag);
    ck_assert_str_eq(header(&out, "X-M2M-RSC"), "2000");
    ck_assert_uint_eq(out.body.n, body.n);
    render_done(&out);
    done(&f);
}
END_TEST

START_TEST(refusal)
{
    struct http_out out;
    struct fixture f;

    map(&f, "GET", "/a?lim=%C3%BC%22", RI "Origin: http://page\n", "", 0);
    render_init(&out);
    f.in.release = "3";
    render_refusal(&out, &f.in, &f.map, f.rsc, f.map.why, 1);
    ck_assert_int_eq(out.status, 400);
    ck_assert_str_eq(header(&out, "X-M2M-RSC"), "4000");
    ck_assert_str_eq(header(&out, "Retry-After"), "1");
    ck_assert_str_eq(header(&out, "X-M2M-RVI"), "3");
    ck_assert_str_eq(header(&out, "Access-Control-Allow-Origin"), "*");
    ck_assert(strncmp(out.body.p, "{\"m2m:dbg\":\"lim: ", 17) == 0);
    ck_assert(memmem(out.body.p, out.body.n, "\\\"", 2));
    render_done(&out);
    render_init(&out);
    render_refusal(&out, &f.in, &f.map, RSC_BAD_REQUEST, "cut \xc3", ABSENT);
    ck_assert(slice_is(out.body, "{\"m2m:dbg\":\"cut ?\"}"));
    render_done(&out);
    done(&f);
}
END_TEST

START_TEST(preflight)
{
    struct http_out out;
    struct fixture f;

    map(&f, "OPTIONS", "/a", "Origin: http://page\n", "", 0);
    render_init(&out);
    cors_preflight(&out, &f.in);
    ck_assert_int_eq(out.status, 204);
    ck_assert_str_eq(header(&out, "Access-Control-Allow-Origin"), "*");
    ck_assert_ptr_nonnull(strstr(header(&out, "Access-Control-Allow-Headers"), "X-M2M-RTU"));
    ck_assert_ptr_nonnull(strstr(header(&out, "Access-Control-Allow-Methods"), "DELETE"));
    done(&f);
    ck_assert_str_eq(web_origin_allowed("http://a, http://b", "http://b"), "http://b");
    ck_assert_ptr_null(web_origin_allowed("http://a http://bc", "http://b"));
    ck_assert_ptr_null(web_origin_allowed("", "http://b"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map");
    TCase *tc = tcase_create("map");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, request, 0, (int)ARRAY_LEN(requests));
    tcase_add_loop_test(tc, trace, 0, (int)ARRAY_LEN(traces));
    tcase_add_loop_test(tc, accept, 0, (int)ARRAY_LEN(accepts));
    tcase_add_test(tc, deadlines);
    tcase_add_test(tc, long_target);
    tcase_add_test(tc, response);
    tcase_add_test(tc, response_bare);
    tcase_add_test(tc, response_cbor);
    tcase_add_test(tc, etag);
    tcase_add_test(tc, not_modified);
    tcase_add_test(tc, refusal);
    tcase_add_test(tc, preflight);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
