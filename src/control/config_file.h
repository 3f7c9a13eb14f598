/*
 * The running configuration and startup-config as files that somebody else
 * reads and writes: by descriptors of memory.
 */
#ifndef CONTROL_CONFIG_FILE_H
#define CONTROL_CONFIG_FILE_H

#include "base/buf.h"
#include "control/file_name.h"
#include "control/router.h"

/*
 * The running configuration, at its beginning, whole, with all secrets; the
 * caller closes it. ERR_LIMIT: it is too large; ERR_BUSY: it is being replaced;
 * ERR_SYSTEM.
 */
MUST_CHECK enum err config_file_read(const struct router *r, int *fd,
                                     uint64_t *bytes);
/* Room for a configuration, and no byte more; the caller closes it. */
MUST_CHECK enum err config_file_create(int *fd);

/*
 * `problem` is NULL when all went well; else borrowed. Not called from within
 * config_file_store(), and not after it has failed.
 */
typedef void (*config_stored_fn)(void *owner, const char *problem);
/*
 * The first `bytes` of what config_file_create() has made: lines that are added
 * to the running configuration as if they were typed, or startup-config, by
 * `name`. `user` is who does it ("" nobody in particular), `who` the same as
 * log lines have it. Once begun it goes on, whether the owner waits or not.
 * ERR_FORMAT: no text for startup-config; ERR_SYSTEM: not so many bytes;
 * ERR_BUSY: the running configuration is being replaced.
 */
MUST_CHECK enum err config_file_store(struct router *r, enum file_system which,
                                      int fd, uint64_t bytes, const char *user,
                                      const char *who, config_stored_fn done,
                                      void *owner);
/* The owner does not wait any more. */
void config_file_forget(struct router *r, void *owner);
/* What is not done yet never will be. */
void config_files_clear(struct router *r);

#endif
