#include "os/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A state directory of its own for each test. */
struct place {
    char path[64];
    int dir;
    struct flash *flash;
};

static int
setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));

    if (p == NULL)
        return -1;
    snprintf(p->path, sizeof(p->path), "/tmp/vtyd-flash-XXXXXX");
    if (mkdtemp(p->path) == NULL)
        return -1;
    p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = p;
    return flash_open(p->dir, &p->flash) == OK ? 0 : -1;
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
    struct place *p = *state;

    flash_close(p->flash);
    close(p->dir);
    nftw(p->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p);
    return 0;
}

#define ASSERT_FAILS(call, reason)                              \
    do {                                                        \
        assert_int_equal((call), ERR_SYSTEM);                   \
        assert_string_equal(strerror(errno), strerror(reason)); \
    } while (0)

static void
put(struct place *p, const char *path, const char *text)
{
    struct flash_new fresh;

    assert_int_equal(flash_create(p->flash, path, &fresh), OK);
    assert_int_equal(flash_write(p->flash, &fresh, span_text(text)), OK);
    assert_int_equal(flash_commit(p->flash, &fresh, path), OK);
}

static void
expect(struct place *p, const char *path, const char *text)
{
    char got[64];
    ssize_t len;
    int fd;

    assert_int_equal(flash_open_file(p->flash, path, &fd), OK);
    len = read(fd, got, sizeof(got));
    close(fd);
    assert_true(len >= 0 && span_is(span_of(got, (size_t)len), text));
}

/* What is in flash/.new/, by other means. */
static size_t
count_unfinished(struct place *p)
{
    struct stat st;
    size_t count = 0;
    char name[32];

    for (unsigned i = 0; i < 16; i++) {
        snprintf(name, sizeof(name), "flash/.new/%08x", i);
        count += fstatat(p->dir, name, &st, 0) == 0;
    }
    return count;
}

static void
test_a_file_is_there_when_it_is_complete(void **state)
{
    struct place *p = *state;
    struct flash_new fresh;
    int fd;

    assert_int_equal(flash_create(p->flash, "a", &fresh), OK);
    assert_int_equal(flash_write(p->flash, &fresh, span_text("text")), OK);
    ASSERT_FAILS(flash_open_file(p->flash, "a", &fd), ENOENT);
    assert_int_equal(count_unfinished(p), 1);
    assert_int_equal(flash_commit(p->flash, &fresh, "a"), OK);
    expect(p, "a", "text");
    assert_int_equal(count_unfinished(p), 0);
}

static void
test_what_is_abandoned_leaves_the_old_file(void **state)
{
    struct place *p = *state;
    struct flash_new fresh;

    put(p, "a", "old");
    assert_int_equal(flash_create(p->flash, "a", &fresh), OK);
    assert_int_equal(flash_write(p->flash, &fresh, span_text("new")), OK);
    flash_abandon(p->flash, &fresh);
    flash_abandon(p->flash, &fresh);
    expect(p, "a", "old");
    assert_int_equal(count_unfinished(p), 0);
}

static void
test_the_last_of_two_writers_wins_whole(void **state)
{
    struct place *p = *state;
    struct flash_new one, two;

    assert_int_equal(flash_create(p->flash, "a", &one), OK);
    assert_int_equal(flash_create(p->flash, "a", &two), OK);
    assert_int_equal(flash_write(p->flash, &one, span_text("one")), OK);
    assert_int_equal(flash_write(p->flash, &two, span_text("second")), OK);
    assert_int_equal(flash_commit(p->flash, &two, "a"), OK);
    assert_int_equal(flash_commit(p->flash, &one, "a"), OK);
    expect(p, "a", "one");
}

static void
test_unfinished_files_are_swept_at_the_start(void **state)
{
    struct place *p = *state;
    struct flash_new fresh;

    assert_int_equal(flash_create(p->flash, "a", &fresh), OK);
    close(fresh.fd);
    assert_int_equal(count_unfinished(p), 1);
    flash_close(p->flash);
    assert_int_equal(flash_open(p->dir, &p->flash), OK);
    assert_int_equal(count_unfinished(p), 0);
}

