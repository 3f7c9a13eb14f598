/*
 * One file of a directory as clients show it: the line that `ls -l` prints.
 */
#ifndef TRANSFER_SFTP_NAME_H
#define TRANSFER_SFTP_NAME_H

#include "transfer/sftp_wire.h"

/* What time it is for those who read the line. */
struct sftp_clock {
    int64_t now_s;  /* seconds since 1970 */
    int32_t zone_s; /* seconds that local time is ahead of UTC */
};

/*
 * Append "-rw-r--r--    1 -        -              512 Nov 22 14:12 name" as a
 * string. Nobody owns a file here: the fields of owner and group are dashes.
 * A time half a year away is shown by its year, as ls(1) does. Time, size and
 * mode must be there.
 */
void sftp_put_long_name(struct buf *to, struct span name,
                        const struct sftp_attributes *a,
                        struct sftp_clock clock);

#endif
