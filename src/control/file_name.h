/*
 * The names that users give files: `flash:name`, `flash:/dir/name`,
 * `/flash:/name`, `flash0:`, `bootflash:`, `nvram:startup-config`,
 * `system:running-config`, `null:`, and names without a device, which are in
 * the user's current directory.
 */
#ifndef CONTROL_FILE_NAME_H
#define CONTROL_FILE_NAME_H

#include "os/flash.h"

enum file_system {
    FILE_FLASH,  /* flash/ of the state directory; os/flash.h */
    FILE_NVRAM,  /* startup-config */
    FILE_SYSTEM, /* running-config */
    FILE_NULL,   /* takes everything, keeps nothing */
};

#define FILE_DEVICE_MAX 12   /* "bootflash:", NUL included */
#define FILE_SHOWN_MAX  1280 /* device, slash and an escaped path */
#define FILE_STARTUP    "startup-config"
#define FILE_RUNNING    "running-config"

struct file_name {
    enum file_system system;
    char device[FILE_DEVICE_MAX]; /* as typed, in lower case: "flash:" */
    char path[FLASH_PATH_MAX];    /* as os/flash.h has it; "": the device */
    bool as_directory;            /* a slash stood at its end */
    bool relative;                /* no device was typed */
    /* Safe for screens: "flash:/dir/name"; set for bad names as well. */
    char shown[FILE_SHOWN_MAX];
};

/*
 * `directory` is where names without a device are looked for, as
 * file_name_parse() has shown it ("flash:/"). ERR_SYSTEM: `reason` is ENODEV
 * for a device that there is not, ENOENT for what neither nvram: nor system:
 * has, EINVAL or ENAMETOOLONG for what is no path.
 */
MUST_CHECK enum err file_name_parse(const char *typed, const char *directory,
                                    struct file_name *name, int *reason);

/* The last component, "" for a device alone. Borrowed from `name`. */
const char *file_name_last(const struct file_name *name);

/* Both are one and the same file. */
bool file_name_equal(const struct file_name *a, const struct file_name *b);

#endif
