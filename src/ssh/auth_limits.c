#include "ssh/auth_limits.h"

#include "ssh/conn.h"

bool
auth_user_is_fit(struct span user)
{
    if (user.len == 0 || user.len > SSH_USER_MAX)
        return false;
    for (size_t i = 0; i < user.len; i++)
        if (user.ptr[i] <= ' ' || user.ptr[i] == 0x7f)
            return false;
    return true;
}

bool
auth_secret_is_fit(struct span secret)
{
    return secret.len <= SSH_PASSWORD_MAX &&
           (secret.len == 0 || memchr(secret.ptr, 0, secret.len) == NULL);
}
