/*
 * What is a path below flash: at all.
 */
#include <errno.h>

#include "base/text.h"
#include "os/flash.h"

static enum err
failed(int reason)
{
    errno = reason;
    return ERR_SYSTEM;
}

/*
 * Nothing in it would be escaped: no control byte, no bad UTF-8, no turned
 * writing, and no backslash, by which escapes begin.
 */
static bool
is_shown_as_it_is(const char *name, size_t len)
{
    char shown[FLASH_NAME_MAX + 5];

    text_escape(shown, sizeof(shown), span_of(name, len));
    return strlen(shown) == len && memcmp(shown, name, len) == 0;
}

/* One component, up to `/` or the end. */
static enum err
check_name(const char *name, size_t len)
{
    if (len == 0 || name[0] == '.' || name[0] == ' ' || name[len - 1] == ' ')
        return failed(EINVAL);
    if (len > FLASH_NAME_MAX)
        return failed(ENAMETOOLONG);
    /* What stands before a colon is a device. */
    if (memchr(name, ':', len) != NULL)
        return failed(EINVAL);
    return is_shown_as_it_is(name, len) ? OK : failed(EINVAL);
}

enum err
flash_check_path(const char *path)
{
    unsigned depth = 0;

    if (path[0] == '\0')
        return OK;
    if (strlen(path) >= FLASH_PATH_MAX)
        return failed(ENAMETOOLONG);
    for (const char *at = path;; at++) {
        size_t len = strcspn(at, "/");

        if (check_name(at, len) != OK)
            return ERR_SYSTEM;
        if (++depth > FLASH_DEPTH_MAX)
            return failed(ENAMETOOLONG);
        at += len;
        if (*at == '\0')
            return OK;
    }
}
