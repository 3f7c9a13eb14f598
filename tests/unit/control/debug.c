/* Laws of lines that workers tell: whose they are, and how many are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "control/debug.h"
#include "control/journal.h"

#define WORKER_BURST 2000 /* as debug.c has it */

static struct router router;
static struct session session;
static struct buf said, traced;
static uint64_t now_ms;
static uv_timer_cb on_time; /* of the timer that was started */
static uv_timer_t *timer;

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return now_ms;
}

size_t
session_send(struct session *s, const struct message *m)
{
    assert_ptr_equal(s, &session);
    assert_int_equal(m->type, MSG_TRACE);
    return 0;
}

void
journal_line(struct router *r, enum log_level severity, const char *format, ...)
{
    char text[2 * LOG_LINE_MAX];
    va_list args;

    assert_ptr_equal(r, &router);
    assert_int_equal(severity, LOG_DEBUGGING);
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_printf(&said, "%s\n", text);
}

int __wrap_uv_timer_start(uv_timer_t *t, uv_timer_cb call, uint64_t timeout,
                          uint64_t repeat);

int
__wrap_uv_timer_start(uv_timer_t *t, uv_timer_cb call, uint64_t timeout,
                      uint64_t repeat)
{
    assert_true(timeout > 0);
    assert_int_equal(repeat, 0);
    timer = t;
    on_time = call;
    return 0;
}

/* --- a router that debugs ----------------------------------------------- */

static int
begin(void **state)
{
    (void)state;
    memset(&router, 0, sizeof(router));
    memset(&session, 0, sizeof(session));
    now_ms = 1000000;
    on_time = NULL;
    buf_init(&said, 1 << 20);
    buf_init(&traced, 1 << 20);
    assert_int_equal(uv_loop_init(&router.loop), 0);
    router.debug = debug_new(&router);
    session.router = &router;
    session.kind = SESSION_SSH;
    session.vty = 3;
    session.local_port = 22;
    text_copy(session.peer_text, sizeof(session.peer_text), "192.0.2.1");
    assert_int_equal(net_parse("192.0.2.1:1024", &session.peer), OK);
    debug_keep(&router, DEBUG_SSH | DEBUG_SCP);
    debug_begin(&session);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    debug_free(router.debug);
    uv_run(&router.loop, UV_RUN_DEFAULT);
    buf_clear(&said);
    buf_clear(&traced);
    return uv_loop_close(&router.loop);
}

static void
put(unsigned head, const char *text)
{
    buf_put_u8(&traced, (uint8_t)head);
    buf_put_text(&traced, text);
}

static bool
tell(void)
{
    bool good = debug_traced(&session, buf_span(&traced));

    buf_reset(&traced);
    return good;
}

#define assert_said(text)                           \
    do {                                            \
        assert_string_equal(buf_text(&said), text); \
        buf_reset(&said);                           \
    } while (0)

static unsigned
lines_said(void)
{
    unsigned lines = 0;

    for (const char *at = buf_text(&said); *at != '\0'; at++)
        lines += *at == '\n';
    buf_reset(&said);
    return lines;
}

/* --- laws --------------------------------------------------------------- */

static void
test_control_says_whose_a_line_is(void **state)
{
    (void)state;
    put(TRACE_SSH, "a");
    put(TRACE_SSH2, "b");
    put(TRACE_SSH_ALL, "c");
    put(TRACE_SSH2_ALL, "d");
    put(TRACE_SSH2_KEX, "e");
    put(TRACE_SCP_SENT, "f");
    put(TRACE_SCP_RECEIVED, "g");
    assert_true(tell());
    assert_said("SSH3: a\nSSH2 3: b\nSSH: c\nSSH2: d\nSSH2:e\n"
                "SCP: [22 -> 192.0.2.1:1024] f\n"
                "SCP: [22 <- 192.0.2.1:1024] g\n");
}

