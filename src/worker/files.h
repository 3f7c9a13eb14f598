/*
 * The files of one channel: control is asked for them by message, and hands
 * over a descriptor for each, which is read and written here.
 *
 * The owner numbers his requests; the answer to each is the next
 * MSG_FILE_RESULT with that number.
 * What he gives a file as a number (0 to FILE_HANDLES_MAX - 1) is his as well.
 */
#ifndef WORKER_FILES_H
#define WORKER_FILES_H

#include <sys/uio.h>

#include "worker/uplink.h"

struct files;

struct file_attributes {
    bool has_mode, has_times;
    unsigned mode;                  /* rwx for user, group and others */
    uint64_t accessed_s, changed_s; /* since 1970 */
};

/* `up` is borrowed for life. Free closes and abandons what is open;
   before the channel's CHANNEL_END. */
struct files *files_new(struct uplink *up, uint32_t channel);
void files_free(struct files *f); /* NULL is fine */

/* File `handle`, which is not in use. Attributes come with the answer. */
void files_open(struct files *f, uint32_t request, unsigned handle,
                const char *path);
/* The same to be written; there must be room for so many bytes. */
void files_create(struct files *f, uint32_t request, unsigned handle,
                  const char *path, uint64_t bytes);
/* The same as `how` says; FILE_ACCESS_EDIT may be read as well. */
struct file_opening {
    enum file_access access; /* not FILE_ACCESS_READ */
    bool must_exist, must_be_new;
};
void files_open_as(struct files *f, uint32_t request, unsigned handle,
                   const char *path, const struct file_opening *how);
/*
 * The answer to each: takes over `fd` (-1: there is none, as for a
 * directory). False: it is not what it says.
 */
MUST_CHECK bool files_opened(struct files *f, unsigned handle,
                             const struct msg_file_result *m, int fd);
/* All of a file that was created was written. The handle is free. */
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

void files_remove(struct files *f, uint32_t request, const char *path);
void files_remove_directory(struct files *f, uint32_t request,
                            const char *path);
void files_rename(struct files *f, uint32_t request, const char *path,
                  const char *to, bool replace);
/* The answer's page is as FILE_SPACE has it. */
void files_space(struct files *f, uint32_t request);

/*
 * At the file's own place, which moves on. Both may block for as long as the
 * disk needs. Read: 0 bytes are its end. ERR_SYSTEM leaves the reason in errno;
 * ENOSPC: the disk's reserve (FLASH_RESERVE) would be touched.
 */
MUST_CHECK enum err files_read(struct files *f, unsigned handle, uint8_t *to,
                               size_t room, size_t *len);
MUST_CHECK enum err files_write(struct files *f, unsigned handle,
                                struct span bytes);
#define FILES_PIECES_MAX 64 /* of one files_write_at() */

/*
 * At any place of the file, likewise. A read fills the rooms one after the
 * other, less only at the end of the file.
 */
MUST_CHECK enum err files_read_at(struct files *f, unsigned handle,
                                  uint64_t offset, const struct iovec *rooms,
                                  int count, size_t *len);
MUST_CHECK enum err files_write_at(struct files *f, unsigned handle,
                                   uint64_t offset, const struct span *pieces,
                                   size_t count);
MUST_CHECK enum err files_truncate(struct files *f, unsigned handle,
                                   uint64_t bytes);
MUST_CHECK enum err files_sync(struct files *f, unsigned handle);

#endif
