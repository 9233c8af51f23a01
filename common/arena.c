#include "arena.h"

#include <stdarg.h>
#include <stdio.h>

#include "mem.h"

#define ALIGNMENT (_Alignof(max_align_t))
#define BLOCK_SIZE 8192

struct arena_block {
    struct arena_block *next;
    max_align_t data[];
};

void arena_init(struct arena *arena)
{
    size_t skew = (ALIGNMENT - (uintptr_t)arena->first % ALIGNMENT) % ALIGNMENT;

    arena->blocks = NULL;
    arena->next = arena->first + skew;
    arena->left = sizeof arena->first - skew;
}

void arena_done(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
    arena_init(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    char *p;

    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > arena->left) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        struct arena_block *block = xmalloc(sizeof *block + room);

        block->next = arena->blocks;
        arena->blocks = block;
        arena->next = (char *)block->data;
        arena->left = room;
    }
    p = arena->next;
    arena->next += size;
    arena->left -= size;
    return p;
}

char *arena_dup(struct arena *arena, const char *data, size_t len)
{
    char *p = arena_alloc(arena, len + 1);

    memcpy(p, data, len);
    p[len] = '\0';
    return p;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    auto_str struct str s = STR_EMPTY;
    va_list args;

    va_start(args, format);
    str_vaddf(&s, format, args);
    va_end(args);
    return arena_dup(arena, str_text(&s), s.len);
}

struct slice arena_slice(struct arena *arena, const struct str *s)
{
    return (struct slice){arena_dup(arena, str_text(s), s->len), s->len};
}
