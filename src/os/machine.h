/*
 * What Linux knows of the machine: from /proc, /sys and DMI. Nothing is made
 * up: what is not known is "", 0 or a failure, as each comment says.
 *
 * `root` is "" for the machine itself; tests give a directory of their own.
 */
#ifndef OS_MACHINE_H
#define OS_MACHINE_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define MACHINE_TEXT_MAX 128 /* bytes of a text, NUL included */

/* What does not change while it runs. Texts are printable and without `"`. */
struct machine {
    char cpu[MACHINE_TEXT_MAX]; /* model name of the first processor; "" */
    long cpu_revision;          /* its stepping; -1: not known */
    char architecture[MACHINE_TEXT_MAX]; /* "x86_64" */
    char kernel[MACHINE_TEXT_MAX];       /* "6.1.0-13-amd64" */
    /* DMI; "" when the firmware says nothing, or says that it knows nothing. */
    char vendor[MACHINE_TEXT_MAX];
    char product[MACHINE_TEXT_MAX];
    char version[MACHINE_TEXT_MAX];
    char serial[MACHINE_TEXT_MAX];  /* readable by root only */
    char boot_id[MACHINE_TEXT_MAX]; /* another one each time Linux starts */
};

void machine_read(const char *root, struct machine *machine);

/* Bytes. */
struct machine_memory {
    uint64_t total, available; /* available: without swapping */
    uint64_t swap;
};
/* ERR_SYSTEM, ERR_FORMAT: not known. */
MUST_CHECK enum err machine_memory_read(const char *root,
                                        struct machine_memory *memory);

/* Time of all processors since the machine started, in clock ticks. */
struct machine_cpu {
    uint64_t busy;       /* everything but idle and waiting for disks */
    uint64_t interrupts; /* of which for interrupts, soft ones too */
    uint64_t total;
};
/* ERR_SYSTEM, ERR_FORMAT: not known. */
MUST_CHECK enum err machine_cpu_read(const char *root, struct machine_cpu *cpu);

/* How many network interfaces of each kind there are. */
enum machine_link {
    MACHINE_LINK_ETHERNET, /* with a device behind it */
    MACHINE_LINK_WIRELESS,
    MACHINE_LINK_VIRTUAL, /* Ethernet without a device: bridge, veth, dummy */
    MACHINE_LINK_LOOPBACK,
    MACHINE_LINK_OTHER,
    MACHINE_LINKS,
};
void machine_links_count(const char *root, unsigned counts[MACHINE_LINKS]);

#endif
