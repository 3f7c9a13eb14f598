/*
 * Which names and secrets a backend may see at all (hardening 4.7 to 4.9), in
 * both versions; the rest fails like a wrong password.
 */
#ifndef SSH_AUTH_LIMITS_H
#define SSH_AUTH_LIMITS_H

#include "base/span.h"

/* 1 to SSH_USER_MAX bytes, none of them a blank or a control character. */
bool auth_user_is_fit(struct span user);
/* Neither too long to be hashed, nor cut short by a C string. */
bool auth_secret_is_fit(struct span secret);

#endif
