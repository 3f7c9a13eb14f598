/*
 * Files for commands: every call returns at once, the work is done on the
 * loop's threads, and `done` is called later, once, never from within the call
 * that was made. Names come from file_name_parse().
 *
 *   struct file_name name;
 *   int reason;
 *   if (file_name_parse(typed, shell_directory(cmd->shell), &name, &reason))
 *       out_line(cmd, "%%Error opening %s (%s)", name.shown, strerror(reason));
 *   files_write(cmd->router, &name, FILE_REPLACE, text, on_written, cmd);
 *   cmd_wait(cmd);
 *
 * Large files are worked on in pieces, in turn with everybody else's. An owner
 * that goes away calls files_forget(): shell.c does it for every command whose
 * session ends. What was being written then leaves no trace.
 */
#ifndef CONTROL_FILES_H
#define CONTROL_FILES_H

#include "base/buf.h"
#include "control/file_name.h"
#include "control/router.h"
#include "crypto/hash.h"

#define FILE_TEXT_MAX (1024 * 1024) /* bytes that files_read() is good for */

/* What became of it. Everything borrowed until the callback returns. */
struct file_result {
    enum err err;     /* OK or ERR_SYSTEM */
    int system_error; /* errno of ERR_SYSTEM */
    bool at_target;   /* it was the target that failed, not the source */
    uint64_t bytes;   /* copied, written, read */
    struct span text; /* files_read(): holds secrets if the file does */
    int fd; /* files_open_one(), files_open_log(): becomes the callee's; or -1
             */
    struct flash_new fresh;   /* files_create(): becomes the callee's */
    struct flash_entry entry; /* files_open_one(), files_create(), files_stat():
                                 without a name */
    bool directory;           /* files_list(), files_stat(): what the name is */
    struct flash_list list;   /* files_list() */
    bool more;                /* files_list_page(): behind its last entry */
    struct flash_usage usage; /* files_usage() */
    uint64_t total, available; /* files_list(): bytes of the device */
    uint8_t digest[HASH_MAX];  /* files_digest() */
};

typedef void (*file_done_fn)(void *owner, const struct file_result *result);
/*
 * One piece of a file. False: no further one until files_resume(). Bytes are
 * borrowed until it returns; none for files_digest(), which tells only that
 * it goes on.
 */
typedef bool (*file_piece_fn)(void *owner, struct span bytes);

/*
 * Opens flash/ below storage's directory `state`. A disk or a kernel that
 * cannot do it is told in the log; every call then fails by ENOSYS.
 */
void files_open(struct router *r, int state);
/* Before storage_close(). Waits for what is under way, which is given up. */
void files_close(struct router *r);

/* Nobody waits any more: all of the owner's work is given up. */
void files_forget(struct router *r, void *owner);

/*
 * The whole of flash: or nvram: file `name` as text, at most `max` bytes
 * (EFBIG). Nothing is converted; it may hold any byte.
 */
void files_read(struct router *r, const struct file_name *name, size_t max,
                file_done_fn done, void *owner);
/* The same in pieces of at most 4 KiB, for files of any size: shown in any
   form, one is short enough for a message. */
void files_stream(struct router *r, const struct file_name *name,
                  file_piece_fn piece, file_done_fn done, void *owner);
/* The streams and digests of this owner go on. */
void files_resume(struct router *r, void *owner);

/* What becomes of a file that is there already. */
enum file_how { FILE_REPLACE, FILE_APPEND };

/*
 * Write flash: file `name`, or to null:. The text is copied. Whole or not at
 * all: until `done` says OK, and after every failure, the previous one stands.
 */
void files_write(struct router *r, const struct file_name *name,
                 enum file_how how, struct span text, file_done_fn done,
                 void *owner);
/* The same with what an open file holds (a memfd), from its first byte on.
   The descriptor stays the caller's: it is duplicated. */
void files_write_fd(struct router *r, const struct file_name *name,
                    enum file_how how, int fd, file_done_fn done, void *owner);
/* From a flash: or nvram: file to a flash: file or null:. */
void files_copy(struct router *r, const struct file_name *from,
                const struct file_name *to, file_done_fn done, void *owner);

/*
 * What is in directory `name` (flash: or nvram:) and begins with `prefix` (""
 * for everything), sorted; a file is a list of itself.
 */
void files_list(struct router *r, const struct file_name *name,
                const char *prefix, file_done_fn done, void *owner);
/* What users cannot touch as well: links, FIFOs, sockets, devices. */
void files_list_all(struct router *r, const struct file_name *name,
                    file_done_fn done, void *owner);
/*
 * Of a directory of flash: a page of what stands behind `after` by name: a few
 * hundred entries at most.
 */
void files_list_page(struct router *r, const struct file_name *name,
                     const char *after, file_done_fn done, void *owner);
/* Is it there? `directory` and `bytes`; else ENOENT. */
void files_stat(struct router *r, const struct file_name *name,
                file_done_fn done, void *owner);

/*
 * For whoever reads or writes the file himself. A directory is no error, but
 * has no descriptor. A file that was created is out of sight until it is
 * committed; ENOSPC: there is no room for so many bytes.
 */
void files_open_one(struct router *r, const struct file_name *name,
                    file_done_fn done, void *owner);
struct file_creation {
    uint64_t bytes;   /* for which there must be room */
    bool copies;      /* what is there now is in it */
    bool must_exist;  /* ENOENT */
    bool must_be_new; /* EEXIST */
};
void files_create(struct router *r, const struct file_name *name,
                  const struct file_creation *how, file_done_fn done,
                  void *owner);
/*
 * It is complete: with these attributes to the disk and into its place. EIO:
 * it is not `bytes` long. Takes `fresh` over; an owner that goes away now does
 * not keep the file from its place.
 */
void files_commit(struct router *r, const struct file_name *name,
                  struct flash_new *fresh, uint64_t bytes,
                  const struct flash_attributes *attributes, file_done_fn done,
                  void *owner);
/*
 * For whoever appends to it himself, in sight of everybody: made if need be;
 * `bytes` are in it already. One of `max` bytes or more first becomes F.1, that
 * F.2 and so on, up to `keep`; max 0: any.
 */
void files_open_log(struct router *r, const struct file_name *name,
                    uint64_t max, unsigned keep, file_done_fn done,
                    void *owner);
/* It will not be completed. Takes `fresh` over. */
void files_abandon(struct router *r, struct flash_new *fresh);
void files_set(struct router *r, const struct file_name *name,
               const struct flash_attributes *attributes, file_done_fn done,
               void *owner);

/* flash: only; errors as in os/flash.h. */
void files_remove(struct router *r, const struct file_name *name,
                  file_done_fn done, void *owner);
/* A directory with all that is in it. */
void files_remove_tree(struct router *r, const struct file_name *name,
                       file_done_fn done, void *owner);
void files_make_directory(struct router *r, const struct file_name *name,
                          file_done_fn done, void *owner);
void files_remove_directory(struct router *r, const struct file_name *name,
                            file_done_fn done, void *owner);
void files_rename(struct router *r, const struct file_name *from,
                  const struct file_name *to, file_done_fn done, void *owner);
/* The same over what is there, if that is of the same kind. */
void files_replace(struct router *r, const struct file_name *from,
                   const struct file_name *to, file_done_fn done, void *owner);
/* What there is on the device, and room for. */
void files_usage(struct router *r, const struct file_name *name,
                 file_done_fn done, void *owner);

/* The file's digest; `piece` is called between its parts. */
void files_digest(struct router *r, const struct file_name *name,
                  enum hash_id hash, file_piece_fn piece, file_done_fn done,
                  void *owner);

#endif
