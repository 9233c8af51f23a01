/* Who gets what in a polling channel: scripts of what comes, and what must have happened after it. */
#include "channel.h"
#include "reply.h"

#include <check.h>

#include "mem.h"
#include "str.h"

/*
 * A script is words: "p1" poll (in channel a), "P1" poll for several, "b:p1" in channel b, "r1" request with rqi and id 1,
 * "r1/x" of lane x, "r2=1" request 2 with the rqi of 1, "R1" one delivered again, "a1" answer for rqi 1, "l1" the client of poll
 * 1 has left, "t5" the time is 5, "f" forget all. Deadlines: "p1@5"; 100 without. What happens is noted: "p1<r1" handed,
 * "p1!" ended empty, "r1!" nobody polled, "r1?" nobody answered, "r1." answered, "-" no such request, "x1" twice, "full",
 * "a^" channel a is wanted, "~1" dropped.
 */
static const struct {
    const char *name, *script, *notes;
} cases[] = {
    {"a request waits for a poll",                       "r1 p1 a1",                          "p1<r1 r1."              },
    {"a poll waits for a request",                       "p1 r1 a1",                          "p1<r1 r1."              },
    {"each has its own channel",                         "p1 b:r1 r2",                        "p1<r2"                  },
    {"answers belong to a channel",                      "p1 r1 b:a1 a1",                     "p1<r1 - r1."            },
    {"one at a time",                                    "r1 r2 p1 p2 a1 a2",                 "p1<r1 p2<r2 r1. r2."    },
    {"answers in any order",                             "r1 r2 p1 p2 a2 a1",                 "p1<r1 p2<r2 r2. r1."    },
    {"several for who wants them",                       "r1 r2 r3 P1 a2 a1 a3",              "p1<r1,r2,r3 r2. r1. r3."},
    {"one for who wants several",                        "P1 r1 r2",                          "p1<r1"                  },
    {"the newest poll first",                            "p1 p2 r1 r2",                       "p2<r1 p1<r2"            },
    {"answered once",                                    "p1 r1 a1 a1",                       "p1<r1 r1. -"            },
    {"no answer to what was not handed out",             "r1 a1 p1",                          "- p1<r1"                },
    {"an answer that comes after a crash",               "R1 a1",                             "r1."                    },
    {"a poll ends empty",                                "p1@5 t4 t5",                        "p1!"                    },
    {"nobody polls",                                     "r1@5 t4 t5",                        "r1!"                    },
    {"nobody answers",                                   "p1 r1@5 t5 a1",                     "p1<r1 r1? -"            },
    {"a lane is kept in order",                          "r1/x r2/x r3 p1 p2 p3 a1",          "p1<r1 p2<r3 p3<r2 r1."  },
    {"a lane in one answer",                             "r1/x r2/x P1",                      "p1<r1,r2"               },
    {"a lane not in two",                                "r1/x P1 r2/x P2 a1",                "p1<r1 p2<r2 r1."        },
    {"what follows in a lane fails with it",             "r1/x@5 r2/x r3 t5 p1",              "r2! r1! p1<r3"          },
    {"and when it was handed out",                       "p1 r1/x@5 r2/x t5",                 "p1<r1 r2! r1?"          },
    {"a lane goes on after the failure of another",      "r1/x@5 r2/y p1 p2 t5",              "p1<r1 p2<r2 r1?"        },
    {"the same rqi is out once",                         "r1 r2=1 p1 p2 a1 a1",               "p1<r1 p2<r2 r1. r2."    },
    {"the same rqi not in one answer",                   "r1 r2=1 P1",                        "p1<r1"                  },
    {"the second of an rqi after the time of the first", "r1@5 r2=1 p1 p2 t5",                "p1<r1 r1? p2<r2"        },
    {"a client leaves before",                           "p1 l1 r1 p2",                       "p1! p2<r1"              },
    {"a client leaves with what it was given",           "p1 r1 l1 p2 a1",                    "p1<r1 p2<r1 r1."        },
    {"it goes to a poll that waits",                     "p1 r1 p2 l1",                       "p1<r1 p2<r1"            },
    {"in its old place",                                 "p1 r1 r2 l1 p2",                    "p1<r1 p2<r1"            },
    {"several come back",                                "r1 r2 P1 a1 l1 P2",                 "p1<r1,r2 r1. p2<r2"     },
    {"the client had it all the same",                   "p1 r1 l1 a1",                       "p1<r1 r1."              },
    {"a client leaves after its answer",                 "p1 r1 a1 l1",                       "p1<r1 r1."              },
    {"a client that is not known leaves",                "l9",                                ""                       },
    {"a request comes twice",                            "r1 r1 p1",                          "x1 p1<r1"               },
    {"also while it is out",                             "p1 r1 r1",                          "p1<r1 x1"               },
    {"a poll comes twice",                               "p1 p1 r1",                          "x1 p1<r1"               },
    {"too many requests for one",                        "r1 r2 r3 r4 b:r5",                  "full"                   },
    {"those that are out count",                         "r1 r2 r3 p1 r4",                    "p1<r1 full"             },
    {"too many polls of one",                            "p1 p2 p3",                          "full"                   },
    {"too many of all",                                  "r1 r2 r3 b:r4 b:r5 b:r6 c:r7 c:p1", "full full"              },
    {"a poll after a failure is told of",                "r1@5 t5 p1 p2",                     "r1! a^"                 },
    {"not when there is something for it",               "r1@5 t5 r2 p1 p2",                  "r1! p1<r2 a^"           },
    {"also after an overflow",                           "r1@5 r2@5 r3@5 r4 t5 p1",           "full r1! r2! r3! a^"    },
    {"a failure elsewhere is not",                       "b:r1@5 t5 p1",                      "r1!"                    },
    {"all is forgotten",                                 "r1 p1 r2 b:p2 f p3 r1",             "p1<r1 ~1 ~2 ~2 p3<r1"   },
};

