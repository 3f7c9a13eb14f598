#include "control/log_outputs.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/collectors.h"
#include "control/console.h"
#include "control/journald.h"
#include "control/log_buffer.h"
#include "control/session.h"

#define SECOND_MS 1000

/* Lines of the second that began then. */
struct rate {
    uint64_t since_ms;
    uint32_t shown;
};

struct log_outputs {
    struct router *router;
    struct log_buffer *buffer; /* NULL: it is off */
    struct list monitors;      /* of struct monitor */
    struct log_counts counts;
    struct rate rate;
    int journald;  /* systemd's journal, or -1 */
    uint64_t lost; /* lines in a row that standard error did not take */
};

/* --- standard error ----------------------------------------------------- */

/*
 * It may be a pipe that nobody reads, or a stopped terminal; a log line waits
 * for neither. Its flags are left alone: they are shared with whoever started
 * us.
 */
static bool
error_stream_takes(void)
{
    struct pollfd stream = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&stream, 1, 0) == 1 && (stream.revents & POLLOUT) != 0;
}

static void
write_error_stream(struct log_outputs *o, const char *line)
{
    char text[LOG_LINE_MAX + 64];
    int total;

    if (!error_stream_takes()) {
        o->lost++;
        o->counts.dropped++;
        return;
    }
    if (o->lost > 0)
        total =
            snprintf(text, sizeof(text), "(%llu lines were lost here)\n%s\n",
                     (unsigned long long)o->lost, line);
    else
        total = snprintf(text, sizeof(text), "%s\n", line);
    if (total > 0 && write(STDERR_FILENO, text, (size_t)total) == total) {
        o->lost = 0;
    } else {
        o->lost++;
        o->counts.dropped++;
    }
}

/* --- users' screens ----------------------------------------------------- */

/* False: the worker is behind, and the line is not shown. */
static bool
show(struct log_outputs *o, struct session *s, uint32_t channel,
     const char *line)
{
    struct message m = {.type = MSG_LOG};

    m.log.channel = channel;
    m.log.redraw = session_line(s)->synchronous;
    m.log.line = span_text(line);
    if (session_log(s, &m))
        return true;
    o->counts.dropped++;
    return false;
}

static void
show_monitors(struct log_outputs *o, const char *line)
{
    bool shown = false;

    LIST_EACH(node, &o->monitors)
    {
        struct monitor *m = LIST_ITEM(node, struct monitor, node);

        shown |= show(o, m->session, m->channel, line);
    }
    o->counts.monitor += shown;
}

void
log_outputs_watch(struct log_outputs *o, struct monitor *m)
{
    list_append(&o->monitors, &m->node);
}

void
log_outputs_tell(struct log_outputs *o, struct session *s, const char *text)
{
    if (s->state == SESSION_SHELL)
        show(o, s, CHANNEL_ALL, text);
}

void
log_outputs_broadcast(struct log_outputs *o, const char *text)
{
    LIST_EACH(node, sessions_all(o->router))
    {
        log_outputs_tell(o, LIST_ITEM(node, struct session, node), text);
    }
    write_error_stream(o, text);
}

/* --- the buffer --------------------------------------------------------- */

void
log_outputs_update(struct router *r)
{
    struct log_outputs *o = r->log_outputs;
    const struct config_logging *logging = &r->config.logging;

    if (o == NULL)
        return;
    if (logging->buffered == CONFIG_LOGGING_OFF) {
        log_buffer_free(o->buffer);
        o->buffer = NULL;
    } else if (o->buffer == NULL) {
        o->buffer = log_buffer_new(logging->buffer_bytes);
    } else {
        log_buffer_resize(o->buffer, logging->buffer_bytes);
    }
}

void
log_outputs_empty(struct router *r)
{
    struct log_outputs *o = r->log_outputs;

    if (o == NULL || o->buffer == NULL)
        return;
    log_buffer_empty(o->buffer);
    o->counts.flushes++;
}

void
log_outputs_read(const struct router *r, struct span *older, struct span *newer)
{
    *older = *newer = SPAN_EMPTY;
    if (r->log_outputs != NULL && r->log_outputs->buffer != NULL)
        log_buffer_read(r->log_outputs->buffer, older, newer);
}

struct log_counts
log_outputs_counts(const struct router *r)
{
    return r->log_outputs != NULL ? r->log_outputs->counts
                                  : (struct log_counts){0};
}

/* --- one line ----------------------------------------------------------- */

/*
 * `logging rate-limit`: whether this line is one of those that a second has
 * room for. Lines without a head are debug's, which `all` counts as well.
 */
static bool
rate_allows(struct log_outputs *o, const struct log_record *record)
{
    const struct config_logging *logging = &o->router->config.logging;
    uint64_t now_ms = router_now_ms(o->router);

    if (logging->rate == 0 ||
        (!logging->rate_all && record->mnemonic[0] == '\0') ||
        (logging->rate_except != CONFIG_LOGGING_OFF &&
         record->severity <= logging->rate_except))
        return true;
    if (now_ms - o->rate.since_ms >= SECOND_MS)
        o->rate = (struct rate){.since_ms = now_ms};
    if (o->rate.shown < logging->rate) {
        o->rate.shown++;
        return true;
    }
    o->counts.rate_limited++;
    return false;
}

static bool
wants(uint32_t level, const struct log_record *record)
{
    return level != CONFIG_LOGGING_OFF && record->severity <= level;
}

/* Told also where `no logging on` silences all others. */
static void
give_console(struct log_outputs *o, struct session *console,
             const struct log_record *record, const char *line)
{
    if (console != NULL && wants(o->router->config.logging.console, record))
        o->counts.console += show(o, console, CHANNEL_ALL, line);
}

static void
give_others(struct log_outputs *o, const struct log_record *record,
            const char *line)
{
    const struct config_logging *logging = &o->router->config.logging;

    if (wants(logging->monitor, record))
        show_monitors(o, line);
    if (o->buffer != NULL && wants(logging->buffered, record)) {
        log_buffer_add(o->buffer, line);
        o->counts.buffer++;
    }
    collectors_log(o->router, record);
}

void
log_outputs_give(struct log_outputs *o, const struct log_record *record,
                 bool cut)
{
    const struct config_logging *logging = &o->router->config.logging;
    bool allowed = rate_allows(o, record);
    struct session *console = NULL;
    char line[LOG_LINE_MAX];

    o->counts.overruns += cut;
    log_record_line(record, line);
    if (o->router->sessions != NULL)
        console = session_on_console(o->router);
    if (allowed)
        give_console(o, console, record, line);
    if (logging->on && (allowed || logging->rate_console))
        give_others(o, record, line);
    if (journald_write(o->journald, record,
                       o->router->config.log_remote.facility))
        return;
    /* The console's own terminal shows the line once, not twice. */
    if (console == NULL || !console_on_terminal(o->router) ||
        !isatty(STDERR_FILENO))
        write_error_stream(o, line);
}

/* --- life --------------------------------------------------------------- */

struct log_outputs *
log_outputs_new(struct router *r)
{
    struct log_outputs *o = alloc_zero(1, sizeof(*o));

    o->router = r;
    o->journald = journald_open();
    list_init(&o->monitors);
    return o;
}

void
log_outputs_free(struct log_outputs *o)
{
    if (o == NULL)
        return;
    log_buffer_free(o->buffer);
    if (o->journald >= 0)
        close(o->journald);
    free(o);
}
