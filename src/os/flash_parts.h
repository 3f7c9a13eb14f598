/*
 * What flash.c (looking, reading, writing), flash_list.c and flash_change.c
 * share.
 */
#ifndef OS_FLASH_PARTS_H
#define OS_FLASH_PARTS_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "os/flash.h"

#define FLASH_MODE_ALL 0777

struct flash {
    int dir, fresh; /* flash/ and flash/.new/ */
    atomic_uint serial;
};

/* --- flash.c ------------------------------------------------------------ */

/* ERR_SYSTEM, with this errno. */
enum err flash_failed(int reason);
/* On the way out of a failure whose errno must survive. */
void flash_close_quietly(int fd);
bool flash_is_ours(const struct stat *st);
/* Below flash/, through no link: open(2), with -1 and errno. */
int flash_open_beneath(const struct flash *f, const char *path, int flags);
enum err flash_open_directory(const struct flash *f, const char *path, int *fd);
/* The directory that holds the last component, and where that begins. */
enum err flash_open_parent(const struct flash *f, const char *path, int *fd,
                           const char **name);
/* Of what an open parent holds; EACCES when it is nothing of ours. */
enum err flash_stat_in(int parent, const char *name, struct stat *st);

/* All but the name, which becomes NULL. */
void flash_entry_set(struct flash_entry *entry, const struct stat *st);

/* --- flash_change.c ----------------------------------------------------- */

/* Its mode gets the bits of `least` besides. */
enum err flash_set_open(int fd, const struct flash_attributes *attributes,
                        unsigned least);
/* rename(2) that replaces nothing. EEXIST. */
enum err flash_rename_in(int from, const char *from_name, int to,
                         const char *to_name);

#endif
