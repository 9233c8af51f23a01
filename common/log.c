/*
 * The log. A line is built on the stack, without allocating, so that a process without memory can still say so, and
 * leaves with one write(2), so that lines of several processes and threads on one pipe do not mix.
 */
#include "log.h"
#include "clock.h"
#include "logfile.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define LINE_MAX_SIZE 16384
#define LINE_ROOM 512 /* more than any piece put at once */
#define VALUE_MAX 2048
#define VALUE_READ (VALUE_MAX + 4) /* a character more than is kept tells that it was cut */
#define STALL_MS 100               /* how long a stalled reader is waited for, once per stall */
#define EXIT_FATAL 70
#define OFTEN_LINES 20
#define OFTEN_US 10000000

struct line {
    char data[LINE_MAX_SIZE];
    size_t len;
};

/* A printf conversion taken apart. */
struct conversion {
    int precision; /* -1: none */
    int longs;     /* 1 for l, z, j and t (all 64 bits wide here), 2 for ll */
    char letter;
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static char service_name[80];
static enum log_level least_level = LOG_INFO;
static int output = STDOUT_FILENO;
static atomic_ulong dropped;
static atomic_bool stalled;

/*
 * A descriptor of our own for a pipe or terminal can be non-blocking without changing it for whoever shares standard
 * output with us. Files never block; where it cannot be opened again, poll() before the write has to do.
 */
static int open_output(void)
{
    struct stat st;
    int fd = -1;

    if (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
        fd = open("/proc/self/fd/1", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fd >= 0 ? fd : STDOUT_FILENO;
}

void log_open(const char *service, enum log_level least)
{
    snprintf(service_name, sizeof(service_name), "%s", service);
    least_level = least;
    if (output != STDOUT_FILENO)
        close(output);
    output = open_output();
}

unsigned long log_dropped(void)
{
    return atomic_load(&dropped);
}

/* ---- the line ---- */

static void put(struct line *line, const char *text, size_t len)
{
    if (len <= sizeof(line->data) - line->len) {
        memcpy(line->data + line->len, text, len);
        line->len += len;
    }
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* At most VALUE_MAX bytes of `text` inside a JSON string; what is not UTF-8 becomes U+FFFD. */
static void put_escaped(struct line *line, const char *text, size_t len)
{
    char escape[STR_ESCAPE_SIZE];

    for (size_t i = 0; i < len;) {
        size_t n = str_utf8(text + i, len - i), escaped = str_escape_json(text[i], escape);

        if (i + n > VALUE_MAX) {
            put_text(line, "...");
            return;
        }
        if (n == 0)
            put_text(line, "\xef\xbf\xbd");
        else if (escaped)
            put(line, escape, escaped);
        else
            put(line, text + i, n);
        i += n ? n : 1;
    }
}

static void put_string(struct line *line, const char *text)
{
    put_text(line, "\"");
    put_escaped(line, text, strlen(text));
    put_text(line, "\"");
}

static void put_head(struct line *line, enum log_level level, const char *event)
{
    struct clock_date d;
    char text[64];

    clock_split(clock_now_ms(), &d);
    snprintf(text, sizeof(text), "{\"t\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\",\"level\":\"", d.year, d.month, d.day, d.hour,
             d.minute, d.second, d.ms);
    put_text(line, text);
    put_text(line, level_names[level]);
    put_text(line, "\",\"service\":");
    put_string(line, service_name[0] ? service_name : program_invocation_short_name);
    put_text(line, ",\"event\":");
    put_string(line, event);
}

/* ---- the format ---- */

/* Reads the conversion behind a '%'; returns what follows it. Flags and width mean nothing here. */
static const char *parse_conversion(const char *p, struct conversion *c, va_list *args)
{
    *c = (struct conversion){.precision = -1};
    p += strspn(p, "-+ #0123456789");
    if (p[0] == '.' && p[1] == '*') {
        c->precision = va_arg(*args, int);
        p += 2;
    } else if (*p == '.') {
        c->precision = 0;
        for (p++; *p >= '0' && *p <= '9'; p++)
            c->precision = c->precision < VALUE_MAX ? c->precision * 10 + (*p - '0') : VALUE_MAX;
    }
    for (; *p && strchr("hlzjt", *p); p++)
        c->longs += *p != 'h';
    c->letter = *p;
    return *p ? p + 1 : p;
}

static int64_t take_signed(const struct conversion *c, va_list *args)
{
    if (c->longs == 0)
        return va_arg(*args, int);
    return c->longs == 1 ? va_arg(*args, long) : va_arg(*args, long long);
}

static uint64_t take_unsigned(const struct conversion *c, va_list *args)
{
    if (c->longs == 0)
        return va_arg(*args, unsigned int);
    return c->longs == 1 ? va_arg(*args, unsigned long) : va_arg(*args, unsigned long long);
}

/*
 * The value of one conversion as text: points into `buffer`, or at the argument itself. *len is its length, *number
 * whether it is a JSON number. NULL for a NULL string.
 */
static const char *convert(const struct conversion *c, va_list *args, int saved_errno, char buffer[400], size_t *len,
                           bool *number)
{
    int precision = c->precision < 0 ? 6 : c->precision < 20 ? c->precision : 20;
    const char *text = buffer;
    double d;

    *number = false;
    buffer[0] = '\0';
    switch (c->letter) {
    case 'd':
    case 'i':
        snprintf(buffer, 400, "%lld", (long long)take_signed(c, args));
        *number = true;
        break;
    case 'u':
        snprintf(buffer, 400, "%llu", (unsigned long long)take_unsigned(c, args));
        *number = true;
        break;
    case 'x':
    case 'X':
        snprintf(buffer, 400, "%llx", (unsigned long long)take_unsigned(c, args));
        break;
    case 'f':
    case 'g':
    case 'e':
        d = va_arg(*args, double);
        *number = isfinite(d);
        if (c->letter == 'f')
            snprintf(buffer, 400, "%.*f", precision, d);
        else
            snprintf(buffer, 400, "%.*g", precision, d);
        break;
    case 'c':
        buffer[0] = (char)va_arg(*args, int);
        buffer[1] = '\0';
        break;
    case 'm':
        text = strerror_r(saved_errno, buffer, 400);
        break;
    case 'p':
        snprintf(buffer, 400, "%p", va_arg(*args, void *));
        break;
    case 's':
        text = va_arg(*args, const char *);
        break;
    case '%':
        text = "%";
        break;
    default:
        text = "?";
        break;
    }
    if (text) /* a precision bounds what may be read */
        *len =
            strnlen(text, c->letter == 's' && c->precision >= 0 && c->precision < VALUE_READ ? (size_t)c->precision : VALUE_READ);
    return text;
}

/* Length of "key=" when `p` begins with it, else 0. */
static size_t key_length(const char *p)
{
    size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789");

    return n > 0 && p[n] == '=' ? n + 1 : 0;
}

static bool value_ends(const char *p)
{
    return *p == '\0' || (*p == ' ' && key_length(p + 1) > 0);
}

/* One value: a lone conversion keeps its kind, anything else becomes a string. Returns what follows, *absent for a lone NULL. */
static const char *put_value(struct line *line, const char *p, va_list *args, int saved_errno, bool *absent)
{
    bool lone = *p == '%', number = false, open = false;

    *absent = false;
    while (!value_ends(p)) {
        char buffer[400];
        struct conversion c;
        const char *text = p++;
        size_t len = 1;

        if (*text == '%') {
            p = parse_conversion(p, &c, args);
            text = convert(&c, args, saved_errno, buffer, &len, &number);
            lone = lone && !open && value_ends(p);
            if (lone && !text) {
                *absent = true;
                return p;
            }
            if (lone && number) {
                put(line, text, len);
                return p;
            }
        }
        if (!open)
            put_text(line, "\"");
        open = true;
        if (text)
            put_escaped(line, text, len);
        else
            put_text(line, "-");
    }
    put_text(line, open ? "\"" : "\"\"");
    return p;
}

static void put_members(struct line *line, const char *p, va_list *args, int saved_errno)
{
    while (p && *p) {
        size_t key = key_length(p), before = line->len;
        bool absent;

        if (key == 0) { /* text without a key: a mistake in the call, shown rather than hidden */
            put_text(line, ",\"text\":");
        } else {
            put_text(line, ",\"");
            put(line, p, key - 1);
            put_text(line, "\":");
        }
        p = put_value(line, p + key, args, saved_errno, &absent);
        /* room for the end of the line must stay: a member that does not fit is left out whole */
        if (absent || line->len > sizeof(line->data) - LINE_ROOM)
            line->len = before;
        p += *p == ' ';
    }
}

static void put_number(struct line *line, const char *key, unsigned value)
{
    char text[64];

    snprintf(text, sizeof(text), ",\"%s\":%u", key, value);
    put_text(line, text);
}

/* ---- output ---- */

static bool wait_writable(int timeout)
{
    struct pollfd p = {.fd = output, .events = POLLOUT};

    return poll(&p, 1, timeout) > 0 && (p.revents & POLLOUT);
}

/* Writes all of it, or gives up on a reader that stalls, has gone or has a full disk. Returns the bytes written. */
static size_t push(const char *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        bool may_block = output == STDOUT_FILENO;
        ssize_t n;

        if (may_block && !wait_writable(atomic_load(&stalled) ? 0 : STALL_MS))
            break;
        n = write(output, data + done, len - done);
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN && wait_writable(atomic_load(&stalled) ? 0 : STALL_MS))
            continue;
        break;
    }
    return done;
}

static void send_line(struct line *line)
{
    static atomic_bool torn; /* the last line was cut short: begin anew */
    size_t done;

    if (atomic_exchange(&torn, false))
        push("\n", 1);
    done = push(line->data, line->len);
    atomic_store(&stalled, done < line->len);
    if (done < line->len) {
        atomic_fetch_add(&dropped, 1);
        atomic_store(&torn, done > 0);
    }
}

static void write_line(enum log_level level, const char *event, unsigned left_out, const char *format, va_list *args,
                       int saved_errno)
{
    struct line line;

    line.len = 0;
    put_head(&line, level, event);
    put_members(&line, format, args, saved_errno);
    if (left_out > 0)
        put_number(&line, "left_out", left_out);
    put_text(&line, "}\n");
    logfile_check();
    send_line(&line);
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    int saved_errno = errno;
    va_list args;

    if (level < least_level)
        return;
    va_start(args, format);
    write_line(level, event, 0, format, &args, saved_errno);
    va_end(args);
    errno = saved_errno;
}

/* Whether a line may be written now; *left_out: how many were not, since the last that was. */
static bool within(struct log_quota *quota, unsigned *left_out)
{
    int64_t now = clock_mono_us(), since = atomic_load(&quota->since);
    unsigned count;

    *left_out = 0;
    if (since == 0 || now - since >= OFTEN_US) {
        count = atomic_exchange(&quota->count, 1);
        atomic_store(&quota->since, now);
        *left_out = count > OFTEN_LINES ? count - OFTEN_LINES : 0;
        return true;
    }
    return atomic_fetch_add(&quota->count, 1) < OFTEN_LINES;
}

void log_write_often(struct log_quota *quota, enum log_level level, const char *event, const char *format, ...)
{
    int saved_errno = errno;
    unsigned left_out = 0;
    va_list args;

    if (level < least_level || (least_level != LOG_DEBUG && !within(quota, &left_out)))
        return;
    va_start(args, format);
    write_line(level, event, left_out, format, &args, saved_errno);
    va_end(args);
    errno = saved_errno;
}

void log_fatal(const char *event, const char *format, ...)
{
    int saved_errno = errno;
    va_list args;

    va_start(args, format);
    write_line(LOG_ERROR, event, 0, format, &args, saved_errno);
    va_end(args);
    _exit(EXIT_FATAL); /* no exit handlers: the state is broken, and another thread may run */
}
