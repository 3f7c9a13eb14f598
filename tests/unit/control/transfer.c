/* The files of a channel, as its worker asks for them. */
#include "control/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/files.h"

#define CHANNEL 3

/* A router that has files and nothing else, and a worker that is played. */
struct fixture {
    struct router router;
    char path[64];
    int dir;
    struct transfer *t;
    bool forbidden;
    unsigned answers;
    struct msg_file_result got; /* `text` and `page` are the next two */
    char text[128], page[256];
    int fd; /* the caller's; -1 */
};

/* --- the worker ----------------------------------------------------------- */

static void
on_sent(void *owner, const struct message *m, int fd)
{
    struct fixture *f = owner;

    assert_int_equal(m->type, MSG_FILE_RESULT);
    assert_int_equal(m->file_result.channel, CHANNEL);
    f->answers++;
    f->got = m->file_result;
    text_copy_span(f->text, sizeof(f->text), m->file_result.text);
    f->page[0] = '\0';
    for (size_t at = 0; at + 4 < m->file_result.page.len;) {
        const uint8_t *name = m->file_result.page.ptr + at + 4;
        size_t len = name[-1];

        strncat(f->page, (const char *)name, len);
        strncat(f->page, " ", 2);
        at += 4 + len + 1 + 8 + 4 + 8 + 8;
    }
    if (f->fd >= 0)
        close(f->fd);
    f->fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static bool
permitted(void *owner)
{
    const struct fixture *f = owner;

    return !f->forbidden;
}

static bool
say(struct fixture *f, const struct message *m)
{
    return transfer_on_message(f->t, m);
}

/* Until the answer to what was said last has come. */
static void
wait_answer(struct fixture *f, enum file_status expected)
{
    while (f->answers == 0)
        uv_run(&f->router.loop, UV_RUN_ONCE);
    assert_int_equal(f->answers, 1);
    f->answers = 0;
    assert_int_equal(f->got.status, expected);
}

static void
ask(struct fixture *f, const struct message *m, enum file_status expected)
{
    assert_true(say(f, m));
    wait_answer(f, expected);
}

/* --- requests ------------------------------------------------------------- */

static struct message
opening(uint32_t handle, const char *path, enum file_access access)
{
    struct message m = {.type = MSG_FILE_OPEN};

    m.file_open.channel = CHANNEL;
    m.file_open.handle = handle;
    m.file_open.access = (uint8_t)access;
    m.file_open.path = span_text(path);
    return m;
}

static struct message
committing(uint32_t handle, uint64_t bytes)
{
    struct message m = {.type = MSG_FILE_COMMIT};

    m.file_commit.channel = CHANNEL;
    m.file_commit.handle = handle;
    m.file_commit.bytes = bytes;
    return m;
}

static struct message
abandoning(uint32_t handle)
{
    struct message m = {.type = MSG_FILE_ABANDON};

    m.file_abandon.channel = CHANNEL;
    m.file_abandon.handle = handle;
    return m;
}

/* One with FILE_NAME_FIELDS. */
static struct message
named(enum message_type type, const char *path)
{
    struct message m = {.type = type};

    m.file_stat.channel = CHANNEL;
    m.file_stat.path = span_text(path);
    return m;
}

/* Create it, and write to the descriptor that has come. */
static void
create(struct fixture *f, uint32_t handle, const char *path, const char *text)
{
    struct message m = opening(handle, path, FILE_ACCESS_CREATE);

    ask(f, &m, FILE_STATUS_OK);
    assert_true(f->fd >= 0);
    assert_int_equal(write(f->fd, text, strlen(text)), strlen(text));
}

static void
store(struct fixture *f, const char *path, const char *text)
{
    struct message m = committing(0, strlen(text));

    create(f, 0, path, text);
    ask(f, &m, FILE_STATUS_OK);
}

/* --- the disk ------------------------------------------------------------- */

/* What is in flash/ at `name`; NULL: nothing is there. */
static const char *
on_disk(struct fixture *f, const char *name)
{
    static char text[128];
    char path[128];
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "%s/flash/%s", f->path, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len < 0 ? 0 : len] = '\0';
    return text;
}

