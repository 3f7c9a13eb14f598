/*
 * Passwords kept on this router: judged against their stored forms, and
 * encoded.
 */
#ifndef AAA_LOCAL_H
#define AAA_LOCAL_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/password.h"
#include "ipc/messages.h"

#define LOCAL_GIVEN_MAX 256 /* bytes that are looked at (hardening 4.7) */

/*
 * Does `given` match `stored` of `type`? The same work whatever is wrong:
 * for a decoy, and for what is no password (a NUL, more than LOCAL_GIVEN_MAX
 * bytes), a hash is computed as well, and the answer is no.
 */
bool local_judge(const struct msg_judge *request);

/*
 * The work of this type is short enough to be done in front of other
 * requests: comparisons, and the fast hash of type 5.
 */
bool local_is_quick(unsigned type);

/*
 * The stored form (type 5, 8 or 9) of a clear password; `stored` is wiped by
 * the caller. ERR_FORMAT: a type or a text that cannot be encoded.
 */
MUST_CHECK enum err local_encode(const struct msg_encode *request,
                                 char stored[PASSWORD_STORED_MAX]);

#endif