static struct str notes;
static struct channels *channels;

/* Contexts are numbers; requests and polls are told by where they come from. */
static void *context_of(int number)
{
    return (void *)(intptr_t)number;
}

static int number_of(const void *context)
{
    return (int)(intptr_t)context;
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    va_list args;

    if (notes.len > 0)
        str_putc(&notes, ' ');
    va_start(args, format);
    str_vaddf(&notes, format, args);
    va_end(args);
}

static void hand(void *poll, void *const *requests, int count, bool aggregate)
{
    ck_assert(aggregate || count == 1);
    note("p%d<r%d", number_of(poll), number_of(requests[0]));
    for (int i = 1; i < count; i++)
        str_addf(&notes, ",r%d", number_of(requests[i]));
}

static void expire(void *poll)
{
    note("p%d!", number_of(poll));
}

static void failed_one(void *request, bool handed)
{
    note("r%d%c", number_of(request), handed ? '?' : '!');
}

static void twice(void *context)
{
    note("x%d", number_of(context));
}

static void wanted(const char *channel)
{
    note("%s^", channel);
}

static void drop(void *context)
{
    note("~%d", number_of(context));
}

static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
static const char *const ids[] = {"i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"};

static int64_t deadline_of(const char *word)
{
    const char *at = strchr(word, '@');

    return at ? strtoll(at + 1, NULL, 10) : 100;
}

static void request(const char *name, const char *word)
{
    const char *rqi = strchr(word, '='), *lane = strchr(word, '/');
    int number = word[1] - '0';
    struct channel_request r = {
        .id = ids[number],
        .rqi = rqi ? digits[rqi[1] - '0'] : digits[number],
        .lane = !lane            ? NULL
                : lane[1] == 'x' ? "x"
                                 : "y",
        .deadline = deadline_of(word),
        .again = word[0] == 'R',
        .context = context_of(number),
    };

    if (channels_request(channels, name, &r) < 0)
        note("full");
}

static void poll(const char *name, const char *word)
{
    int number = word[1] - '0';
    struct channel_poll p = {ids[number], deadline_of(word), word[0] == 'P', context_of(number)};

    if (channels_poll(channels, name, &p) < 0)
        note("full");
}

