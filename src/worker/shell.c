#include "worker/shell.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "worker/shell_parts.h"

#define COLUMNS_DEFAULT 80
#define ROWS_DEFAULT    24

#define ACTIVITY_MS 60000 /* it is told at most once in that time */
/* One step adds at most a page of text, each byte becoming two. */
#define OUTPUT_MAX  (SHELL_OUTPUT_HIGH + 160 * 1024)
#define STREAM_READ 16384
#define BREAK_MS    500  /* of the escape key and b */
#define HOLD_MS     1000 /* for the rest of the text that stands for it */

/* --- life -------------------------------------------------------------- */

struct shell *
shell_new(struct uplink *up, const struct shell_setup *setup, uint64_t now_ms)
{
    struct shell *sh = alloc_zero(1, sizeof(*sh));

    sh->up = up;
    sh->setup = *setup;
    sh->now_ms = sh->idle_since_ms = now_ms;
    sh->ask_deadline_ms = UINT64_MAX;
    sh->length = setup->rows == 0 ? ROWS_DEFAULT : setup->rows;
    sh->width = setup->columns == 0 ? COLUMNS_DEFAULT : setup->columns;
    list_init(&sh->held);
    buf_init_secret(&sh->passed, PASSED_MAX);
    pager_init(&sh->pager);
    history_init(&sh->history, 0);
    key_decoder_init(&sh->keys);
    buf_init(&sh->out, OUTPUT_MAX);
    buf_init_secret(&sh->typed, SHELL_TYPED_MAX);
    return sh;
}

void
shell_free(struct shell *sh)
{
    if (sh == NULL)
        return;
    show_drop_all(sh);
    filter_free(sh->filter);
    filter_free(sh->search);
    buf_clear(&sh->passed);
    attach_free(sh->attach);
    line_editor_free(sh->editor);
    history_clear(&sh->history);
    buf_clear(&sh->out);
    buf_clear(&sh->typed);
    free(sh);
}

static void
send_window(struct shell *sh)
{
    struct message m = {.type = MSG_WINDOW};

    m.window.channel = sh->setup.channel;
    m.window.columns = sh->setup.columns;
    m.window.rows = sh->setup.rows;
    uplink_send(sh->up, &m);
    sh->resized = false;
}

void
shell_take_bytes(struct shell *sh, bool raw)
{
    sh->raw = raw;
}

void
shell_start(struct shell *sh, uint64_t now_ms)
{
    if (sh->state != SHELL_OPENING)
        return;
    sh->state = SHELL_RUNNING;
    shell_work(sh, now_ms);
}

/* --- the stream -------------------------------------------------------- */

void
shell_detach(struct shell *sh, enum detach_reason reason)
{
    struct message m = {.type = MSG_DETACHED};

    if (sh->state != SHELL_ATTACHED)
        return;
    attach_free(sh->attach);
    sh->attach = NULL;
    sh->state = SHELL_RUNNING;
    sh->idle_since_ms = sh->now_ms;
    /* Wherever the far end left the cursor. */
    pager_set_column(&sh->pager, false);
    m.detached.channel = sh->setup.channel;
    m.detached.reason = (uint8_t)reason;
    uplink_send(sh->up, &m);
}

/* The LF of the CR LF that ended the line before the stream. */
static void
skip_line_end(struct shell *sh)
{
    if (buf_len(&sh->typed) == 0)
        return;
    if (sh->after_cr && buf_bytes(&sh->typed)[0] == '\n') {
        buf_consume(&sh->typed, 1);
        sh->typed_used++;
    }
    sh->after_cr = false;
}

static void
send_break(struct shell *sh, uint32_t ms)
{
    struct message m = {.type = MSG_STREAM_BREAK};

    m.stream_break.channel = sh->setup.channel;
    m.stream_break.ms = ms;
    uplink_send(sh->up, &m);
}

bool
shell_break(struct shell *sh, uint32_t ms)
{
    if (sh->state != SHELL_ATTACHED)
        return false;
    send_break(sh, ms);
    return true;
}

