#include "os/file.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum err
file_check_private(int fd, size_t *size)
{
    struct stat status;

    /*
     * The system call itself: glibc's fstat() is newfstatat(), which takes a
     * path as well, and sandboxes do without that.
     */
    if (syscall(SYS_fstat, fd, &status) != 0)
        return ERR_SYSTEM;
    if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO)))
        return ERR_REFUSED;
    *size = (size_t)status.st_size;
    return OK;
}

enum err
file_read_all(int fd, uint8_t *to, size_t room, size_t *len)
{
    size_t have = 0;

    for (;;) {
        uint8_t beyond;
        size_t left = room - have;
        ssize_t got = pread(fd, left > 0 ? to + have : &beyond,
                            left > 0 ? left : 1, (off_t)have);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_SYSTEM;
        if (got == 0)
            break;
        if (left == 0)
            return ERR_LENGTH;
        have += (size_t)got;
    }
    *len = have;
    return OK;
}

enum err
file_write_all(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return ERR_SYSTEM;
        bytes = span_of(bytes.ptr + put, bytes.len - (size_t)put);
    }
    return OK;
}
