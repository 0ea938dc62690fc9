#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void fuzz_broken(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* In place of base/log.c: a million log lines tell nobody anything. The format is run, for its arguments. */
void log_line(enum log_level level, const char *format, ...)
{
    (void)level;
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments); /* NOLINT(clang-analyzer-valist.Uninitialized): it is */
    va_end(arguments);
}

bool input_left(const struct input *in)
{
    return in->at < in->end;
}

uint8_t input_byte(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

uint64_t input_number(struct input *in, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number |= (uint64_t)input_byte(in) << (8 * i);
    return number;
}

void input_take(struct input *in, void *out, size_t size)
{
    size_t there = (size_t)(in->end - in->at), n = size < there ? size : there;
    if (n > 0)
        memcpy(out, in->at, n);
    memset((char *)out + n, 0, size - n);
    in->at += n;
}

struct input input_part(struct input *in, const char *separator)
{
    size_t length = strlen(separator);
    struct input part = {in->at, in->end};
    const uint8_t *found = input_left(in) ? memmem(in->at, (size_t)(in->end - in->at), separator, length) : NULL;
    if (found)
        part.end = found;
    in->at = found ? found + length : in->end;
    return part;
}

char *input_text(struct input *in, const char *separator, char *out, size_t size)
{
    struct input part = input_part(in, separator);
    size_t n = 0;
    for (; part.at < part.end && n < size - 1; part.at++)
        if (*part.at)
            out[n++] = (char)*part.at;
    out[n] = '\0';
    return out;
}
