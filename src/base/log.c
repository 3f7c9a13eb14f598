#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

/* Set once by main.c, before anything logs (see the header). */
static struct {
    log_sink_fn write;
    void *owner;
} sink;

void
log_set_sink(log_sink_fn write, void *owner)
{
    sink.write = write;
    sink.owner = owner;
}

void
log_line(enum log_level level, const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list args;

    if (sink.write == NULL)
        return;
    va_start(args, format);
    if (vsnprintf(line, sizeof(line), format, args) < 0)
        line[0] = '\0';
    va_end(args);
    /* Whatever the caller overlooked: one call never becomes two lines. */
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    sink.write(sink.owner, level, line);
}
