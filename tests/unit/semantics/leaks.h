/*
 * The turtle writer of raptor 2.0.15 keeps a reference to one of its library's own URIs: not ours to free. To recognise it, the
 * leak detector needs whole stacks.
 */
#ifndef TEST_LEAKS_H
#define TEST_LEAKS_H

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:raptor_concepts_init\n";
}

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

#endif
