/*
 * The archive: copies of the running configuration below flash:, numbered,
 * the oldest going when there are too many. They hold secrets, as
 * startup-config does; files of flash: are 0600.
 *
 * Which files belong to it is told by their names alone, so the archive is
 * there again after a restart.
 */
#ifndef CONTROL_ARCHIVE_H
#define CONTROL_ARCHIVE_H

#include "control/files.h"

struct archive *archive_new(struct router *r);
/* Before files_close(). Freed when the loop has let go of it. NULL is fine. */
void archive_free(struct archive *a);

/* A path is configured. */
bool archive_is_on(const struct router *r);
/*
 * NULL, or why it is no path for an archive: not a file below flash:, or $t
 * elsewhere than in its last component.
 */
const char *archive_check_path(const char *path);
/* `time-period` has changed. */
void archive_update(struct router *r);

/* What there is, oldest first. Borrowed until the callback returns. */
struct archive_state {
    int system_error;           /* 0: all went well */
    char shown[FILE_SHOWN_MAX]; /* of a store: the file; else of the next one */
    const struct archive_file {
        uint32_t number;
        char shown[FILE_SHOWN_MAX];
    } * files;
    size_t count;
};
typedef void (*archive_fn)(void *owner, const struct archive_state *state);

/*
 * Save the running configuration as it is now; `done` (may be NULL) is called
 * later, once. ENOENT: no path is configured.
 */
void archive_store(struct router *r, archive_fn done, void *owner);
/* Look what there is. */
void archive_list(struct router *r, archive_fn done, void *owner);
/* Nobody waits any more; what is being saved will be saved. */
void archive_forget(struct router *r, void *owner);

#endif
