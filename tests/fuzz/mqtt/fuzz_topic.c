/* A topic, a line feed, and the address of a broker: nothing of them ends the process, and what is taken can be said again. */
#include "cse.h"
#include "map.h"

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void check_topic(const char *text)
{
    auto_str struct str again = STR_EMPTY;
    struct topic t, same;

    if (topic_parse(&t, text, "") < 0)
        return;
    topic_write(&again, "", &t);
    expect(topic_parse(&same, again.data, "") == 0);
    expect(same.kind == t.kind && strcmp(same.originator, t.originator) == 0 && strcmp(same.receiver, t.receiver) == 0);
    topic_names(t.originator, t.receiver);
}

static void check_route(const char *url, const char *to)
{
    struct broker b;
    struct request req;
    struct route r;
    char why[160];

    if (broker_parse(&b, url, why, sizeof why) < 0)
        return;
    expect(b.port > 0 && b.port < 65536 && *b.host && broker_same(&b, &b));
    request_init(&req);
    for (req.op = OP_RETRIEVE; req.op <= OP_NOTIFY; req.op++) {
        req.to = req.op == OP_UPDATE ? NULL : to;
        if (map_route(&r, &req, &b, SERIALIZATION_CBOR, req.op == OP_DELETE, why, sizeof why) == 0)
            expect(strcspn(r.topic, "+#") == strlen(r.topic));
        route_done(&r);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool loaded;
    auto_free char *text = xstrndup((const char *)data, size), *to = NULL;
    char *url = strchr(text, '\n');

    if (!loaded) {
        const struct config_row *const tables[] = {cse_config, NULL};
        char *argv[] = {(char[]){"fuzz"}, NULL};

        config_load("fuzz", tables, 1, argv);
        loaded = true;
    }
    if (url)
        *url++ = '\0';
    check_topic(text);
    to = map_to(text);
    if (url)
        check_route(url, text);
    return 0;
}