/* hardening 9.1 */
static void
test_what_is_no_path(void **state)
{
    static const char *const bad[] = {
        "..",        "../a",         "a/..",
        "a/../../b", "/a",           "//a",
        "a//b",      "a/",           ".",
        "./a",       ".new",         "a/.new/0",
        ".hidden",   "a/ b",         "a\\b",
        "%2e%2e/a:", "a:b",          "a\tb",
        "a\nb",      "\xc0\xaf",     "\xe2\x80\xae",
        "a\x7f",     " a",           "a ",
        " ",         "a/b /c",       "\xff",
        "\xc2\x9b",  "\xed\xa0\x80",
    };
    struct place *p = *state;
    struct flash_entry entry;
    struct flash_list list;
    struct flash_new fresh;
    int fd;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ASSERT_FAILS(flash_check_path(bad[i]), EINVAL);
        ASSERT_FAILS(flash_open_file(p->flash, bad[i], &fd), EINVAL);
        ASSERT_FAILS(flash_create(p->flash, bad[i], &fresh), EINVAL);
        ASSERT_FAILS(flash_stat(p->flash, bad[i], &entry), EINVAL);
        ASSERT_FAILS(flash_read_list(p->flash, bad[i], false, &list), EINVAL);
        ASSERT_FAILS(flash_remove(p->flash, bad[i]), EINVAL);
        ASSERT_FAILS(flash_make_directory(p->flash, bad[i]), EINVAL);
        ASSERT_FAILS(flash_remove_directory(p->flash, bad[i]), EINVAL);
        ASSERT_FAILS(flash_rename(p->flash, bad[i], "a"), EINVAL);
    }
}

static void
test_blanks_between_punctuation_and_what_is_not_ascii(void **state)
{
    static const char *const good[] = {
        "a b",
        "a  b c",
        "Z\xc3\xbcrich",
        "\xe6\x96\x87",
        "a*",
        "a?",
        "\xf0\x9f\x98\x80",
        "~",
        "$(a)",
        "a;b",
        "a|b",
        "'a'",
        "\"a\"",
        "-a",
        "#a",
        "!a",
        "a(1)",
        "a,b",
        "k=v",
        "u@h",
        "[a]{b}",
        "%41",
        "<a>&`b`^",
        "a. b..",
    };
    struct place *p = *state;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        put(p, good[i], "x");
        expect(p, good[i], "x");
    }
}

static void
test_long_names_and_deep_paths(void **state)
{
    struct place *p = *state;
    char path[FLASH_PATH_MAX + 8];
    struct flash_new fresh;

    memset(path, 'a', sizeof(path));
    path[FLASH_NAME_MAX] = '\0';
    put(p, path, "x");
    path[FLASH_NAME_MAX] = 'a';
    path[FLASH_NAME_MAX + 1] = '\0';
    ASSERT_FAILS(flash_create(p->flash, path, &fresh), ENAMETOOLONG);
    for (size_t i = 0; i < 2 * FLASH_DEPTH_MAX; i++)
        path[i] = i % 2 == 0 ? 'a' : '/';
    path[2 * FLASH_DEPTH_MAX - 1] = '\0';
    assert_int_equal(flash_check_path(path), OK);
    path[2 * FLASH_DEPTH_MAX - 1] = '/';
    path[2 * FLASH_DEPTH_MAX] = 'a';
    path[2 * FLASH_DEPTH_MAX + 1] = '\0';
    ASSERT_FAILS(flash_check_path(path), ENAMETOOLONG);
    memset(path, 'a', FLASH_PATH_MAX);
    path[FLASH_PATH_MAX] = '\0';
    ASSERT_FAILS(flash_check_path(path), ENAMETOOLONG);
}

/* hardening 9.2 */
static void
test_links_lead_nowhere(void **state)
{
    struct place *p = *state;
    struct flash_entry entry;
    struct flash_list list;
    struct flash_new fresh;
    int fd, secret = openat(p->dir, "secret", O_WRONLY | O_CREAT, 0600);

    assert_true(secret >= 0);
    close(secret);
    assert_int_equal(symlinkat("../secret", p->dir, "flash/file"), 0);
    assert_int_equal(symlinkat("..", p->dir, "flash/up"), 0);
    assert_int_equal(symlinkat("/etc", p->dir, "flash/etc"), 0);
    ASSERT_FAILS(flash_open_file(p->flash, "file", &fd), EACCES);
    ASSERT_FAILS(flash_open_file(p->flash, "up/secret", &fd), EACCES);
    ASSERT_FAILS(flash_open_file(p->flash, "etc/passwd", &fd), EACCES);
    ASSERT_FAILS(flash_create(p->flash, "file", &fresh), EACCES);
    ASSERT_FAILS(flash_create(p->flash, "up/secret", &fresh), EACCES);
    ASSERT_FAILS(flash_stat(p->flash, "file", &entry), EACCES);
    ASSERT_FAILS(flash_read_list(p->flash, "up", false, &list), EACCES);
    ASSERT_FAILS(flash_remove(p->flash, "up/secret"), EACCES);
    ASSERT_FAILS(flash_remove(p->flash, "file"), EACCES);
    ASSERT_FAILS(flash_rename(p->flash, "file", "other"), EACCES);
    ASSERT_FAILS(flash_make_directory(p->flash, "up/x"), EACCES);
    assert_int_equal(flash_read_list(p->flash, "", false, &list), OK);
    assert_int_equal(list.count, 0);
    flash_list_clear(&list);
}

