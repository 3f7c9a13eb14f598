#include "base/secret.h"

void
wipe(void *ptr, size_t len)
{
    if (len > 0)
        explicit_bzero(ptr, len);
}

bool
secret_set(struct secret *s, struct span bytes)
{
    secret_clear(s);
    if (bytes.len > SECRET_MAX)
        return false;
    if (bytes.len > 0)
        memcpy(s->bytes, bytes.ptr, bytes.len);
    s->len = bytes.len;
    return true;
}

void
secret_clear(struct secret *s)
{
    wipe(s, sizeof(*s));
}
