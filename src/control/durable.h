/*
 * Files that are whole at every instant, also when the power fails: written
 * beside their place, forced to the disk, renamed. Every call may block for
 * as long as the disk needs: for the loop's threads, or before the loop runs.
 * `dir` is an open directory, `name` a plain name in it. ERR_SYSTEM leaves
 * the reason in errno.
 */
#ifndef CONTROL_DURABLE_H
#define CONTROL_DURABLE_H

#include "base/buf.h"
#include "base/err.h"

#define DURABLE_NAME_MAX 256 /* bytes of `name` with a suffix, NUL included */

/*
 * Put `text` in the place of NAME by way of NAME.new; what stood there stays
 * as NAME.old. There is a whole NAME at every instant. On failure NAME is as
 * it was and NAME.new is removed.
 */
MUST_CHECK enum err durable_replace(int dir, const char *name,
                                    struct span text);
/* A NAME.new of mode 0600 that was not there before; write-only. ERR_BUSY. */
MUST_CHECK enum err durable_create(int dir, const char *name, int *fd);
/* NAME.new is complete and on the disk: it becomes NAME. */
MUST_CHECK enum err durable_commit(int dir, const char *name);
/* NAME.new will not be completed. */
void durable_abandon(int dir, const char *name);
/* First NAME.old, then NAME; what is not there counts as removed. */
MUST_CHECK enum err durable_erase(int dir, const char *name);
/* ERR_SYSTEM also when NAME is not there (ENOENT). */
MUST_CHECK enum err durable_remove(int dir, const char *name);
/* What an end in the middle of durable_replace(NAME) may have left. */
void durable_sweep(int dir, const char *name);

/* A regular file, not through a symbolic link; read-only. */
MUST_CHECK enum err durable_open(int dir, const char *name, int *fd);
/*
 * Append the file to `text`. ERR_SYSTEM; ERR_LENGTH: longer than `max` bytes;
 * ERR_FORMAT: no bytes at all, or nothing but zeros: no text of ours. A NUL
 * elsewhere is for the reader of lines to refuse.
 */
MUST_CHECK enum err durable_read(int dir, const char *name, size_t max,
                                 struct buf *text);
/* The same with an open descriptor of any kind, which may be at its end. */
MUST_CHECK enum err durable_read_text(int fd, size_t max, struct buf *text);

#endif