/* True: the user is no longer on the stream. */
static bool
grant(struct shell *sh, enum attach_wish wish)
{
    switch (wish) {
    case ATTACH_SUSPEND:
        shell_detach(sh, DETACH_SUSPENDED);
        return true;
    case ATTACH_DISCONNECT:
        shell_detach(sh, DETACH_LEFT);
        return true;
    case ATTACH_BREAK:
        send_break(sh, BREAK_MS);
        return false;
    case ATTACH_HELP:
        attach_put_help(sh->attach, &sh->out);
        return false;
    case ATTACH_TAKE:
        shell_detach(sh, DETACH_TAKE);
        return true;
    case ATTACH_NOTHING:
        break;
    }
    return false;
}

/* Move bytes both ways; false: nothing more moves now. */
static bool
stream_next(struct shell *sh)
{
    size_t taken;
    enum attach_wish wish;
    enum err got = ERR_MORE;

    if (sh->state != SHELL_ATTACHED)
        return false;
    skip_line_end(sh);
    /* What waits makes room first, or nobody would ask for more room. */
    attach_flush(sh->attach);
    wish = attach_type(sh->attach, buf_span(&sh->typed), &taken);
    if (taken > 0)
        sh->held_since_ms = sh->now_ms;
    buf_consume(&sh->typed, taken);
    sh->typed_used += taken;
    attach_flush(sh->attach);
    if (sh->typed_ended && buf_len(&sh->typed) == 0) {
        attach_let_go(sh->attach);
        attach_type_end(sh->attach);
    }
    if (grant(sh, wish))
        return true;
    if (buf_len(&sh->out) < SHELL_OUTPUT_HIGH)
        got = attach_read(sh->attach, &sh->out, STREAM_READ);
    if (got == OK && sh->stream_output)
        sh->stream_since_ms = sh->now_ms;
    if (got == ERR_CLOSED)
        shell_detach(sh, DETACH_ENDED);
    return taken > 0 || got != ERR_MORE;
}

int
shell_stream_fd(const struct shell *sh)
{
    return sh->attach == NULL ? -1 : attach_fd(sh->attach);
}

short
shell_stream_events(const struct shell *sh)
{
    if (sh->attach == NULL)
        return 0;
    return attach_events(sh->attach, buf_len(&sh->out) < SHELL_OUTPUT_HIGH);
}

/* --- time
 * --------------------------------------------------------------------- */

/* A command at work is not idleness; output that the user does not take is. */
static uint64_t
idle_deadline(const struct shell *sh)
{
    bool works = sh->state == SHELL_RUNNING && list_empty(&sh->held) &&
                 buf_len(&sh->out) == 0;

    if (sh->exec_timeout_s == 0 || sh->idle_told || works ||
        sh->state == SHELL_OPENING || sh->state == SHELL_ATTACHED)
        return UINT64_MAX;
    return sh->idle_since_ms + sh->exec_timeout_s * UINT64_C(1000);
}

static uint64_t
stream_deadline(const struct shell *sh)
{
    if (sh->state != SHELL_ATTACHED || sh->stream_idle_s == 0)
        return UINT64_MAX;
    return sh->stream_since_ms + sh->stream_idle_s * UINT64_C(1000);
}

