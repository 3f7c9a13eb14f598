/*
 * Users' public keys: is a key among the user's, and did its owner sign this
 * very request (RFC 4252 section 7)?
 */
#ifndef AAA_PUBKEY_H
#define AAA_PUBKEY_H

#include "base/err.h"
#include "base/span.h"
#include "ipc/messages.h"

#define PUBKEY_KEYS_MAX 256 /* of one user */

/*
 * The key in the request is one of the user's, sound, and of the type that
 * the request's algorithm signs with. Every key of the user is compared, in
 * constant time each.
 */
bool pubkey_is_known(const struct msg_judge *request);

/*
 * Known, and the signature verifies over the session id and the request,
 * which is put together here: nobody else says which bytes were signed.
 */
bool pubkey_judge(const struct msg_judge *request);

#endif
