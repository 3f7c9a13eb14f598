/* Laws of the nursery, played by the test: every worker is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "control/children.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/nursery.h"
#include "ipc/messages.h"
#include "ipc/pipe.h"
#include "os/spawn.h"

#define FIRST_PID 70000
#define WORKERS   3

/* --- what is around it ------------------------------------------------- */

static struct world {
    struct router router;
    struct nurseries *nurseries;
    struct pipe *nursery; /* the end of the one that was started last */
    unsigned nurseries_started;
    child_fn ended; /* of the first one */
    void *owner;
    unsigned started;
    pid_t pids[WORKERS];
} world;

uint64_t
router_now_ms(const struct router *r)
{
    return uv_now(&r->loop);
}

void
helpers_user(const struct router *r, uid_t *uid, gid_t *gid)
{
    (void)r;
    *uid = *gid = 0;
}

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    (void)r, (void)source, (void)facility;
    (void)severity, (void)mnemonic, (void)format;
}

enum err
program_path(const char *name, char *path, size_t room)
{
    return text_copy(path, room, name) ? OK : ERR_NOT_FOUND;
}

enum err
spawn_program(const char *path, char *const argv[], int pipe_fd, uid_t uid,
              gid_t gid, pid_t *pid)
{
    (void)path, (void)argv, (void)uid, (void)gid;
    pipe_free(world.nursery);
    world.nursery = pipe_new(dup(pipe_fd));
    *pid = (pid_t)(100 + world.nurseries_started++);
    return OK;
}

void
children_watch(struct router *r, pid_t pid, child_fn fn, void *owner)
{
    (void)r, (void)pid;
    if (world.nurseries_started > 1)
        return;
    world.ended = fn;
    world.owner = owner;
}

void
children_forget(struct router *r, pid_t pid)
{
    (void)r, (void)pid;
}

bool
child_crashed(int status)
{
    return status != 0;
}

void
child_status_text(int status, char *to, size_t room)
{
    snprintf(to, room, "%d", status);
}

static void
on_started(struct router *r, uint32_t connection, pid_t pid)
{
    (void)r;
    assert_in_range(connection, 1, WORKERS);
    world.started++;
    world.pids[connection - 1] = pid;
}

/* --- the nursery ------------------------------------------------------- */

static void
ask(uint32_t connection)
{
    int peer[2], way[2];

    assert_int_equal(pipe_pair(peer), OK);
    assert_int_equal(pipe_pair(way), OK);
    nursery_ask(world.nurseries, connection, ROLE_SERVER, peer[0], way[0]);
    close(peer[1]);
    close(way[1]);
}

/* Take a START as a nursery does, and say who the worker is. */
static void
answer(uint32_t connection)
{
    struct message m = {.type = MSG_STARTED};
    struct buf encoded;
    struct span bytes;
    int fds[PIPE_FDS_MAX];

    assert_int_equal(pipe_receive(world.nursery, &bytes, fds), OK);
    for (size_t i = 0; i < PIPE_FDS_MAX; i++)
        close(fds[i]);
    m.started.connection = connection;
    m.started.pid = FIRST_PID + connection;
    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, &m);
    assert_int_equal(pipe_send(world.nursery, buf_span(&encoded), NULL, 0), OK);
    buf_clear(&encoded);
}

static int
setup(void **state)
{
    (void)state;
    world = (struct world){.nursery = NULL};
    uv_loop_init(&world.router.loop);
    world.nurseries = nurseries_new(&world.router, on_started);
    assert_non_null(world.nurseries);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    nurseries_free(world.nurseries);
    pipe_free(world.nursery);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world.router.loop), 0);
    return 0;
}

/* --- laws -------------------------------------------------------------- */

static void
test_last_answers_of_a_nursery_that_has_ended_count(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= WORKERS; i++)
        ask(i);
    for (uint32_t i = 1; i <= WORKERS; i++)
        answer(i);
    /* Its end is known before the loop came to its messages. */
    world.ended(world.owner, 100, 0);
    assert_int_equal(world.started, WORKERS);
    for (uint32_t i = 1; i <= WORKERS; i++)
        assert_int_equal(world.pids[i - 1], FIRST_PID + i);
}

static void
test_of_what_it_never_answered_nothing_is_known(void **state)
{
    (void)state;
    ask(1);
    ask(2);
    answer(1);
    world.ended(world.owner, 100, 1);
    assert_int_equal(world.started, 2);
    assert_int_equal(world.pids[0], FIRST_PID + 1);
    assert_int_equal(world.pids[1], 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_last_answers_of_a_nursery_that_has_ended_count),
        TEST(test_of_what_it_never_answered_nothing_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
