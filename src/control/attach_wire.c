#include "control/attach_wire.h"

#include <stdio.h>

#include "base/text.h"

void
attach_address(int dir, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    /* A socket's own path is limited to 107 bytes, a directory's is not. */
    snprintf(address->sun_path, sizeof(address->sun_path),
             "/proc/self/fd/%d/" ATTACH_SOCKET, dir);
}

static unsigned
bounded(unsigned size)
{
    return size > ATTACH_SIZE_MAX ? ATTACH_SIZE_MAX : size;
}

size_t
attach_put_greeting(char line[ATTACH_LINE_MAX],
                    const struct worker_terminal *terminal)
{
    int len;

    if (terminal->interactive)
        len = snprintf(line, ATTACH_LINE_MAX, "terminal %u %u\n",
                       bounded(terminal->columns), bounded(terminal->rows));
    else
        len = snprintf(line, ATTACH_LINE_MAX, "stream\n");
    return (size_t)len;
}

/* Take a number and what follows it, a blank or the end, off the front. */
static enum err
take_size(struct span *line, uint32_t *size)
{
    uint64_t value;
    size_t len = 0;

    while (len < line->len && line->ptr[len] != ' ')
        len++;
    if (text_number(span_of(line->ptr, len), ATTACH_SIZE_MAX, &value) != OK)
        return ERR_FORMAT;
    *size = (uint32_t)value;
    if (len < line->len)
        len++;
    *line = span_of(line->ptr + len, line->len - len);
    return OK;
}

enum err
attach_parse_greeting(struct span line, struct worker_terminal *terminal)
{
    static const char word[] = "terminal ";
    size_t len = sizeof(word) - 1;

    *terminal = (struct worker_terminal){.attached = true};
    if (span_is(line, "stream"))
        return OK;
    if (line.len < len || memcmp(line.ptr, word, len) != 0)
        return ERR_FORMAT;
    line = span_of(line.ptr + len, line.len - len);
    terminal->interactive = true;
    if (take_size(&line, &terminal->columns) != OK ||
        take_size(&line, &terminal->rows) != OK || line.len > 0)
        return ERR_FORMAT;
    return OK;
}
