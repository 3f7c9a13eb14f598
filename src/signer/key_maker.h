/*
 * A child of the signer that makes one key pair, writes its file and ends:
 * making a long RSA key takes seconds, and nobody waits for it. The same for a
 * pair that is imported: what a stranger's file does to a parser, it does
 * where no other key is.
 */
#ifndef SIGNER_KEY_MAKER_H
#define SIGNER_KEY_MAKER_H

#include "base/err.h"
#include "base/span.h"
#include "ipc/messages.h"
#include "os/spawn.h"

/*
 * Can such a pair be made? ERR_FORMAT: a name, type, size or usage that is
 * none.
 */
MUST_CHECK enum err key_maker_check(const struct msg_key_make *wish);

/*
 * In the child, whose only other descriptor is `fd`, the new file: enter the
 * sandbox, make, write, sync. The exit status: enum key_maker_status.
 */
int key_maker_run(const struct msg_key_make *wish, int fd);

#endif