static unsigned unfinished;

static int
count_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)path;
    (void)st;
    (void)at;
    unfinished += kind == FTW_F;
    return 0;
}

static unsigned
count_unfinished(struct fixture *f)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/flash/.new", f->path);
    unfinished = 0;
    nftw(path, count_one, 16, FTW_PHYS);
    return unfinished;
}

/* --- the fixture ---------------------------------------------------------- */

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct transfer_setup how = {.channel = CHANNEL,
                                 .user = "lab",
                                 .who = "lab on vty0",
                                 .send = on_sent,
                                 .permitted = permitted};

    if (f == NULL || uv_loop_init(&f->router.loop) != 0)
        return -1;
    snprintf(f->path, sizeof(f->path), "/tmp/vtyd-transfer-XXXXXX");
    if (mkdtemp(f->path) == NULL)
        return -1;
    f->fd = -1;
    f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    files_open(&f->router, f->dir);
    how.router = &f->router;
    how.owner = f;
    f->t = transfer_new(&how);
    *state = f;
    return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    transfer_free(f->t);
    files_close(&f->router);
    close(f->dir);
    if (f->fd >= 0)
        close(f->fd);
    nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (uv_loop_close(&f->router.loop) != 0)
        return -1;
    free(f);
    return 0;
}

/* --- files that come ------------------------------------------------------ */

static void
test_a_file_is_in_sight_when_it_is_committed(void **state)
{
    struct fixture *f = *state;
    struct message m = committing(5, 5);

    create(f, 5, "flash:/x", "hello");
    assert_null(on_disk(f, "x"));
    assert_int_equal(count_unfinished(f), 1);
    m.file_commit.has_mode = true;
    m.file_commit.mode = 0640;
    m.file_commit.has_times = true;
    m.file_commit.changed_s = m.file_commit.accessed_s = 1000;
    ask(f, &m, FILE_STATUS_OK);
    assert_string_equal(on_disk(f, "x"), "hello");
    assert_int_equal(count_unfinished(f), 0);
    m = named(MSG_FILE_STAT, "flash:/x");
    ask(f, &m, FILE_STATUS_OK);
    assert_int_equal(f->got.kind, '-');
    assert_int_equal(f->got.bytes, 5);
    assert_int_equal(f->got.mode, 0640);
    assert_int_equal(f->got.changed_s, 1000);
}

static void
test_what_is_abandoned_leaves_the_old_file(void **state)
{
    struct fixture *f = *state;
    struct message m = abandoning(1);

    store(f, "x", "before");
    create(f, 1, "x", "after");
    assert_true(say(f, &m));
    assert_string_equal(on_disk(f, "x"), "before");
    /* The handle may be used again. */
    create(f, 1, "x", "after");
    transfer_free(f->t);
    f->t = NULL;
    assert_string_equal(on_disk(f, "x"), "before");
    /* Removing is work for a thread. */
    while (count_unfinished(f) > 0)
        uv_run(&f->router.loop, UV_RUN_NOWAIT);
}

static void
test_a_file_that_must_be_new(void **state)
{
    struct fixture *f = *state;
    struct message m = opening(0, "x", FILE_ACCESS_CREATE);

    /* One that came meanwhile counts as well. */
    m.file_open.must_be_new = true;
    ask(f, &m, FILE_STATUS_OK);
    m.file_open.handle = 1;
    m.file_open.must_be_new = false;
    ask(f, &m, FILE_STATUS_OK);
    m = committing(1, 0);
    ask(f, &m, FILE_STATUS_OK);
    m = committing(0, 0);
    ask(f, &m, FILE_STATUS_EXISTS);
    m = opening(0, "x", FILE_ACCESS_CREATE);
    m.file_open.must_be_new = true;
    ask(f, &m, FILE_STATUS_EXISTS);
}