static void
test_a_client_has_no_scp_and_its_own_heads(void **state)
{
    struct pace pace;

    (void)state;
    debug_keep(&router, DEBUG_SSH_CLIENT);
    debug_limit(&router, &pace);
    put(TRACE_SSH, "a");
    put(TRACE_SSH2, "b");
    assert_true(debug_client_traced(&router, 5, &pace, buf_span(&traced)));
    assert_said("SSH CLIENT5: a\nSSH2 CLIENT 5: b\n");
    buf_reset(&traced);
    put(TRACE_SCP_SENT, "a");
    assert_false(debug_client_traced(&router, 5, &pace, buf_span(&traced)));
    assert_said("");
}

static void
test_what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    put(0, "a");
    assert_false(tell());
    put(TRACE_SCP_RECEIVED + 1, "a");
    assert_false(tell());
    put(255, "a");
    assert_false(tell());
    put(TRACE_SSH, "cut off");
    buf_truncate(&traced, buf_len(&traced) - 1);
    assert_false(tell());
    buf_put_u8(&traced, TRACE_SSH);
    assert_false(tell());
    assert_said("");
}

static void
test_a_strangers_bytes_are_escaped_and_cut(void **state)
{
    char text[4 * LOG_LINE_MAX];
    const char *end_of_line;

    (void)state;
    put(TRACE_SSH, "x\n%s\r\033[2J\177\\\xff\xc2\x9b\xe2\x80\xae");
    assert_true(tell());
    assert_int_equal(strncmp(buf_text(&said), "SSH3: x\\x0", 10), 0);
    for (const char *at = buf_text(&said); at[1] != '\0'; at++)
        assert_in_range(*at, ' ', '~');
    assert_non_null(strstr(buf_text(&said), "%s"));
    buf_reset(&said);
    memset(text, '\1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    put(TRACE_SCP_SENT, text);
    assert_true(tell());
    end_of_line = strchr(buf_text(&said), '\n');
    assert_non_null(end_of_line);
    assert_true(end_of_line - buf_text(&said) < LOG_LINE_MAX);
    assert_string_equal(end_of_line, "\n");
}

static void
flood(unsigned lines)
{
    for (unsigned i = 0; i < lines; i++)
        put(TRACE_SSH, "a");
    assert_true(tell());
}

static void
test_what_is_left_out_is_told_once(void **state)
{
    (void)state;
    flood(WORKER_BURST + 7);
    assert_int_equal(lines_said(), WORKER_BURST);
    now_ms += 1000;
    put(TRACE_SSH, "b");
    put(TRACE_SSH, "c");
    assert_true(tell());
    assert_said("7 more lines left out\nSSH3: b\nSSH3: c\n");
    assert_non_null(on_time);
    on_time(timer);
    assert_said("");
}

static void
test_the_last_burst_is_counted_too(void **state)
{
    (void)state;
    flood(WORKER_BURST + 9);
    assert_int_equal(lines_said(), WORKER_BURST);
    assert_non_null(on_time);
    on_time(timer);
    assert_said("9 more lines left out\n");
}

static void
test_lines_after_undebug_are_dropped(void **state)
{
    (void)state;
    debug_keep(&router, 0);
    debug_tell(&session);
    put(TRACE_SSH, "a");
    assert_true(tell());
    assert_said("");
    put(255, "a");
    assert_false(tell());
}

static void
test_who_was_never_debugged_is_refused(void **state)
{
    (void)state;
    debug_keep(&router, 0);
    debug_begin(&session);
    put(TRACE_SSH, "a");
    assert_false(tell());
    assert_said("");
}

int
main(void)
{
#define LAW(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        LAW(test_control_says_whose_a_line_is),
        LAW(test_a_client_has_no_scp_and_its_own_heads),
        LAW(test_what_makes_no_sense_is_refused),
        LAW(test_a_strangers_bytes_are_escaped_and_cut),
        LAW(test_what_is_left_out_is_told_once),
        LAW(test_the_last_burst_is_counted_too),
        LAW(test_lines_after_undebug_are_dropped),
        LAW(test_who_was_never_debugged_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
