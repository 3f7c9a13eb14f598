/* Laws of the archive's own time: a copy each time, while there is a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "control/archive.h"
#include "control/journal.h"
#include "control/replace.h"

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t timeout,
                          uint64_t repeat);
int __wrap_uv_timer_stop(uv_timer_t *timer);

static struct {
    struct router router;
    uv_timer_t *timer;
    uv_timer_cb call; /* NULL: it does not run */
    uint64_t due_ms, period_ms;
    bool replacing;
    unsigned written;
    char last[FILE_SHOWN_MAX];
} t;

int
__wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t timeout,
                      uint64_t repeat)
{
    t.timer = timer;
    t.call = call;
    t.due_ms = timeout;
    t.period_ms = repeat;
    uv_timer_set_repeat(timer, repeat);
    return 0;
}

int
__wrap_uv_timer_stop(uv_timer_t *timer)
{
    (void)timer;
    t.call = NULL;
    return 0;
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    (void)r, (void)facility, (void)severity, (void)mnemonic, (void)format;
}

bool
replace_is_under_way(const struct router *r)
{
    (void)r;
    return t.replacing;
}

void
cli_write_config(const struct cli_language *language,
                 const struct config *config, bool all, struct buf *out)
{
    (void)language, (void)all;
    buf_printf(out, "hostname %s\n", config->hostname);
}

/* The directory has the file that was written last. */
void
files_list(struct router *r, const struct file_name *name, const char *prefix,
           file_done_fn done, void *owner)
{
    char path[FILE_SHOWN_MAX];
    struct flash_entry entry = {.name = path, .kind = FLASH_FILE};
    struct file_result result = {
        .err = OK, .list = {.entries = &entry, .count = t.written > 0}};

    (void)r, (void)prefix;
    assert_string_equal(name->shown, "flash:/copies");
    text_copy(path, sizeof(path), t.last + strlen("flash:/copies/"));
    done(owner, &result);
}

void
files_write(struct router *r, const struct file_name *name, enum file_how how,
            struct span text, file_done_fn done, void *owner)
{
    struct file_result result = {.err = OK};

    (void)r;
    assert_int_equal(how, FILE_REPLACE);
    assert_true(text.len >= strlen("hostname Router\n"));
    t.written++;
    text_copy(t.last, sizeof(t.last), name->shown);
    done(owner, &result);
}

void
files_remove(struct router *r, const struct file_name *name, file_done_fn done,
             void *owner)
{
    struct file_result result = {.err = OK};

    (void)r, (void)name;
    done(owner, &result);
}

void
files_forget(struct router *r, void *owner)
{
    (void)r, (void)owner;
}

static int
begin(void **state)
{
    (void)state;
    memset(&t, 0, sizeof(t));
    assert_int_equal(uv_loop_init(&t.router.loop), 0);
    config_init(&t.router.config);
    t.router.archive = archive_new(&t.router);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    archive_free(t.router.archive);
    uv_run(&t.router.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&t.router.loop), 0);
    config_clear(&t.router.config);
    return 0;
}

static void
use(const char *path, uint32_t minutes)
{
    config_text_set(&t.router.config.archive.path, path);
    t.router.config.archive.time_period_min = minutes;
    archive_update(&t.router);
}

static void
test_a_copy_is_made_each_period(void **state)
{
    (void)state;
    use("flash:copies/c", 90);
    assert_int_equal(t.due_ms, 90 * 60000);
    assert_int_equal(t.period_ms, 90 * 60000);
    assert_int_equal(t.written, 0);
    for (unsigned i = 1; i <= 3; i++) {
        char name[32];

        t.call(t.timer);
        assert_int_equal(t.written, i);
        snprintf(name, sizeof(name), "flash:/copies/c-%u", i);
        assert_string_equal(t.last, name);
    }
}

static void
test_without_a_period_there_are_none(void **state)
{
    (void)state;
    use("flash:copies/c", 90);
    use("flash:copies/c", 0);
    assert_null(t.call);
}

static void
test_without_a_path_nothing_is_written(void **state)
{
    (void)state;
    use(NULL, 1);
    t.call(t.timer);
    assert_int_equal(t.written, 0);
    use("flash:copies/c", 1);
    t.call(t.timer);
    assert_int_equal(t.written, 1);
}

static void
test_half_a_configuration_is_waited_for(void **state)
{
    (void)state;
    use("flash:copies/c", 90);
    t.replacing = true;
    t.call(t.timer);
    assert_int_equal(t.written, 0);
    assert_int_equal(t.due_ms, 1000);
    assert_int_equal(t.period_ms, 90 * 60000);
    t.replacing = false;
    t.call(t.timer);
    assert_int_equal(t.written, 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_copy_is_made_each_period),
        TEST(test_without_a_period_there_are_none),
        TEST(test_without_a_path_nothing_is_written),
        TEST(test_half_a_configuration_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
