#include "control/file_name.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"

static const struct {
    const char *name;
    enum file_system system;
} devices[] = {
    {"flash:", FILE_FLASH},     {"flash0:", FILE_FLASH},
    {"bootflash:", FILE_FLASH}, {"nvram:", FILE_NVRAM},
    {"system:", FILE_SYSTEM},   {"null:", FILE_NULL},
};

/* Its device; returns how many bytes of `typed` that are, 0: there is none. */
static size_t
take_device(const char *typed, struct file_name *name)
{
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        if (!text_starts_nocase(typed, devices[i].name))
            continue;
        name->system = devices[i].system;
        text_copy(name->device, sizeof(name->device), devices[i].name);
        return strlen(devices[i].name);
    }
    return 0;
}

/* "flash:/" and what is behind it, whether that is a path or not. */
static void
show(struct file_name *name, const char *path)
{
    char escaped[FILE_SHOWN_MAX - FILE_DEVICE_MAX];

    text_escape(escaped, sizeof(escaped), span_text(path));
    snprintf(name->shown, sizeof(name->shown), "%s/%s", name->device, escaped);
}

/* The slash in front says nothing, the one behind that it is a directory. */
static enum err
take_path(struct file_name *name, const char *text, int *reason)
{
    size_t len;

    text += text[0] == '/';
    len = strlen(text);
    show(name, text);
    name->as_directory = len > 0 && text[len - 1] == '/';
    len -= name->as_directory;
    if (!text_copy_span(name->path, sizeof(name->path), span_of(text, len))) {
        *reason = ENAMETOOLONG;
        return ERR_SYSTEM;
    }
    if (flash_check_path(name->path) != OK) {
        *reason = errno;
        return ERR_SYSTEM;
    }
    show(name, name->path);
    return OK;
}

/* nvram: and system: have one file each. */
static enum err
check_only_file(const struct file_name *name, int *reason)
{
    const char *only = name->system == FILE_NVRAM ? FILE_STARTUP : FILE_RUNNING;

    if (name->system == FILE_FLASH || name->system == FILE_NULL ||
        name->path[0] == '\0' ||
        (strcmp(name->path, only) == 0 && !name->as_directory))
        return OK;
    *reason = ENOENT;
    return ERR_SYSTEM;
}

/* "core/x" in "flash:/lib": "lib/core/x". */
static enum err
join(const char *directory, const char *typed, char path[FLASH_PATH_MAX],
     int *reason)
{
    size_t len = strlen(directory);
    const char *slash =
        len == 0 || directory[len - 1] == '/' || typed[0] == '\0' ? "" : "/";
    int made =
        snprintf(path, FLASH_PATH_MAX, "%s%s%s", directory, slash, typed);

    if (made >= 0 && made < FLASH_PATH_MAX)
        return OK;
    *reason = ENAMETOOLONG;
    return ERR_SYSTEM;
}

enum err
file_name_parse(const char *typed, const char *directory,
                struct file_name *name, int *reason)
{
    const char *text = typed + (typed[0] == '/');
    char path[FLASH_PATH_MAX];
    size_t device;

    *name = (struct file_name){.system = FILE_FLASH};
    device = take_device(text, name);
    if (device == 0 && strchr(typed, ':') != NULL) {
        text_escape(name->shown, sizeof(name->shown), span_text(typed));
        *reason = ENODEV;
        return ERR_SYSTEM;
    }
    if (device == 0) {
        name->relative = true;
        device = take_device(directory, name);
        text_copy(path, sizeof(path), typed);
        if (typed[0] != '/' &&
            join(directory + device, typed, path, reason) != OK) {
            show(name, typed);
            return ERR_SYSTEM;
        }
        text = path;
    } else {
        text += device;
    }
    if (take_path(name, text, reason) != OK)
        return ERR_SYSTEM;
    return check_only_file(name, reason);
}

const char *
file_name_last(const struct file_name *name)
{
    const char *slash = strrchr(name->path, '/');

    return slash == NULL ? name->path : slash + 1;
}

bool
file_name_equal(const struct file_name *a, const struct file_name *b)
{
    return a->system == b->system && strcmp(a->path, b->path) == 0;
}
