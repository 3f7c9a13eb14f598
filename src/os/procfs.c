#include "os/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

#define PART 4096 /* bytes read at once: the kernel's own page */

enum err
procfs_text(const char *path, struct buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum err err = fd < 0 ? ERR_SYSTEM : OK;
    ssize_t len = 1;

    while (err == OK && len > 0) {
        uint8_t part[PART];

        do
            len = read(fd, part, sizeof(part));
        while (len < 0 && errno == EINTR);
        if (len < 0)
            err = ERR_SYSTEM;
        else
            buf_put(text, part, (size_t)len);
        if (!buf_ok(text))
            err = ERR_LENGTH;
    }
    if (fd >= 0)
        close(fd);
    return err;
}

bool
procfs_number(uint64_t *number, const char *format, ...)
{
    char path[256] = "/proc/";
    size_t begin = strlen(path);
    struct buf text;
    struct span digits;
    va_list values;
    bool found;
    int len;

    va_start(values, format);
    len = vsnprintf(path + begin, sizeof(path) - begin, format, values);
    va_end(values);
    if (len < 0 || (size_t)len >= sizeof(path) - begin)
        return false;
    buf_init(&text, PART);
    found = procfs_text(path, &text) == OK;
    digits = buf_span(&text);
    for (size_t i = 0; i < digits.len; i++)
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            digits.len = i;
    found = found && digits.len > 0 &&
            text_number(digits, UINT64_MAX, number) == OK;
    buf_clear(&text);
    return found;
}
