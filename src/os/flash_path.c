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

static bool
is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._+- ", c) != NULL) ||
           (unsigned char)c >= 0x80;
}

/* Nothing in it would be escaped: no C1, no bad UTF-8, no turned writing. */
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
    for (size_t i = 0; i < len; i++)
        if (!is_name_byte(name[i]))
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
