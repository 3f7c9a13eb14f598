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

MUST_CHECK static enum err
parse_size(struct span text, uint32_t *size)
{
    uint64_t value;

    if (text_number(text, ATTACH_SIZE_MAX, &value) != OK)
        return ERR_FORMAT;
    *size = (uint32_t)value;
    return OK;
}

enum err
attach_parse_greeting(struct span line, struct worker_terminal *terminal)
{
    static const char word[] = "terminal ";
    size_t len = sizeof(word) - 1;
    const uint8_t *blank;

    *terminal = (struct worker_terminal){.attached = true};
    if (span_is(line, "stream"))
        return OK;
    if (line.len <= len || memcmp(line.ptr, word, len) != 0)
        return ERR_FORMAT;
    line = span_of(line.ptr + len, line.len - len);
    blank = memchr(line.ptr, ' ', line.len);
    if (blank == NULL)
        return ERR_FORMAT;
    len = (size_t)(blank - line.ptr);
    terminal->interactive = true;
    if (parse_size(span_of(line.ptr, len), &terminal->columns) != OK ||
        parse_size(span_of(blank + 1, line.len - len - 1), &terminal->rows) !=
            OK)
        return ERR_FORMAT;
    return OK;
}