static void carry_out(char *word)
{
    const char *name = "a";
    void *context;

    if (word[1] == ':') {
        name = word[0] == 'b' ? "b" : "c";
        word += 2;
    }
    switch (word[0]) {
    case 'r':
    case 'R':
        request(name, word);
        break;
    case 'p':
    case 'P':
        poll(name, word);
        break;
    case 'a':
        context = channels_answer(channels, name, word + 1);
        if (context)
            note("r%d.", number_of(context));
        else
            note("-");
        break;
    case 'l':
        channels_leave(channels, ids[word[1] - '0']);
        break;
    case 't':
        channels_expire(channels, strtoll(word + 1, NULL, 10));
        break;
    case 'f':
        channels_forget(channels, drop);
        break;
    default:
        ck_abort_msg("%s", word);
    }
}

START_TEST(test_channel)
{
    static const struct channel_ops ops = {hand, expire, failed_one, twice, wanted};
    static const struct channel_limits limits = {.requests = 3, .polls = 2, .open = 6};
    auto_free char *script = xstrdup(cases[_i].script);
    struct channel_counts counts;
    char *rest = script, *word;

    channels = channels_new(&ops, &limits);
    while ((word = strsep(&rest, " ")))
        carry_out(word);
    ck_assert_msg(strcmp(str_text(&notes), cases[_i].notes) == 0, "%s: %s", cases[_i].name, str_text(&notes));
    channels_expire(channels, 1000);
    counts = channels_count(channels);
    ck_assert_msg(counts.polls + counts.waiting + counts.out == 0, "%s: %d %d %d are left", cases[_i].name, counts.polls,
                  counts.waiting, counts.out);
    channels_free(channels);
    str_done(&notes);
}
END_TEST

/* A large request goes alone, small ones together, in their order: an answer has a bound. */
START_TEST(test_bytes)
{
    static const struct channel_ops ops = {hand, expire, failed_one, twice, wanted};
    static const struct channel_limits limits = {.requests = 10, .polls = 10, .open = 20};
    static const size_t sizes[] = {0, 300000, 1000, 1000, 262000, 1000};

    channels = channels_new(&ops, &limits);
    for (int i = 1; i < (int)ARRAY_LEN(sizes); i++) {
        struct channel_request r = {.id = ids[i], .rqi = digits[i], .deadline = 100, .size = sizes[i], .context = context_of(i)};

        ck_assert_int_eq(channels_request(channels, "a", &r), 0);
    }
    for (int i = 1; i < 4; i++)
        poll("a", i == 1 ? "P1" : i == 2 ? "P2" : "P3");
    ck_assert_str_eq(str_text(&notes), "p1<r1 p2<r2,r3 p3<r4");
    channels_free(channels);
    str_done(&notes);
}
END_TEST

/* What the owner is shown of a request. */
START_TEST(test_request)
{
    char text[] = "{\"id\":\"x-1\",\"deadline\":5,\"tenant\":\"main\",\"trace\":\"t\",\"identity\":{\"by\":\"none\"},\"url\":"
                  "\"poll:pchCae\","
                  "\"lane\":\"l\",\"op\":5,\"to\":\"Cae\",\"fr\":\"/"
                  "id-in\",\"rqi\":\"e1\",\"rvi\":\"3\",\"ec\":4}\n{\"m2m:sgn\":{\"a\":1.50}}\n";
    struct bus_delivery delivery = {.id = "x-1"};
    auto_str struct str out = STR_EMPTY;

    ck_assert(envelope_parse(&delivery.envelope, text, strlen(text)) > 0);
    reply_write_request(&out, &delivery);
    ck_assert_str_eq(str_text(&out), "{\"op\":5,\"to\":\"Cae\",\"fr\":\"/id-in\",\"rqi\":\"e1\",\"ec\":4,\"rvi\":\"3\","
                                     "\"pc\":{\"m2m:sgn\":{\"a\":1.50}}}");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("channel");
    TCase *tests = tcase_create("channel");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, test_channel, 0, ARRAY_LEN(cases));
    tcase_add_test(tests, test_bytes);
    tcase_add_test(tests, test_request);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