/* Half of a text for a break is what it is when nothing follows. */
static uint64_t
hold_deadline(const struct shell *sh)
{
    if (sh->state != SHELL_ATTACHED || !attach_holds(sh->attach))
        return UINT64_MAX;
    return sh->held_since_ms + HOLD_MS;
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t
shell_deadline(const struct shell *sh)
{
    if (sh->pausing && buf_len(&sh->out) < SHELL_OUTPUT_HIGH)
        return sh->now_ms;
    return earlier(earlier(sh->ask_deadline_ms, hold_deadline(sh)),
                   earlier(idle_deadline(sh), stream_deadline(sh)));
}

static void
check_time(struct shell *sh)
{
    if (sh->now_ms >= sh->ask_deadline_ms && sh->state == SHELL_ASKING) {
        pager_fresh_line(&sh->pager, &sh->out);
        keys_answer(sh, NULL, true);
    }
    if (sh->now_ms >= idle_deadline(sh)) {
        sh->idle_told = true;
        uplink_send_channel(sh->up, MSG_IDLE, sh->setup.channel);
    }
    if (sh->now_ms >= hold_deadline(sh))
        attach_let_go(sh->attach);
    if (sh->now_ms >= stream_deadline(sh))
        shell_detach(sh, DETACH_IDLE);
}

/* A key was pressed: the user is there. */
static void
note_activity(struct shell *sh)
{
    sh->idle_since_ms = sh->stream_since_ms = sh->now_ms;
    sh->idle_told = false;
    if (sh->setup.exec || sh->state == SHELL_OPENING ||
        (sh->activity_told && sh->now_ms - sh->activity_ms < ACTIVITY_MS))
        return;
    sh->activity_told = true;
    sh->activity_ms = sh->now_ms;
    uplink_send_channel(sh->up, MSG_ACTIVITY, sh->setup.channel);
}

/* --- work
 * ---------------------------------------------------------------------- */

void
shell_work(struct shell *sh, uint64_t now_ms)
{
    sh->now_ms = now_ms;
    if (sh->state == SHELL_OPENING)
        return;
    check_time(sh);
    sh->pausing = false;
    if (sh->resized && !sh->has_exit && !uplink_is_busy(sh->up))
        send_window(sh);
    while (sh->state != SHELL_EXITED &&
           (show_next(sh) || keys_next(sh) || stream_next(sh) || keys_end(sh)))
        continue;
}

/* False: the byte has had its effect, or means nothing. */
static bool
take_byte(struct shell *sh, uint8_t byte)
{
    bool after_escape = sh->after_escape;

    /* Without a terminal these are no keys: they may be a file for a stream. */
    if (sh->raw || (sh->setup.exec && !sh->setup.terminal))
        return true;
    if (byte == 0)
        return false;
    sh->after_escape = sh->escape != 0 && byte == sh->escape;
    if ((byte == 'x' || byte == 'X') && after_escape && sh->escape < ' ')
        return false;
    /* While a command runs these two do not wait behind what was typed. */
    if ((byte == CONTROL_KEY('C') || sh->after_escape) &&
        sh->state == SHELL_RUNNING && !sh->pager.waiting) {
        keys_interrupt(sh);
        return false;
    }
    return true;
}

void
shell_typed(struct shell *sh, struct span bytes, uint64_t now_ms)
{
    sh->now_ms = now_ms;
    if (bytes.len > 0)
        note_activity(sh);
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];

        if (sh->state == SHELL_ATTACHED) {
            sh->after_escape = false;
            buf_put(&sh->typed, bytes.ptr + i, bytes.len - i);
            shell_work(sh, now_ms);
            break;
        }
        if (!take_byte(sh, byte)) {
            sh->typed_used++;
            continue;
        }
        buf_put_u8(&sh->typed, byte);
        shell_work(sh, now_ms);
    }
    assert(buf_ok(&sh->typed));
}

size_t
shell_typed_used(struct shell *sh)
{
    size_t used = sh->typed_used;

    sh->typed_used = 0;
    return used;
}

size_t
shell_typed_waiting(const struct shell *sh)
{
    return buf_len(&sh->typed);
}

void
shell_typed_end(struct shell *sh, uint64_t now_ms)
{
    sh->typed_ended = true;
    show_update_size(sh);
    shell_work(sh, now_ms);
}

void
shell_interrupt(struct shell *sh)
{
    if (sh->state == SHELL_RUNNING)
        keys_interrupt(sh);
}

void
shell_resize(struct shell *sh, uint32_t columns, uint32_t rows)
{
    sh->setup.columns = columns;
    sh->setup.rows = rows;
    if (!sh->fixed_length && rows > 0)
        sh->length = rows;
    if (!sh->fixed_width && columns > 0)
        sh->width = columns;
    show_update_size(sh);
    sh->resized = true;
    shell_work(sh, sh->now_ms);
}

/* --- output
 * ---------------------------------------------------------------------- */

struct span
shell_output(const struct shell *sh)
{
    return buf_span(&sh->out);
}

void
shell_output_sent(struct shell *sh, size_t len)
{
    buf_consume(&sh->out, len);
}

bool
shell_is_finished(const struct shell *sh, uint32_t *status)
{
    if (sh->state != SHELL_EXITED || buf_len(&sh->out) > 0)
        return false;
    *status = sh->status;
    return true;
}

size_t
shell_held(const struct shell *sh)
{
    return sh->held_bytes;
}

void
shell_trim(struct shell *sh)
{
    if (buf_len(&sh->out) == 0)
        buf_clear(&sh->out);
    if (buf_len(&sh->typed) == 0)
        buf_clear(&sh->typed);
}