static void
test_a_file_is_changed_in_a_copy(void **state)
{
    struct fixture *f = *state;
    struct message m = opening(0, "x", FILE_ACCESS_EDIT);

    store(f, "x", "hello world");
    m.file_open.must_exist = true;
    ask(f, &m, FILE_STATUS_OK);
    assert_int_equal(f->got.bytes, 11);
    assert_int_equal(pwrite(f->fd, "J", 1, 0), 1);
    assert_string_equal(on_disk(f, "x"), "hello world");
    m = committing(0, 11);
    ask(f, &m, FILE_STATUS_OK);
    assert_string_equal(on_disk(f, "x"), "Jello world");
    m = opening(0, "none", FILE_ACCESS_EDIT);
    m.file_open.must_exist = true;
    ask(f, &m, FILE_STATUS_NOT_FOUND);
}

/* --- files that go -------------------------------------------------------- */

static void
test_a_file_is_read(void **state)
{
    struct fixture *f = *state;
    struct message m = opening(0, "x", FILE_ACCESS_READ);
    char text[16] = "";

    store(f, "x", "hello");
    ask(f, &m, FILE_STATUS_OK);
    assert_int_equal(f->got.bytes, 5);
    assert_int_equal(read(f->fd, text, sizeof(text)), 5);
    assert_string_equal(text, "hello");
    assert_int_equal(write(f->fd, "x", 1), -1);
    m.file_open.path = span_text("none");
    ask(f, &m, FILE_STATUS_NOT_FOUND);
    assert_string_equal(f->text, "File not found");
    assert_int_equal(f->fd, -1);
}

/* --- looking, and changing ------------------------------------------------ */

static void
test_directories(void **state)
{
    struct fixture *f = *state;
    struct message m = named(MSG_FILE_MAKE_DIRECTORY, "d");

    ask(f, &m, FILE_STATUS_OK);
    ask(f, &m, FILE_STATUS_EXISTS);
    assert_int_equal(f->got.kind, 'd');
    store(f, "d/b", "b");
    store(f, "d/a", "a");
    m = (struct message){.type = MSG_FILE_LIST};
    m.file_list.path = span_text("flash:/d");
    ask(f, &m, FILE_STATUS_OK);
    assert_string_equal(f->page, "a b ");
    assert_false(f->got.more);
    m.file_list.after = span_text("a");
    ask(f, &m, FILE_STATUS_OK);
    assert_string_equal(f->page, "b ");
    m = named(MSG_FILE_REMOVE_DIRECTORY, "d");
    ask(f, &m, FILE_STATUS_NOT_EMPTY);
    m = named(MSG_FILE_REMOVE, "d");
    ask(f, &m, FILE_STATUS_DIRECTORY);
    m = (struct message){.type = MSG_FILE_RENAME};
    m.file_rename.path = span_text("d/a");
    m.file_rename.to = span_text("d/b");
    ask(f, &m, FILE_STATUS_EXISTS);
    m.file_rename.replace = true;
    ask(f, &m, FILE_STATUS_OK);
    assert_string_equal(on_disk(f, "d/b"), "a");
    m = named(MSG_FILE_REMOVE, "d/b");
    ask(f, &m, FILE_STATUS_OK);
    m = named(MSG_FILE_REMOVE_DIRECTORY, "d");
    ask(f, &m, FILE_STATUS_OK);
    m = named(MSG_FILE_STAT, "d");
    ask(f, &m, FILE_STATUS_NOT_FOUND);
}