/* A program that changes what `d` is, while files in it are opened. */
struct swapper {
    int dir;
    atomic_bool over;
};

static void *
swap(void *owner)
{
    struct swapper *s = owner;

    while (!atomic_load(&s->over))
        renameat2(s->dir, "flash/d", s->dir, "flash/e", RENAME_EXCHANGE);
    return NULL;
}

/* hardening 9.2 */
static void
test_a_directory_that_becomes_a_link_leads_nowhere(void **state)
{
    struct place *p = *state;
    struct swapper s = {.dir = p->dir};
    struct flash_new fresh;
    pthread_t thread;
    int fd, secret = openat(p->dir, "secret", O_WRONLY | O_CREAT, 0600);

    assert_true(secret >= 0);
    close(secret);
    assert_int_equal(flash_make_directory(p->flash, "d"), OK);
    assert_int_equal(symlinkat("..", p->dir, "flash/e"), 0);
    assert_int_equal(pthread_create(&thread, NULL, swap, &s), 0);
    for (unsigned i = 0; i < 20000; i++) {
        assert_int_equal(flash_open_file(p->flash, "d/secret", &fd),
                         ERR_SYSTEM);
        assert_int_equal(flash_remove(p->flash, "d/secret"), ERR_SYSTEM);
    }
    for (unsigned i = 0; i < 100; i++)
        if (flash_create(p->flash, "d/new", &fresh) == OK &&
            flash_write(p->flash, &fresh, span_text("x")) == OK)
            (void)!flash_commit(p->flash, &fresh, "d/new");
    atomic_store(&s.over, true);
    pthread_join(thread, NULL);
    assert_int_equal(faccessat(p->dir, "secret", F_OK, 0), 0);
    assert_int_not_equal(faccessat(p->dir, "new", F_OK, 0), 0);
}

/* hardening 9.3 */
static void
test_neither_file_nor_directory_is_refused(void **state)
{
    struct place *p = *state;
    struct flash_new fresh;
    struct flash_list list;
    int fd;

    assert_int_equal(mkfifoat(p->dir, "flash/fifo", 0600), 0);
    assert_int_equal(mknodat(p->dir, "flash/socket", S_IFSOCK | 0600, 0), 0);
    ASSERT_FAILS(flash_open_file(p->flash, "fifo", &fd), EACCES);
    ASSERT_FAILS(flash_open_file(p->flash, "socket", &fd), EACCES);
    ASSERT_FAILS(flash_create(p->flash, "fifo", &fresh), EACCES);
    ASSERT_FAILS(flash_remove(p->flash, "fifo"), EACCES);
    assert_int_equal(flash_read_list(p->flash, "", false, &list), OK);
    assert_int_equal(list.count, 0);
    flash_list_clear(&list);
    assert_int_equal(flash_read_list(p->flash, "", true, &list), OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.entries[0].kind, FLASH_FIFO);
    assert_int_equal(list.entries[1].kind, FLASH_SOCKET);
    flash_list_clear(&list);
}

static void
test_a_list_tells_names_sizes_and_kinds(void **state)
{
    struct place *p = *state;
    struct flash_entry entry;
    struct flash_list list;

    put(p, "b", "12345");
    put(p, "a", "");
    assert_int_equal(flash_make_directory(p->flash, "core"), OK);
    put(p, "core/dump", "x");
    assert_int_equal(flash_read_list(p->flash, "", false, &list), OK);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.entries[0].name, "a");
    assert_string_equal(list.entries[1].name, "b");
    assert_int_equal(list.entries[1].bytes, 5);
    assert_int_equal(list.entries[1].kind, FLASH_FILE);
    assert_string_equal(list.entries[2].name, "core");
    assert_int_equal(list.entries[2].kind, FLASH_DIRECTORY);
    flash_list_clear(&list);
    assert_int_equal(flash_stat(p->flash, "core/dump", &entry), OK);
    assert_int_equal(entry.bytes, 1);
    ASSERT_FAILS(flash_read_list(p->flash, "b", false, &list), ENOTDIR);
    ASSERT_FAILS(flash_stat(p->flash, "none", &entry), ENOENT);
}

