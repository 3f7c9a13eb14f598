#include "os/machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "os/proc.h"

#define LINK_ETHERNET 1 /* ARPHRD_ETHER and ARPHRD_LOOPBACK */
#define LINK_LOOPBACK 772

/* One line of a file as a text that can be shown; "" if it cannot be read. */
static void
read_line(const char *root, const char *path, char to[MACHINE_TEXT_MAX])
{
    char text[PROC_TEXT_MAX];

    to[0] = '\0';
    if (proc_read(root, path, text, sizeof(text)) == OK)
        proc_show(text, strcspn(text, "\n"), to, MACHINE_TEXT_MAX);
}

/* --- what does not change ----------------------------------------------- */

/* What firmware says that was never told. */
static bool
means_nothing(const char *text)
{
    static const char *const fillers[] = {
        "0",
        "none",
        "unknown",
        "not specified",
        "not applicable",
        "not available",
        "n/a",
        "default string",
        "system manufacturer",
        "system product name",
        "system version",
        "system serial number",
        "to be filled by o.e.m.",
        "o.e.m.",
        "invalid",
        "xxxxxxxx",
    };

    for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
        if (text_equal_nocase(text, fillers[i]))
            return true;
    return text[strspn(text, "0 .-")] == '\0';
}

static void
read_dmi(const char *root, const char *path, char to[MACHINE_TEXT_MAX])
{
    read_line(root, path, to);
    if (means_nothing(to))
        to[0] = '\0';
}

/* The value behind `key` and a colon, of the first processor that has it. */
static bool
find_cpu_field(const char *text, const char *key, char to[MACHINE_TEXT_MAX])
{
    size_t len = strlen(key);

    while (*text != '\0') {
        size_t line = strcspn(text, "\n");

        if (strncmp(text, key, len) == 0 && strchr(" \t:", text[len]) != NULL) {
            size_t value = len + strspn(text + len, " \t:");

            if (value < line) {
                proc_show(text + value, line - value, to, MACHINE_TEXT_MAX);
                return true;
            }
        }
        text += line + (text[line] == '\n');
    }
    return false;
}

/* x86 has a model name and a stepping, ARM other words or none. */
static void
read_cpu(const char *root, struct machine *machine)
{
    char text[PROC_TEXT_MAX], revision[MACHINE_TEXT_MAX];
    char *end;

    machine->cpu_revision = -1;
    if (proc_read(root, "/proc/cpuinfo", text, sizeof(text)) != OK)
        return;
    if (!find_cpu_field(text, "model name", machine->cpu) &&
        !find_cpu_field(text, "Model", machine->cpu) &&
        !find_cpu_field(text, "cpu model", machine->cpu))
        machine->cpu[0] = '\0';
    if (!find_cpu_field(text, "stepping", revision) &&
        !find_cpu_field(text, "CPU revision", revision))
        return;
    machine->cpu_revision = strtol(revision, &end, 0);
    if (end == revision || machine->cpu_revision < 0)
        machine->cpu_revision = -1;
}

void
machine_read(const char *root, struct machine *machine)
{
    struct utsname names;

    *machine = (struct machine){0};
    read_cpu(root, machine);
    if (uname(&names) == 0) {
        proc_show(names.machine, strlen(names.machine), machine->architecture,
                  MACHINE_TEXT_MAX);
        proc_show(names.release, strlen(names.release), machine->kernel,
                  MACHINE_TEXT_MAX);
    }
    read_dmi(root, "/sys/class/dmi/id/sys_vendor", machine->vendor);
    read_dmi(root, "/sys/class/dmi/id/product_name", machine->product);
    read_dmi(root, "/sys/class/dmi/id/product_version", machine->version);
    read_dmi(root, "/sys/class/dmi/id/product_serial", machine->serial);
    read_line(root, "/proc/sys/kernel/random/boot_id", machine->boot_id);
}

/* --- what moves --------------------------------------------------------- */

/* "MemTotal:  16303428 kB", in bytes. */
static bool
memory_field(const char *text, const char *key, uint64_t *bytes)
{
    const char *at = strstr(text, key);
    unsigned long long kb;

    if (at == NULL || sscanf(at + strlen(key), " %llu kB", &kb) != 1)
        return false;
    *bytes = kb * 1024;
    return true;
}

enum err
machine_memory_read(const char *root, struct machine_memory *memory)
{
    struct machine_memory read = {0};
    char text[PROC_TEXT_MAX];

    if (proc_read(root, "/proc/meminfo", text, sizeof(text)) != OK)
        return ERR_SYSTEM;
    if (!memory_field(text, "MemTotal:", &read.total) ||
        !memory_field(text, "MemAvailable:", &read.available) ||
        !memory_field(text, "SwapTotal:", &read.swap) ||
        read.available > read.total)
        return ERR_FORMAT;
    *memory = read;
    return OK;
}

enum err
machine_cpu_read(const char *root, struct machine_cpu *cpu)
{
    /* user nice system idle iowait irq softirq steal; proc(5) */
    unsigned long long t[8] = {0};
    char text[PROC_TEXT_MAX];

    if (proc_read(root, "/proc/stat", text, sizeof(text)) != OK)
        return ERR_SYSTEM;
    if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0],
               &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) < 4)
        return ERR_FORMAT;
    cpu->interrupts = t[5] + t[6];
    cpu->busy = t[0] + t[1] + t[2] + cpu->interrupts;
    /* What a hypervisor took for others is neither ours nor idle. */
    cpu->total = cpu->busy + t[3] + t[4] + t[7];
    return OK;
}

/* --- network interfaces ------------------------------------------------- */

static bool
link_has(const char *root, const char *name, const char *what)
{
    char path[PROC_PATH_MAX];

    if (!proc_path(path, "%s/sys/class/net/%s/%s", root, name, what))
        return false;
    return access(path, F_OK) == 0;
}

static enum machine_link
link_kind(const char *root, const char *name)
{
    char path[PROC_PATH_MAX], text[MACHINE_TEXT_MAX];
    long type;

    if (!proc_path(path, "/sys/class/net/%s/type", name))
        return MACHINE_LINK_OTHER;
    read_line(root, path, text);
    type = strtol(text, NULL, 10);
    if (type == LINK_LOOPBACK)
        return MACHINE_LINK_LOOPBACK;
    if (type != LINK_ETHERNET)
        return MACHINE_LINK_OTHER;
    if (link_has(root, name, "phy80211") || link_has(root, name, "wireless"))
        return MACHINE_LINK_WIRELESS;
    return link_has(root, name, "device") ? MACHINE_LINK_ETHERNET
                                          : MACHINE_LINK_VIRTUAL;
}

void
machine_links_count(const char *root, unsigned counts[MACHINE_LINKS])
{
    char path[PROC_PATH_MAX];
    const struct dirent *entry;
    DIR *dir;

    for (unsigned i = 0; i < MACHINE_LINKS; i++)
        counts[i] = 0;
    if (!proc_path(path, "%s/sys/class/net", root))
        return;
    dir = opendir(path);
    if (dir == NULL)
        return;
    /* "bonding_masters" lies there as well; it is a file. */
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && entry->d_type != DT_REG)
            counts[link_kind(root, entry->d_name)]++;
    closedir(dir);
}
