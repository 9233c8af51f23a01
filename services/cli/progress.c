#include "progress.h"

#include "clock.h"
#include "mem.h"

#include <unistd.h>

enum { WIDTH = 30, PAUSE_US = 100000 };

void progress_draw(struct str *out, const char *what, int64_t done, int64_t total)
{
    double part = total > 0 ? (double)done / (double)total : 0;

    if (part > 1)
        part = 1;
    str_addf(out, "%s [", what);
    for (int i = 0; i < WIDTH; i++)
        str_putc(out, i < (int)(part * WIDTH) ? '#' : '.');
    str_addf(out, "] %3d %%", (int)(part * 100));
}

void progress_start(struct progress *p, const char *what)
{
    *p = (struct progress){.what = what, .terminal = isatty(STDERR_FILENO)};
}

void progress_set(struct progress *p, int64_t done, int64_t total)
{
    auto_str struct str line = STR_EMPTY;
    int64_t now;

    if (!p->terminal)
        return;
    now = clock_mono_us();
    if (p->drawn && now - p->shown < PAUSE_US)
        return;
    p->shown = now;
    p->drawn = true;
    progress_draw(&line, p->what, done, total);
    fprintf(stderr, "\r%s", str_text(&line));
}

void progress_end(struct progress *p)
{
    if (p->drawn)
        fprintf(stderr, "\r\033[K");
    p->drawn = false;
}