static void
test_directories(void **state)
{
    struct place *p = *state;
    struct flash_new fresh;

    assert_int_equal(flash_make_directory(p->flash, "d"), OK);
    ASSERT_FAILS(flash_make_directory(p->flash, "d"), EEXIST);
    ASSERT_FAILS(flash_make_directory(p->flash, "x/y"), ENOENT);
    ASSERT_FAILS(flash_create(p->flash, "d", &fresh), EISDIR);
    ASSERT_FAILS(flash_create(p->flash, "x/y", &fresh), ENOENT);
    ASSERT_FAILS(flash_remove(p->flash, "d"), EISDIR);
    put(p, "d/f", "x");
    ASSERT_FAILS(flash_remove_directory(p->flash, "d"), ENOTEMPTY);
    ASSERT_FAILS(flash_remove_directory(p->flash, "d/f"), ENOTDIR);
    assert_int_equal(flash_remove(p->flash, "d/f"), OK);
    assert_int_equal(flash_remove_directory(p->flash, "d"), OK);
    ASSERT_FAILS(flash_remove_directory(p->flash, ""), EINVAL);
}

static void
test_rename_replaces_nothing(void **state)
{
    struct place *p = *state;

    put(p, "a", "A");
    put(p, "b", "B");
    ASSERT_FAILS(flash_rename(p->flash, "a", "b"), EEXIST);
    expect(p, "b", "B");
    assert_int_equal(flash_make_directory(p->flash, "d"), OK);
    assert_int_equal(flash_rename(p->flash, "a", "d/c"), OK);
    expect(p, "d/c", "A");
    ASSERT_FAILS(flash_rename(p->flash, "a", "e"), ENOENT);
}

static void
test_replace_takes_the_place_of_its_kind(void **state)
{
    struct place *p = *state;

    put(p, "a", "A");
    put(p, "b", "B");
    assert_int_equal(flash_replace(p->flash, "a", "b"), OK);
    expect(p, "b", "A");
    ASSERT_FAILS(flash_stat(p->flash, "a", &(struct flash_entry){0}), ENOENT);
    assert_int_equal(flash_make_directory(p->flash, "d"), OK);
    assert_int_equal(flash_make_directory(p->flash, "e"), OK);
    ASSERT_FAILS(flash_replace(p->flash, "b", "d"), EISDIR);
    ASSERT_FAILS(flash_replace(p->flash, "d", "b"), ENOTDIR);
    ASSERT_FAILS(flash_replace(p->flash, "x", "b"), ENOENT);
    assert_int_equal(flash_replace(p->flash, "d", "e"), OK);
    put(p, "e/f", "F");
    assert_int_equal(flash_make_directory(p->flash, "d"), OK);
    ASSERT_FAILS(flash_replace(p->flash, "d", "e"), ENOTEMPTY);
    assert_int_equal(mkfifoat(p->dir, "flash/fifo", 0600), 0);
    ASSERT_FAILS(flash_replace(p->flash, "b", "fifo"), EACCES);
    expect(p, "b", "A");
}

static void
test_a_new_file_replaces_nothing(void **state)
{
    struct place *p = *state;
    struct flash_new fresh;

    assert_int_equal(flash_create(p->flash, "a", &fresh), OK);
    fresh.must_be_new = true;
    put(p, "a", "A");
    ASSERT_FAILS(flash_commit(p->flash, &fresh, "a"), EEXIST);
    expect(p, "a", "A");
    assert_int_equal(flash_create(p->flash, "b", &fresh), OK);
    fresh.must_be_new = true;
    assert_int_equal(flash_commit(p->flash, &fresh, "b"), OK);
    expect(p, "b", "");
}

/* Behind `after`; what it gives, as one text. */
static void
expect_page(struct place *p, const char *after, size_t max, const char *names,
            bool more)
{
    struct flash_list list;
    char text[200] = "";
    bool left;

    assert_int_equal(flash_read_page(p->flash, "", after, max, &list, &left),
                     OK);
    for (size_t i = 0; i < list.count; i++) {
        size_t len = strlen(text);

        assert_int_equal(list.entries[i].bytes, 1);
        snprintf(text + len, sizeof(text) - len, "%s ", list.entries[i].name);
    }
    assert_string_equal(text, names);
    assert_int_equal(left, more);
    flash_list_clear(&list);
}