static void
test_names_that_lead_nowhere(void **state)
{
    static const struct {
        const char *path;
        enum file_status status;
    } cases[] = {
        {"../x", FILE_STATUS_BAD_NAME},
        {"flash:/../x", FILE_STATUS_BAD_NAME},
        {"flash:.new/0", FILE_STATUS_BAD_NAME},
        {"a\nb", FILE_STATUS_BAD_NAME},
        {"disk0:x", FILE_STATUS_BAD_NAME},
        {"x/y", FILE_STATUS_NOT_FOUND},
        {"flash:", FILE_STATUS_BAD_NAME},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct message m = opening(0, cases[i].path, FILE_ACCESS_CREATE);

        ask(f, &m, cases[i].status);
    }
    assert_int_equal(count_unfinished(f), 0);
}

/* --- rights, and lies ----------------------------------------------------- */

static void
test_rights_are_looked_at_each_time(void **state)
{
    struct fixture *f = *state;
    struct message m = committing(0, 5);

    create(f, 0, "x", "hello");
    f->forbidden = true;
    ask(f, &m, FILE_STATUS_DENIED);
    assert_null(on_disk(f, "x"));
    m = opening(0, "x", FILE_ACCESS_READ);
    ask(f, &m, FILE_STATUS_DENIED);
    m = named(MSG_FILE_STAT, "flash:");
    ask(f, &m, FILE_STATUS_DENIED);
    m = named(MSG_FILE_REMOVE, "x");
    ask(f, &m, FILE_STATUS_DENIED);
    while (count_unfinished(f) > 0)
        uv_run(&f->router.loop, UV_RUN_NOWAIT);
}

static void
test_handles_that_are_none(void **state)
{
    struct fixture *f = *state;
    struct message m;

    create(f, 0, "x", "hello");
    m = opening(0, "y", FILE_ACCESS_CREATE);
    assert_false(say(f, &m));
    m = opening(FILE_HANDLES_MAX, "y", FILE_ACCESS_CREATE);
    assert_false(say(f, &m));
    m = opening(1, "y", (enum file_access)9);
    assert_false(say(f, &m));
    m = committing(1, 0);
    assert_false(say(f, &m));
    m = committing(FILE_HANDLES_MAX, 0);
    assert_false(say(f, &m));
    m = abandoning(UINT32_MAX);
    assert_false(say(f, &m));
    m = named(MSG_AUTH_TRY, "");
    assert_false(say(f, &m));
    assert_int_equal(f->answers, 0);
}

static void
test_more_requests_than_may_wait(void **state)
{
    struct fixture *f = *state;
    struct message m = named(MSG_FILE_STAT, "x");

    for (unsigned i = 0; i < FILE_REQUESTS_MAX; i++)
        assert_true(say(f, &m));
    assert_false(say(f, &m));
    while (f->answers < FILE_REQUESTS_MAX)
        uv_run(&f->router.loop, UV_RUN_ONCE);
}

/* The channel ends while threads are at work for it: they tell nobody. */
static void
test_an_end_in_the_middle(void **state)
{
    struct fixture *f = *state;
    struct message m = opening(1, "y", FILE_ACCESS_CREATE);

    create(f, 0, "x", "hello");
    assert_true(say(f, &m));
    m = committing(0, 5);
    assert_true(say(f, &m));
    m = named(MSG_FILE_STAT, "x");
    assert_true(say(f, &m));
    transfer_free(f->t);
    f->t = NULL;
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 0);
    assert_int_equal(count_unfinished(f), 0);
    assert_null(on_disk(f, "y"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_in_sight_when_it_is_committed),
        TEST(test_what_is_abandoned_leaves_the_old_file),
        TEST(test_a_file_that_must_be_new),
        TEST(test_a_file_is_changed_in_a_copy),
        TEST(test_a_file_is_read),
        TEST(test_directories),
        TEST(test_names_that_lead_nowhere),
        TEST(test_rights_are_looked_at_each_time),
        TEST(test_handles_that_are_none),
        TEST(test_more_requests_than_may_wait),
        TEST(test_an_end_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
