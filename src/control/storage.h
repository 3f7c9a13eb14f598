/*
 * The state directory: startup-config, keys/, and nothing else that control
 * keeps. Saving is whole or not at all (architecture, "Files"). All slow file
 * work is done on the loop's threads; that on key files one after the other,
 * in the order in which it was asked for.
 */
#ifndef CONTROL_STORAGE_H
#define CONTROL_STORAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "control/router.h"

#define STORAGE_CONFIG_MAX (4 * 1024 * 1024) /* bytes of startup-config */

/*
 * Open or make the directory (0700) and keys/, lock it against a second
 * router, remove what an end in the middle of a save left. ERR_SYSTEM, and a
 * log line, if that cannot be done; also when others may write into it.
 */
MUST_CHECK enum err storage_open(struct router *r, struct storage **out);
/* Waits for saves that are under way; nobody is told. NULL is fine. */
void storage_close(struct storage *s);
/* The directory's descriptor, for console.sock. */
int storage_fd(const struct storage *s);

/*
 * Read startup-config; missing or unreadable: startup-config.old, with a log
 * line; neither: the factory configuration. `from` tells which ("" = factory).
 */
MUST_CHECK enum err storage_read_config(struct storage *s, struct buf *text,
                                        const char **from);

/*
 * OK, ERR_BUSY (a save is running), ERR_SYSTEM; `system_error` is the errno.
 * Always called later, never from within the call that was made.
 */
typedef void (*saved_fn)(void *owner, enum err err, int system_error);
/* The text is copied. */
void storage_save_config(struct router *r, struct span text, saved_fn done,
                         void *owner);
void storage_erase_config(struct router *r, saved_fn done, void *owner);
void storage_forget(struct router *r, void *owner);

/* The key files' names below keys/ are made from label, kind and usage. */
#define KEY_FILE_MAX 300
/* A new file (O_EXCL, 0600, write-only) for a key to be made. ERR_BUSY: one
   of that name is being made. ERR_SYSTEM. */
MUST_CHECK enum err storage_key_create(struct storage *s, const char *file,
                                       int *fd);
/* It is complete: rename into place, fsync the directory. On a thread. */
void storage_key_commit(struct router *r, const char *file, saved_fn done,
                        void *owner);
void storage_key_abandon(struct storage *s, const char *file);
/* EPERM: somebody else owns it. */
MUST_CHECK enum err storage_key_open(struct storage *s, const char *file,
                                     int *fd);
/*
 * Remove complete key files, durably, on a thread: `files` are their names,
 * each with its NUL; copied. A file that is not there counts as removed; one
 * that cannot be removed does not keep the others from going (ERR_SYSTEM).
 */
void storage_keys_remove(struct router *r, struct span files, saved_fn done,
                         void *owner);
/* Each complete key file, sorted by name. */
typedef void (*key_file_fn)(void *owner, const char *file);
void storage_key_each(struct storage *s, key_file_fn fn, void *owner);

#endif
