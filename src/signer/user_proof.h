/*
 * The other thing that is signed here: that this router is a user of another
 * host, when it logs in there with a key of its own (RFC 4252 section 7).
 */
#ifndef SIGNER_USER_PROOF_H
#define SIGNER_USER_PROOF_H

#include "base/buf.h"
#include "base/err.h"
#include "ipc/messages.h"
#include "signer/keys.h"

/*
 * Build what is signed from the request's session id, user and method and from
 * the key's own public half, sign it, verify; append the signature blob to
 * `signature`. `key` NULL is refused. ERR_REFUSED: no such key, a method that
 * does not fit it, a key that does not sign for SSH, a session id that is no
 * exchange hash, no user name. ERR_CRYPTO: it could not be signed, or the
 * signature was faulty. On failure nothing is appended.
 */
MUST_CHECK enum err user_proof_sign(const struct key *key,
                                    const struct msg_user_sign *request,
                                    struct buf *signature);

#endif
