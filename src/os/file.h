/*
 * Questions about an open file that was handed over by descriptor.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/err.h"
#include "base/span.h"

/*
 * Is it a regular file that only its owner may read or write (no rights of
 * group and others)? Its size in bytes. ERR_REFUSED when it is not;
 * ERR_SYSTEM. Needs fstat(2) only, never a path.
 */
MUST_CHECK enum err file_check_private(int fd, size_t *size);

/*
 * Read a whole file of at most `room` bytes from its start, wherever its
 * offset stands. ERR_LENGTH: longer than that. ERR_SYSTEM.
 */
MUST_CHECK enum err file_read_all(int fd, uint8_t *to, size_t room,
                                  size_t *len);

/* Write all of it, through short writes and interruptions. ERR_SYSTEM. */
MUST_CHECK enum err file_write_all(int fd, struct span bytes);

#endif
