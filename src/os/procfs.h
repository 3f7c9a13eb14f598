/*
 * Small files of /proc: one number, or a table of the kernel's.
 */
#ifndef OS_PROCFS_H
#define OS_PROCFS_H

#include "base/buf.h"
#include "base/err.h"

/* The first number of the file "/proc/" `format`. False: there is none. */
bool procfs_number(uint64_t *number, const char *format, ...) PRINTF(2, 3);
/*
 * The whole file behind what `text` holds, up to its maximum. ERR_SYSTEM,
 * ERR_LENGTH: longer than that.
 */
MUST_CHECK enum err procfs_text(const char *path, struct buf *text);

#endif
