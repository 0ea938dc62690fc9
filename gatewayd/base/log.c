#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 1024

void log_line(enum log_level level, const char *format, ...)
{
    if (level == LOG_LEVEL_DEBUG) {
        const char *debug = getenv("GATEWAYD_DEBUG");
        if (debug == NULL || strcmp(debug, "1") != 0)
            return;
    }
    char line[LINE_SIZE];
    int prefix = snprintf(line, sizeof(line), "<%d>", (int)level);
    if (prefix < 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(line + prefix, sizeof(line) - (size_t)prefix, format, arguments);
    va_end(arguments);
    if (written < 0)
        return;
    size_t length = strlen(line);
    for (size_t i = (size_t)prefix; i < length; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = ' ';
    }
    line[length++] = '\n'; /* in place of the NUL */
    /* One write, so that lines of several processes on one stderr do not mix; a line that does not fit is lost. */
    ssize_t ignored = write(STDERR_FILENO, line, length);
    (void)ignored;
}
