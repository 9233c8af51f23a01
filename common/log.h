/*
 * One JSON line per fact on standard output: {"t":"2026-11-21T08:01:02.345Z","level":"info","service":"http.1",
 * "event":"notify.delivered","rqi":"12",...}. The format is "key=%s key=%d": each key becomes a member; %s, %m become
 * strings, numbers stay numbers; keys are [a-z_]+ separated by one blank; NULL strings are left out. A value with text
 * around its conversion is a string ("why=cannot open %s"). Values are cut at 2 KiB. May be called from any thread.
 *   log_info("notify.delivered", "rqi=%s sub=%s tries=%d", rqi, sub, tries);
 */
#ifndef TESSERA_LOG_H
#define TESSERA_LOG_H

#include <stdatomic.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_open(const char *service, enum log_level least);
__attribute__((format(printf, 3, 4))) void log_write(enum log_level level, const char *event, const char *format, ...);
#define log_debug(event, ...) log_write(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) log_write(LOG_INFO, event, __VA_ARGS__)
#define log_warn(event, ...) log_write(LOG_WARN, event, __VA_ARGS__)
#define log_error(event, ...) log_write(LOG_ERROR, event, __VA_ARGS__)
/*
 * For what may happen with every request: 20 lines in ten seconds from one place, then as many in the next ten; what was left out
 * is counted in `left_out` of the next one. At debug every line is written.
 */
struct log_quota {
    _Atomic int64_t since;
    _Atomic unsigned count;
};
__attribute__((format(printf, 4, 5))) void log_write_often(struct log_quota *quota, enum log_level level, const char *event,
                                                           const char *format, ...);
#define log_often(level, event, ...)                                                                                             \
    do {                                                                                                                         \
        static struct log_quota quota_;                                                                                          \
        log_write_often(&quota_, level, event, __VA_ARGS__);                                                                     \
    } while (0)
/* Lines that nobody read in time: a reader that stalls costs lines, never the loop. */
unsigned long log_dropped(void);
/* Logs and ends the process with status 70: the supervisor restarts it. */
__attribute__((format(printf, 2, 3), noreturn)) void log_fatal(const char *event, const char *format, ...);

#endif
