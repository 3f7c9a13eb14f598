/*
 * What files.c (who waits for which work, and the loop's threads) and
 * file_work.c and file_open_work.c (the work itself) share.
 */
#ifndef CONTROL_FILES_PARTS_H
#define CONTROL_FILES_PARTS_H

#include "control/files.h"

#define FILE_PIECE  (32 * 1024)        /* bytes of one read and write */
#define FILE_STREAM (4 * 1024)         /* bytes that a reader gets at once */
#define FILE_TURN   (4u * 1024 * 1024) /* bytes before others have a turn */

struct file_job;

/* On a thread: OK, ERR_SYSTEM with errno set, or ERR_MORE: call it again. */
typedef enum err (*file_work_fn)(struct file_job *job);

/* One piece of file work. A thread has it, or the loop, never both. */
struct file_job {
    struct list node;
    uv_work_t work;
    struct files *files;
    file_work_fn run;
    bool started;   /* file_work.c: its files are open */
    bool given_up;  /* close them, remove what is unfinished */
    bool queued;    /* threads have it, or will; else it is parked */
    bool under_way; /* a thread has it */

    struct file_name from, to; /* the one name of a job is `from` */
    enum file_how how;
    bool all;
    char prefix[FLASH_NAME_MAX + 1]; /* of a page: what stands in front */
    size_t max;
    struct buf text;                    /* read, or to be written; wiped */
    bool copies;                        /* `from` is the source */
    int refused;                        /* errno of a beginning that failed */
    struct flash_attributes attributes; /* to be set */
    struct file_creation creation;
    uint64_t length;        /* of a file to be committed; of a log, at most */
    unsigned keep;          /* older ones of a log */
    int before;             /* file that is read first, or -1 */
    int source;             /* file that is read, or -1 */
    uint64_t at;            /* how far */
    struct flash_new fresh; /* file that is written */
    struct hash_stream *hashing;
    enum hash_id hash;

    struct file_result result;
    file_piece_fn piece; /* between parts; NULL: nobody looks */
    file_done_fn done;   /* NULL: nobody waits any more */
    void *owner;
};

/* files.c: flash/, or NULL with ENOSYS; the directory of startup-config. */
struct flash *files_flash(const struct file_job *job);
int files_nvram(const struct file_job *job);

/* file_work.c. */
enum err file_work_read(struct file_job *job);
enum err file_work_stream(struct file_job *job);
enum err file_work_write(struct file_job *job);
enum err file_work_list(struct file_job *job);
enum err file_work_stat(struct file_job *job);
enum err file_work_remove(struct file_job *job);
enum err file_work_remove_tree(struct file_job *job);
enum err file_work_make_directory(struct file_job *job);
enum err file_work_remove_directory(struct file_job *job);
enum err file_work_rename(struct file_job *job);
enum err file_work_digest(struct file_job *job);
/* What `from` is, and the regular file for reading; both fail as commands show
   it. */
enum err file_work_entry(const struct file_job *job, struct flash_entry *entry);
enum err file_work_open_name(const struct file_job *job,
                             const struct file_name *name, int *fd);
/* Up to `room` bytes at `*at`, which moves on; 0: the end. */
enum err file_work_read_piece(int fd, uint64_t *at, uint8_t *to, size_t room,
                              size_t *len);
/* Close what it has open; what is unfinished is removed. */
void file_work_end(struct file_job *job);

/* file_open_work.c. */
enum err file_work_open(struct file_job *job);
enum err file_work_create(struct file_job *job);
enum err file_work_log(struct file_job *job);
enum err file_work_commit(struct file_job *job);
enum err file_work_abandon(struct file_job *job);
enum err file_work_set(struct file_job *job);
enum err file_work_page(struct file_job *job);
enum err file_work_replace(struct file_job *job);
enum err file_work_usage(struct file_job *job);

#endif
