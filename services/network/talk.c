#include "talk.h"

#include "active.h"
#include "callback.h"
#include "config.h"
#include "json.h"
#include "mem.h"

enum { PAUSE_MIN_MS = 500 };

void talk(enum t8_api api, const char *method, const char *id, const json_t *body, client_fn *fn, void *context)
{
    auto_free char *path = t8_path(api, config_text("network.scs"), id);

    client_send(t8_name(api), method, path, body, fn, context);
}

int talk_found(const struct answer *answer, const char *ri, char **id)
{
    auto_free char *destination = callback_address(ri);

    *id = NULL;
    if (answer->status == 404 || answer->status == 405) /* it keeps no list, or an empty one */
        return 0;
    if (!answer_is_good(answer) || (answer->status != 204 && !json_is_array(answer->body)))
        return -1;
    *id = t8_find(answer->body, destination);
    return *id ? 1 : 0;
}

int64_t talk_pause(int64_t *pause)
{
    int64_t most = config_int("network.retry");

    *pause = *pause ? 2 * *pause : PAUSE_MIN_MS;
    if (*pause > most)
        *pause = most;
    return *pause;
}

void talk_agree(struct bus_delivery *delivery, json_t *body)
{
    auto_str struct str head = STR_EMPTY, text = STR_EMPTY;

    head_str(&head, "st", "ok");
    if (body)
        json_write(&text, body);
    json_decref(body);
    active_reply(delivery, &head, str_text(&text), text.len);
}

void talk_refuse(struct bus_delivery *delivery, enum rsc rsc, const char *why)
{
    auto_str struct str head = STR_EMPTY;
    auto_free char *text = xstrdup(why);

    json_ascii(text);
    head_str(&head, "st", "refused");
    head_int(&head, "rsc", (int64_t)rsc);
    head_str(&head, "why", text);
    active_reply(delivery, &head, "", 0);
}
