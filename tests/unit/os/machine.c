/* Laws of what is read of a machine; the machine is a directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/machine.h"
#include "os/proc.h"

static char root[64];

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int
setup(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/vtyd-machine.XXXXXX");
    return mkdtemp(root) == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A file below the root, with the directories above it. */
static void
put(const char *path, const char *text)
{
    char whole[512];
    FILE *file;

    snprintf(whole, sizeof(whole), "%s%s", root, path);
    for (char *c = whole + strlen(root) + 1; *c != '\0'; c++)
        if (*c == '/') {
            *c = '\0';
            mkdir(whole, 0700);
            *c = '/';
        }
    if (whole[strlen(whole) - 1] == '/')
        return;
    file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
test_an_x86_with_dmi_is_known(void **state)
{
    struct machine machine;

    (void)state;
    put("/proc/cpuinfo", "processor\t: 0\nmodel\t\t: 207\n"
                         "model name\t: Intel(R) \"Xeon\"(R)  \n"
                         "stepping\t: 2\n\nprocessor\t: 1\n"
                         "model name\t: another\n");
    put("/sys/class/dmi/id/sys_vendor", "Acme\n");
    put("/sys/class/dmi/id/product_name", "Box 1\x01\n");
    put("/sys/class/dmi/id/product_version", "To Be Filled By O.E.M.\n");
    put("/sys/class/dmi/id/product_serial", "SN0017\n");
    put("/proc/sys/kernel/random/boot_id", "af-01\n");
    machine_read(root, &machine);
    assert_string_equal(machine.cpu, "Intel(R) Xeon(R)");
    assert_int_equal(machine.cpu_revision, 2);
    assert_string_equal(machine.vendor, "Acme");
    assert_string_equal(machine.product, "Box 1\\x01");
    assert_string_equal(machine.version, "");
    assert_string_equal(machine.serial, "SN0017");
    assert_string_equal(machine.boot_id, "af-01");
    assert_true(machine.architecture[0] != '\0' && machine.kernel[0] != '\0');
}

static void
test_what_is_not_there_is_not_known(void **state)
{
    struct machine machine;
    struct machine_memory memory;
    struct machine_cpu cpu;
    unsigned links[MACHINE_LINKS];

    (void)state;
    machine_read(root, &machine);
    assert_string_equal(machine.cpu, "");
    assert_int_equal(machine.cpu_revision, -1);
    assert_string_equal(machine.serial, "");
    assert_int_equal(machine_memory_read(root, &memory), ERR_SYSTEM);
    assert_int_equal(machine_cpu_read(root, &cpu), ERR_SYSTEM);
    machine_links_count(root, links);
    for (unsigned i = 0; i < MACHINE_LINKS; i++)
        assert_int_equal(links[i], 0);
    put("/proc/meminfo", "nonsense\n");
    put("/proc/stat", "cpu x\n");
    assert_int_equal(machine_memory_read(root, &memory), ERR_FORMAT);
    assert_int_equal(machine_cpu_read(root, &cpu), ERR_FORMAT);
}

static void
test_memory_and_processors_are_counted(void **state)
{
    struct machine_memory memory;
    struct machine_cpu cpu;

    (void)state;
    put("/proc/meminfo", "MemTotal:        2048 kB\nMemFree:  1 kB\n"
                         "MemAvailable:     512 kB\nSwapTotal:  64 kB\n");
    assert_int_equal(machine_memory_read(root, &memory), OK);
    assert_int_equal(memory.total, 2048 * 1024);
    assert_int_equal(memory.available, 512 * 1024);
    assert_int_equal(memory.swap, 64 * 1024);
    put("/proc/stat", "cpu  1 2 4 8 16 32 64 128 0 0\ncpu0 1 1 1 1\n");
    assert_int_equal(machine_cpu_read(root, &cpu), OK);
    assert_int_equal(cpu.interrupts, 96);
    assert_int_equal(cpu.busy, 103);
    assert_int_equal(cpu.total, 255);
}

static void
test_interfaces_are_told_apart(void **state)
{
    unsigned links[MACHINE_LINKS];

    (void)state;
    put("/sys/class/net/lo/type", "772\n");
    put("/sys/class/net/eth0/type", "1\n");
    put("/sys/class/net/eth0/device/", "");
    put("/sys/class/net/wlan0/type", "1\n");
    put("/sys/class/net/wlan0/device/", "");
    put("/sys/class/net/wlan0/phy80211/", "");
    put("/sys/class/net/br0/type", "1\n");
    put("/sys/class/net/tun0/type", "65534\n");
    put("/sys/class/net/bonding_masters", "\n");
    machine_links_count(root, links);
    assert_int_equal(links[MACHINE_LINK_LOOPBACK], 1);
    assert_int_equal(links[MACHINE_LINK_ETHERNET], 1);
    assert_int_equal(links[MACHINE_LINK_WIRELESS], 1);
    assert_int_equal(links[MACHINE_LINK_VIRTUAL], 1);
    assert_int_equal(links[MACHINE_LINK_OTHER], 1);
}

static void
test_a_process_may_have_any_name(void **state)
{
    struct process p;

    (void)state;
    put("/proc/12/stat", "12 (a) R (b) S 1 2 3 4 5 6 7 8 9 10 25 50 0 0 20 0 "
                         "1 0 777 4096 3 18446744073709551615 1 1\n");
    put("/proc/12/status", "Name:\tx\nvoluntary_ctxt_switches:\t5\n"
                           "nonvoluntary_ctxt_switches:\t2\n");
    put("/proc/12/cmdline", "vtyd-worker: server ");
    assert_int_equal(process_read(root, 12, true, &p), OK);
    assert_int_equal(p.state, 'S');
    assert_int_equal(p.cpu_ms, 75 * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
    assert_int_equal(p.started, 777);
    assert_int_equal(p.virtual, 4096);
    assert_int_equal(p.resident, 3 * (uint64_t)sysconf(_SC_PAGESIZE));
    assert_int_equal(p.switches, 7);
    assert_string_equal(p.name, "vtyd-worker: server");
    put("/proc/12/cmdline", "/usr/sbin/vtyd");
    assert_int_equal(process_read(root, 12, true, &p), OK);
    assert_string_equal(p.name, "vtyd");
    put("/proc/12/stat", "12 (cut");
    assert_int_equal(process_read(root, 12, false, &p), ERR_FORMAT);
    assert_int_equal(process_read(root, 13, false, &p), ERR_SYSTEM);
}

static void
test_a_process_knows_its_children(void **state)
{
    pid_t pids[8];
    pid_t child = fork();
    size_t count;
    bool found = false;

    (void)state;
    if (child == 0) {
        pause();
        _exit(0);
    }
    count = process_family(pids, 8);
    assert_int_equal(pids[0], getpid());
    for (size_t i = 1; i < count; i++)
        found = found || pids[i] == child;
    assert_true(found);
    assert_int_equal(process_family(pids, 1), 1);
    kill(child, SIGKILL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_an_x86_with_dmi_is_known),
        TEST(test_what_is_not_there_is_not_known),
        TEST(test_memory_and_processors_are_counted),
        TEST(test_interfaces_are_told_apart),
        TEST(test_a_process_may_have_any_name),
        TEST(test_a_process_knows_its_children),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
