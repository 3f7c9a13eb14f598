#include "control/debug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "control/journal.h"

/* Lines of all together; and of one worker, who has a tighter limit itself. */
#define LINES_BURST  4000
#define LINES_A_S    1000
#define WORKER_BURST 2000
#define WORKER_A_S   400
#define LEFT_OUT_MS  1000 /* until it is told that lines were left out */
#define HEAD_MAX     (32 + NET_TEXT_MAX)
#define DEBUG_SESSIONS \
    (DEBUG_SSH | DEBUG_SSH_DETAIL | DEBUG_SSH_PACKET | DEBUG_SCP)

struct debug {
    struct router *router;
    unsigned kinds; /* enum debug_kind, as a set */
    struct pace pace;
    uv_timer_t left_out; /* runs while lines were */
};

/* Who a line is about. */
struct source {
    const struct session *session; /* NULL: a connection to another machine */
    unsigned slot;
    struct pace *pace;
};

/* --- what is debugged --------------------------------------------------- */

unsigned
debug_kinds(const struct router *r)
{
    return r->debug == NULL ? 0 : r->debug->kinds;
}

bool
debug_on(const struct router *r, enum debug_kind kind)
{
    return (debug_kinds(r) & kind) != 0;
}

unsigned
debug_of_clients(const struct router *r)
{
    return debug_on(r, DEBUG_SSH_CLIENT) ? DEBUG_SSH : 0;
}

static unsigned
of_session(const struct session *s)
{
    return s->monitors > 0 ? 0 : debug_kinds(s->router) & DEBUG_SESSIONS;
}

unsigned
debug_begin(struct session *s)
{
    debug_limit(s->router, &s->debug_pace);
    s->debug = of_session(s);
    s->debugged = s->debug != 0;
    return s->debug;
}

void
debug_tell(struct session *s)
{
    struct message m = {.type = MSG_TRACE};
    unsigned kinds = of_session(s);

    if (s->kind != SESSION_SSH || s->debug == kinds)
        return;
    s->debug = kinds;
    s->debugged = s->debugged || kinds != 0;
    m.trace.debug = kinds;
    session_send(s, &m);
}

void
debug_monitors(struct session *s, int more)
{
    s->monitors = (unsigned)((int)s->monitors + more);
    debug_tell(s);
}

void
debug_keep(struct router *r, unsigned kinds)
{
    r->debug->kinds = kinds;
}

/* --- lines -------------------------------------------------------------- */

static void
tell_left_out(struct debug *d)
{
    uint32_t left_out = pace_settle(&d->pace);

    if (left_out > 0)
        journal_line(d->router, LOG_DEBUGGING, "%u more lines left out",
                     left_out);
}

static void
on_left_out(uv_timer_t *timer)
{
    tell_left_out(timer->data);
}

/* One line is only counted, and the number told when there is time for it. */
static void
leave_out(struct debug *d)
{
    if (d != NULL && pace_leave_out(&d->pace))
        uv_timer_start(&d->left_out, on_left_out, LEFT_OUT_MS, 0);
}

/* False: there are too many, and this one is only counted. */
static bool
may_tell(struct debug *d)
{
    if (d == NULL)
        return false;
    if (!pace_take(&d->pace, router_now_ms(d->router))) {
        leave_out(d);
        return false;
    }
    tell_left_out(d);
    return true;
}

void
debug_line(struct router *r, const char *format, ...)
{
    char text[LOG_LINE_MAX];
    va_list args;

    if (!may_tell(r->debug))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    journal_line(r, LOG_DEBUGGING, "%s", text);
}

void
debug_lines(struct router *r, const char *first, const char *others)
{
    if (may_tell(r->debug))
        journal_line(r, LOG_DEBUGGING, "%s\n%s", first, others);
}

/* --- a worker's --------------------------------------------------------- */

void
debug_limit(const struct router *r, struct pace *pace)
{
    pace_init(pace, WORKER_BURST, WORKER_A_S, router_now_ms(r));
}

static void
put_scp_head(char to[HEAD_MAX], const struct session *s, const char *arrow)
{
    snprintf(to, HEAD_MAX, "SCP: [%u %s %s:%u] ", s->local_port, arrow,
             s->peer_text, net_port(&s->peer));
}

/* Whose line it is, control says; false: there is none such. */
static bool
put_head(char to[HEAD_MAX], const struct source *from, unsigned head)
{
    const struct session *s = from->session;
    const char *role = s == NULL ? " CLIENT" : "";
    unsigned number = s == NULL ? from->slot : s->vty;

    switch (head) {
    case TRACE_SSH:
        snprintf(to, HEAD_MAX, "SSH%s%u: ", role, number);
        return true;
    case TRACE_SSH2:
        snprintf(to, HEAD_MAX, "SSH2%s %u: ", role, number);
        return true;
    case TRACE_SSH_ALL:
        text_copy(to, HEAD_MAX, "SSH: ");
        return true;
    case TRACE_SSH2_ALL:
        text_copy(to, HEAD_MAX, "SSH2: ");
        return true;
    case TRACE_SSH2_KEX:
        text_copy(to, HEAD_MAX, "SSH2:");
        return true;
    case TRACE_SCP_SENT:
    case TRACE_SCP_RECEIVED:
        if (s != NULL)
            put_scp_head(to, s, head == TRACE_SCP_SENT ? "->" : "<-");
        return s != NULL;
    default:
        return false;
    }
}

static void
show(struct router *r, const struct source *from, const char *head,
     struct span text)
{
    char shown[LOG_LINE_MAX];

    /* Its worker may say nothing more, or be gone when the number is told. */
    if (!pace_take(from->pace, router_now_ms(r))) {
        leave_out(r->debug);
        return;
    }
    text_escape(shown, sizeof(shown) - HEAD_MAX, text);
    debug_line(r, "%s%s", head, shown);
}

static bool
show_all(struct router *r, const struct source *from, struct span lines,
         bool wanted)
{
    struct reader reader = reader_over(lines);
    char head[HEAD_MAX];

    while (reader.left > 0) {
        unsigned kind = read_u8(&reader);
        struct span text = read_string(&reader);

        if (!read_ok(&reader) || !put_head(head, from, kind))
            return false;
        /* What was on its way when it was turned off. */
        if (wanted)
            show(r, from, head, text);
    }
    return true;
}

bool
debug_traced(struct session *s, struct span lines)
{
    struct source from = {.session = s, .pace = &s->debug_pace};

    return s->debugged && show_all(s->router, &from, lines, s->debug != 0);
}

bool
debug_client_traced(struct router *r, unsigned slot, struct pace *pace,
                    struct span lines)
{
    struct source from = {.slot = slot, .pace = pace};

    return show_all(r, &from, lines, debug_of_clients(r) != 0);
}

/* --- life --------------------------------------------------------------- */

struct debug *
debug_new(struct router *r)
{
    struct debug *d = alloc_zero(1, sizeof(*d));

    d->router = r;
    pace_init(&d->pace, LINES_BURST, LINES_A_S, router_now_ms(r));
    uv_timer_init(&r->loop, &d->left_out);
    d->left_out.data = d;
    /* Alone it is no reason for the loop to go on. */
    uv_unref((uv_handle_t *)&d->left_out);
    return d;
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
debug_free(struct debug *d)
{
    if (d == NULL)
        return;
    uv_close((uv_handle_t *)&d->left_out, on_closed);
}
