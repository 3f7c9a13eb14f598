/*
 * How a client's path names a file of flash:. Clients see one tree: "/" has
 * one directory, "/flash:", where a session begins; "flash:name",
 * "/flash:/name", "/name" and "name" are one file. Only text is looked at:
 * whether the components are names at all is os/flash.h's to say.
 */
#ifndef TRANSFER_SFTP_PATH_H
#define TRANSFER_SFTP_PATH_H

#include "base/buf.h"

#define SFTP_FILE_PATH_MAX 1024 /* bytes of a path below flash:, with NUL */

struct sftp_path {
    bool top;                      /* "/" */
    char text[SFTP_FILE_PATH_MAX]; /* below flash:, "dir/name"; "": flash: */
};

/*
 * ".." is gone along when `up` (REALPATH), and refused elsewhere. ERR_FORMAT:
 * that, or a NUL. ERR_LENGTH: too long.
 */
MUST_CHECK enum err sftp_path_read(struct span from, bool up,
                                   struct sftp_path *path);
/* "/", "/flash:", "/flash:/dir/name": as REALPATH answers. */
void sftp_path_put(struct buf *to, const struct sftp_path *path);

#endif
