#include "trace_rig.h"

#include <time.h>

#include "base/reader.h"
#include "base/text.h"

struct trace_rig play;

/* --- what is played ------------------------------------------------------- */

int __wrap_clock_gettime(clockid_t clock, struct timespec *to);

int
__wrap_clock_gettime(clockid_t clock, struct timespec *to)
{
    assert_int_equal(clock, CLOCK_MONOTONIC);
    to->tv_sec = (time_t)(play.now_ms / 1000);
    to->tv_nsec = (long)(play.now_ms % 1000) * 1000000;
    return 0;
}

size_t
pipe_queued(const struct pipe *p)
{
    assert_ptr_equal(p, play.up.pipe);
    return play.queued;
}

unsigned
ssh_conn_version(const struct ssh_conn *c)
{
    assert_ptr_equal(c, &play.conn);
    return play.version;
}

void
ssh_conn_set_trace(struct ssh_conn *c, ssh_trace_fn trace, void *owner)
{
    assert_ptr_equal(c, &play.conn);
    assert_ptr_equal(owner, &play.trace);
    play.tell = trace;
}

/* Whose the lines are, control says: it is the first vty. */
static const char *const heads[] = {
    [TRACE_SSH] = "SSH1: ",
    [TRACE_SSH2] = "SSH2 1: ",
    [TRACE_SSH_ALL] = "SSH: ",
    [TRACE_SSH2_ALL] = "SSH2: ",
    [TRACE_SSH2_KEX] = "SSH2:",
    [TRACE_SCP_SENT] = "SCP: -> ",
    [TRACE_SCP_RECEIVED] = "SCP: <- ",
};

/* As control shows them. */
void
uplink_send(struct uplink *u, const struct message *m)
{
    struct reader lines = reader_over(m->traced.lines);
    char shown[4 * LINE_BYTES + 1];

    assert_ptr_equal(u, &play.up);
    assert_int_equal(m->type, MSG_TRACED);
    assert_in_range(lines.left, 1, WAITING_MAX + LINE_BYTES);
    play.messages++;
    play.bytes = lines.left;
    while (lines.left > 0) {
        unsigned head = read_u8(&lines);
        struct span text = read_string(&lines);

        assert_true(read_ok(&lines));
        assert_in_range(head, TRACE_SSH, TRACE_SCP_RECEIVED);
        assert_true(text.len < LINE_BYTES);
        text_escape(shown, sizeof(shown), text);
        buf_printf(&play.said, "%s%s\n", heads[head], shown);
        play.lines++;
    }
}

/* --- a connection --------------------------------------------------------- */

void
start(unsigned kinds, unsigned version)
{
    buf_clear(&play.trace.lines);
    buf_reset(&play.said);
    play.messages = play.lines = 0;
    play.version = version;
    trace_init(&play.trace, &play.up, kinds);
    trace_watch(&play.trace, (void *)&play.conn);
    play.tell = trace_listener(&play.trace);
}

int
begin(void **state)
{
    (void)state;
    memset(&play, 0, sizeof(play));
    play.now_ms = BEGUN_MS;
    buf_init(&play.said, 1 << 20);
    start(DEBUG_SSH, 2);
    return 0;
}

int
end(void **state)
{
    (void)state;
    assert_true(buf_ok(&play.said));
    buf_clear(&play.said);
    buf_clear(&play.trace.lines);
    return 0;
}

void
fact(const struct ssh_trace *f)
{
    if (play.tell != NULL)
        play.tell(&play.trace, f);
}

void
turn(void)
{
    trace_flush(&play.trace, false);
}
