/*
 * The files of one channel: control is asked for them by message, and hands
 * over a descriptor for each, which is read and written here.
 *
 * The owner numbers his requests; the answer to each is the next
 * MSG_FILE_RESULT with that number, for which he calls files_on_result().
 * What he gives a file as a number (0 to FILE_HANDLES_MAX - 1) is his as well.
 */
#ifndef WORKER_FILES_H
#define WORKER_FILES_H

#include "worker/uplink.h"

struct files;

struct file_attributes {
    bool has_mode, has_times;
    unsigned mode;                  /* rwx for user, group and others */
    uint64_t accessed_s, changed_s; /* since 1970 */
};

/* `up` is borrowed for life. Free closes and abandons what is open. */
struct files *files_new(struct uplink *up, uint32_t channel);
void files_free(struct files *f); /* NULL is fine */

/* File `handle`, which is not in use. Attributes come with the answer. */
void files_open(struct files *f, uint32_t request, unsigned handle,
                const char *path);
/* The same to be written; there must be room for so many bytes. */
void files_create(struct files *f, uint32_t request, unsigned handle,
                  const char *path, uint64_t bytes);
/*
 * The answer to either: takes over `fd` (-1: there is none, as for a
 * directory). False: it is not what it says.
 */
MUST_CHECK bool files_opened(struct files *f, unsigned handle,
                             const struct msg_file_result *m, int fd);
/* All of a file that was created was written; NULL: nothing more is to be set.
   The handle is free. */
void files_commit(struct files *f, uint32_t request, unsigned handle,
                  const struct file_attributes *attributes);
/* Close it; one that was created leaves no trace. */
void files_close(struct files *f, unsigned handle);

void files_stat(struct files *f, uint32_t request, const char *path);
void files_list(struct files *f, uint32_t request, const char *path,
                const char *after);
void files_make_directory(struct files *f, uint32_t request, const char *path);
void files_set(struct files *f, uint32_t request, const char *path,
               const struct file_attributes *attributes);

/*
 * At the file's own place, which moves on. Both may block for as long as the
 * disk needs. Read: 0 bytes are its end. ERR_SYSTEM leaves the reason in errno;
 * ENOSPC: the disk's reserve (FLASH_RESERVE) would be touched.
 */
MUST_CHECK enum err files_read(struct files *f, unsigned handle, uint8_t *to,
                               size_t room, size_t *len);
MUST_CHECK enum err files_write(struct files *f, unsigned handle,
                                struct span bytes);

#endif