static void
test_a_directory_is_read_in_pages(void **state)
{
    static const char *const names[] = {"d", "b", "a", "e", "c"};
    struct place *p = *state;
    struct flash_list list;
    bool more;

    expect_page(p, "", 3, "", false);
    for (size_t i = 0; i < 5; i++)
        put(p, names[i], "x");
    assert_int_equal(mkfifoat(p->dir, "flash/b2", 0600), 0);
    close(openat(p->dir, "flash/b\n", O_CREAT | O_WRONLY, 0600));
    expect_page(p, "", 3, "a b c ", true);
    expect_page(p, "c", 3, "d e ", false);
    expect_page(p, "", 5, "a b c d e ", false);
    expect_page(p, "bb", 1, "c ", true);
    expect_page(p, "e", 9, "", false);
    ASSERT_FAILS(flash_read_page(p->flash, "a", "", 9, &list, &more), ENOTDIR);
    ASSERT_FAILS(flash_read_page(p->flash, "x", "", 9, &list, &more), ENOENT);
    ASSERT_FAILS(flash_read_page(p->flash, "..", "", 9, &list, &more), EINVAL);
}

static void
test_usage_leaves_the_reserve(void **state)
{
    struct place *p = *state;
    struct flash_usage usage;
    uint64_t total, available;

    assert_int_equal(flash_usage(p->flash, &usage), OK);
    assert_int_equal(flash_space(p->flash, &total, &available), OK);
    assert_true(usage.blocks * usage.block == total);
    assert_true(usage.blocks_left < usage.blocks);
}

static void
test_modes_and_times_are_set(void **state)
{
    struct place *p = *state;
    struct flash_attributes wanted = {.has_mode = true,
                                      .has_times = true,
                                      .mode = 04751,
                                      .accessed_s = 1000000000,
                                      .changed_s = 1000000001};
    struct flash_entry entry;
    struct flash_new fresh;

    assert_int_equal(flash_create(p->flash, "a", &fresh), OK);
    assert_int_equal(flash_dress(&fresh, &wanted), OK);
    assert_int_equal(flash_commit(p->flash, &fresh, "a"), OK);
    assert_int_equal(flash_stat(p->flash, "a", &entry), OK);
    assert_int_equal(entry.mode, 0751);
    assert_int_equal(entry.accessed_s, 1000000000);
    assert_int_equal(entry.changed_s, 1000000001);

    /* Files stay readable, directories usable, for the router. */
    wanted = (struct flash_attributes){.has_mode = true};
    assert_int_equal(flash_set(p->flash, "a", &wanted), OK);
    assert_int_equal(flash_stat(p->flash, "a", &entry), OK);
    assert_int_equal(entry.mode, 0400);
    assert_int_equal(entry.changed_s, 1000000001);
    assert_int_equal(flash_make_directory(p->flash, "d"), OK);
    assert_int_equal(flash_set(p->flash, "d", &wanted), OK);
    assert_int_equal(flash_stat(p->flash, "d", &entry), OK);
    assert_int_equal(entry.mode, 0700);
    ASSERT_FAILS(flash_set(p->flash, "missing", &wanted), ENOENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        TEST(test_a_file_is_there_when_it_is_complete),
        TEST(test_what_is_abandoned_leaves_the_old_file),
        TEST(test_the_last_of_two_writers_wins_whole),
        TEST(test_unfinished_files_are_swept_at_the_start),
        TEST(test_what_is_no_path),
        TEST(test_blanks_between_punctuation_and_what_is_not_ascii),
        TEST(test_long_names_and_deep_paths),
        TEST(test_links_lead_nowhere),
        TEST(test_a_directory_that_becomes_a_link_leads_nowhere),
        TEST(test_neither_file_nor_directory_is_refused),
        TEST(test_a_list_tells_names_sizes_and_kinds),
        TEST(test_directories),
        TEST(test_rename_replaces_nothing),
        TEST(test_replace_takes_the_place_of_its_kind),
        TEST(test_a_new_file_replaces_nothing),
        TEST(test_a_directory_is_read_in_pages),
        TEST(test_usage_leaves_the_reserve),
        TEST(test_modes_and_times_are_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
