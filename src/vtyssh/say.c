#include "vtyssh/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "os/file.h"

#define LINE_MAX_BYTES 1024

void
say(const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    say_text("vtyssh: ");
    say_text(line);
    say_text("\n");
}

void
say_text(const char *text)
{
    /* Nobody is left to be told that nobody can be told. */
    (void)!file_write_all(STDERR_FILENO, span_text(text));
}
