/*
 * The nursery and the birth of workers: what they have, what they are called,
 * and that no two of them share a random byte.
 */
#include "stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 1000
#define COOKIE   16

static const char *program;

static void
read_text(pid_t pid, const char *name, char *text, size_t room)
{
    char path[64];
    ssize_t len;
    int fd;

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    len = read(fd, text, room - 1);
    assert_true(len > 0);
    text[len] = '\0';
    close(fd);
}

static void
test_processes_are_named_by_their_role(void **state)
{
    struct nursery n;
    struct guest g;
    char text[128];

    (void)state;
    nursery_start(&n, program);
    guest_start_server(&g, &n);
    /* Its name comes after its birth is told: look when it is at work. */
    guest_begin(&g);
    guest_run(&g, guest_channels_closed);
    read_text(n.pid, "comm", text, sizeof(text));
    assert_string_equal(text, "vtyd-nursery\n");
    read_text(g.pid, "comm", text, sizeof(text));
    assert_string_equal(text, "vtyd-worker\n");
    read_text(g.pid, "cmdline", text, sizeof(text));
    assert_string_equal(text, "vtyd-worker: server");
    guest_clear(&g);
    assert_int_equal(guest_status(&g), 0);
    nursery_stop(&n);
}

/* Descriptors that are open in the process, as bits. */
static unsigned
open_descriptors(pid_t pid)
{
    char path[64];
    unsigned open = 0;
    struct dirent *entry;
    DIR *dir;

    (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            open |= 1U << atoi(entry->d_name);
    closedir(dir);
    return open;
}

static void
test_a_worker_has_its_two_descriptors_only(void **state)
{
    struct nursery n;
    struct guest a, b;

    (void)state;
    nursery_start(&n, program);
    guest_start_server(&a, &n);
    guest_start_server(&b, &n);
    /* Its signs of life come after its descriptors are in place. */
    guest_begin(&a);
    guest_begin(&b);
    guest_run(&a, guest_channels_closed);
    guest_run(&b, guest_channels_closed);
    assert_int_equal(open_descriptors(a.pid), 0x1f);
    assert_int_equal(open_descriptors(b.pid), 0x1f);
    assert_int_equal(open_descriptors(n.pid), 0x0f);
    guest_clear(&a);
    guest_clear(&b);
    assert_int_equal(guest_status(&a), 0);
    assert_int_equal(guest_status(&b), 0);
    nursery_stop(&n);
}

/* Read until `len` bytes are there. */
static void
read_all(int fd, uint8_t *to, size_t len)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};

    while (len > 0) {
        ssize_t got;

        assert_int_equal(poll(&readable, 1, 20000), 1);
        got = read(fd, to, len);
        assert_true(got > 0);
        to += got;
        len -= (size_t)got;
    }
}

/* The server's identification, then KEXINIT: number and cookie in front. */
static void
read_cookie(int fd, uint8_t cookie[COOKIE])
{
    uint8_t byte = 0, head[6];

    while (byte != '\n')
        read_all(fd, &byte, 1);
    read_all(fd, head, sizeof(head));
    assert_int_equal(head[5], 20);
    read_all(fd, cookie, COOKIE);
}

static int
compare_cookies(const void *a, const void *b)
{
    return memcmp(a, b, COOKIE);
}

static void
test_no_two_children_share_a_cookie(void **state)
{
    static uint8_t cookies[CHILDREN][COOKIE];
    struct nursery n;

    (void)state;
    nursery_start(&n, program);
    for (size_t i = 0; i < CHILDREN; i++) {
        struct guest g;

        guest_start_server(&g, &n);
        guest_begin(&g);
        assert_int_equal(send(g.peer, "SSH-2.0-cookies\r\n", 17, 0), 17);
        read_cookie(g.peer, cookies[i]);
        guest_clear(&g);
        assert_int_equal(guest_status(&g), 0);
    }
    qsort(cookies, CHILDREN, COOKIE, compare_cookies);
    for (size_t i = 1; i < CHILDREN; i++)
        assert_memory_not_equal(cookies[i - 1], cookies[i], COOKIE);
    nursery_stop(&n);
}

static void
test_workers_outlive_their_nursery(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    nursery_start(&n, program);
    guest_start_server(&g, &n);
    guest_begin(&g);
    nursery_stop(&n);
    guest_run(&g, guest_channels_closed);
    assert_true(guest_sees(&g, "did show version\r\n"));
    guest_clear(&g);
    assert_int_equal(guest_status(&g), 0);
}

static void
test_a_worker_ends_with_control(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    nursery_start(&n, program);
    guest_start_server(&g, &n);
    pipe_free(g.pipe);
    g.pipe = NULL;
    assert_int_equal(guest_status(&g), 0);
    guest_clear(&g);
    nursery_stop(&n);
}

static void
test_what_is_no_start_ends_the_nursery(void **state)
{
    struct message m = {.type = MSG_EXIT};
    struct nursery n;
    struct buf encoded;
    int status;

    (void)state;
    nursery_start(&n, program);
    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, &m);
    assert_int_equal(pipe_send(n.pipe, buf_span(&encoded), NULL, 0), OK);
    buf_clear(&encoded);
    assert_int_equal(waitpid(n.pid, &status, 0), n.pid);
    pipe_free(n.pipe);
}

static void
test_started_by_hand_it_tells_its_usage(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    if (pid == 0) {
        close(STDERR_FILENO);
        execl(program, "vtyd-worker", "one", (char *)NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 2);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_are_named_by_their_role),
        cmocka_unit_test(test_a_worker_has_its_two_descriptors_only),
        cmocka_unit_test(test_no_two_children_share_a_cookie),
        cmocka_unit_test(test_workers_outlive_their_nursery),
        cmocka_unit_test(test_a_worker_ends_with_control),
        cmocka_unit_test(test_what_is_no_start_ends_the_nursery),
        cmocka_unit_test(test_started_by_hand_it_tells_its_usage),
    };

    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
