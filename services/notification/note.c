#include "note.h"

#include "envelope.h"
#include "json.h"
#include "mem.h"

#define MAX_MEMBERS 16

void source_release(struct source *source)
{
    if (source && --source->open == 0)
        source->end(source);
}

struct content *content_new(const char *text, size_t len, bool whole)
{
    struct content *content = xmalloc(sizeof *content + len + 1);

    content->refs = 1;
    content->whole = whole;
    content->len = len;
    memcpy(content->text, text, len);
    content->text[len] = '\0';
    return content;
}

struct content *content_ref(struct content *content)
{
    content->refs++;
    return content;
}

void content_unref(struct content *content)
{
    if (content && --content->refs == 0)
        free(content);
}

struct note *note_new(struct source *source, struct content *content)
{
    struct note *note = xcalloc(1, sizeof *note);

    note->source = source;
    if (source)
        source->open++;
    note->content = content;
    note->count = 1;
    return note;
}

struct note *note_copy(const struct note *note)
{
    struct note *copy = xmalloc(sizeof *copy);

    *copy = *note;
    copy->next = NULL;
    copy->source = NULL;
    copy->content = content_ref(note->content);
    copy->trace = note->trace ? xstrdup(note->trace) : NULL;
    return copy;
}

void note_free(struct note *note)
{
    if (!note)
        return;
    source_release(note->source);
    content_unref(note->content);
    free(note->trace);
    free(note);
}

void note_write(struct str *out, const struct note *note, const char *instance)
{
    str_puts(out, "{\"rqi\":");
    str_json(out, note->rqi);
    str_puts(out, ",\"by\":");
    str_json(out, instance);
    str_addf(out, ",\"number\":%llu,\"event\":\"%llx\"", (unsigned long long)note->number, (unsigned long long)note->event);
    if (note->trace) {
        str_puts(out, ",\"trace\":");
        str_json(out, note->trace);
    }
    if (note->until > 0)
        head_int(out, "until", note->until);
    if (note->content->whole)
        head_bool(out, "whole", true);
    str_puts(out, ",\"sgn\":");
    str_json_n(out, note->content->text, note->content->len); /* as text: whoever keeps it can't reformat its numbers */
    str_putc(out, '}');
}

/* The decoded text of a string member; NULL when absent. */
static char *text_of(const struct json_member *members, int count, const char *name)
{
    struct str text = STR_EMPTY;

    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, name) && json_unquote(members[i].value, &text))
            return str_take(&text);
    str_done(&text);
    return NULL;
}

static struct slice value_of(const struct json_member *members, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, name))
            return members[i].value;
    return (struct slice){NULL, 0};
}

struct note *note_read(struct slice text, const char *instance)
{
    struct json_member members[MAX_MEMBERS];
    int count = json_members(text.p, text.n, members, MAX_MEMBERS);
    struct slice number = value_of(members, count, "number"), until = value_of(members, count, "until");
    auto_free char *sgn = text_of(members, count, "sgn");
    auto_free char *rqi = text_of(members, count, "rqi");
    auto_free char *by = text_of(members, count, "by");
    auto_free char *event = text_of(members, count, "event");
    struct note *note;

    if (count < 0 || !sgn || !rqi)
        return NULL;
    note = note_new(NULL, content_new(sgn, strlen(sgn), value_of(members, count, "whole").n > 0));
    snprintf(note->rqi, sizeof note->rqi, "%s", rqi);
    note->number = number.n ? strtoull(number.p, NULL, 10) : 0; /* ends at the comma or brace behind it */
    note->until = until.n ? strtoll(until.p, NULL, 10) : 0;
    note->event = event ? strtoull(event, NULL, 16) : 0;
    note->foreign = !by || strcmp(by, instance) != 0;
    note->trace = text_of(members, count, "trace");
    note->kept = true;
    return note;
}

void notes_push(struct notes *list, struct note *note)
{
    note->next = NULL;
    if (list->tail)
        list->tail->next = note;
    else
        list->head = note;
    list->tail = note;
    list->count++;
}

struct note *notes_pop(struct notes *list)
{
    struct note *note = list->head;

    if (!note)
        return NULL;
    list->head = note->next;
    if (!list->head)
        list->tail = NULL;
    list->count--;
    note->next = NULL;
    return note;
}

void notes_prepend(struct notes *list, struct notes *front)
{
    if (!front->tail)
        return;
    front->tail->next = list->head;
    if (!list->tail)
        list->tail = front->tail;
    list->head = front->head;
    list->count += front->count;
    *front = (struct notes){NULL, NULL, 0};
}

void notes_clear(struct notes *list)
{
    struct note *note;

    while ((note = notes_pop(list)))
        note_free(note);
}
