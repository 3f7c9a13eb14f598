#include "control/reverse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/accounting.h"
#include "control/banner.h"
#include "control/journal.h"
#include "control/reverse_access.h"
#include "control/sessions.h"
#include "control/shell_parts.h"
#include "control/tty.h"
#include "control/tty_plans.h"
#include "control/tty_users.h"

#define BREAK_MS 500 /* of a request that does not say how long */
#define WHY_MAX  256

/* One user on his way to a line, and on it. */
struct reverse {
    struct tty_guest guest; /* the first member: listed in tty_users.c */
    struct command *cmd;    /* NULL: he has gone */
    uint32_t id;            /* TTY_NOBODY: not on the line, or no more */
    int stream;             /* his end; -1: none */
    bool ended;             /* the line's side has, `end` says why */
    enum tty_end end;
    bool cleared;
    struct reverse_access access;
    struct accounting_connection account;
    bool loses; /* somebody else writes now: he goes on as one who watches */
    bool takes; /* an EXEC of his wants him to write */
    unsigned privilege; /* of it */
};

static void find_line(struct reverse *v);

bool
reverse_is_wanted(const struct session *s)
{
    return s->target.kind != LINE_TARGET_NONE;
}

/* --- life ---------------------------------------------------------------- */

/* Who waits for this line asks again. */
static void
wake(struct router *r, unsigned tty)
{
    LIST_EACH(node, tty_users_all(r))
    {
        struct reverse *v =
            (struct reverse *)LIST_ITEM(node, struct tty_guest, node);

        if (v->guest.tty == tty && v->guest.state == TTY_GUEST_WAITS &&
            v->access.walk == NULL) {
            find_line(v);
            return;
        }
    }
}

static void
reverse_free(struct reverse *v)
{
    struct router *r = v->guest.router;
    unsigned tty = v->guest.tty;

    reverse_access_end(&v->access);
    if (v->id != TTY_NOBODY)
        tty_drop(r, tty, v->id);
    if (v->stream >= 0)
        close(v->stream);
    tty_users_remove(&v->guest);
    free(v);
    wake(r, tty);
}

/*
 * The user is gone. What he typed last still goes to the device: the line has
 * its end when all of it was taken, and until then nobody else writes there.
 */
static void
let_go(void *state)
{
    struct reverse *v = state;

    accounting_connection_end(v->guest.session, &v->account, NULL);
    v->cmd = NULL;
    v->guest.session = NULL;
    if (v->id == TTY_NOBODY || v->guest.state != TTY_GUEST_WRITES) {
        reverse_free(v);
        return;
    }
    v->guest.state = TTY_GUEST_LEAVES;
    close(v->stream);
    v->stream = -1;
}

/* He goes with this status. */
static void
leave(struct reverse *v, unsigned status)
{
    struct command *cmd = v->cmd;

    shell_leave(cmd->shell, status);
    cmd_done(cmd);
}

/* --- refusals ------------------------------------------------------------ */

static void
group_why(const struct line_target *target, enum tty_refusal refusal, char *why)
{
    if (refusal == TTY_NO_LINE)
        snprintf(why, WHY_MAX, "There is no line in rotary group %u",
                 target->number);
    else
        snprintf(why, WHY_MAX, "No line of rotary group %u is free",
                 target->number);
}

static void
refuse(struct reverse *v, enum tty_refusal refusal)
{
    const struct session *s = v->guest.session;
    const struct line_target *target = &s->target;
    bool busy = refusal == TTY_NO_LINE || refusal == TTY_IN_USE ||
                refusal == TTY_WATCHES;
    char why[WHY_MAX];

    if (target->kind == LINE_TARGET_ROTARY && busy)
        group_why(target, refusal, why);
    else
        tty_users_why(v->guest.router, v->guest.line, refusal, why,
                      sizeof(why));
    out_error(v->cmd, "%s", why);
    journal_limited(v->guest.router, s->peer_text, "SSH", LOG_NOTICE,
                    "LINE_REFUSED", "%s from %s: %s", s->user, s->peer_text,
                    why);
    leave(v, 1);
}

/* --- on the line --------------------------------------------------------- */

static const struct config_tty *
settings_of(const struct reverse *v)
{
    static const struct config_tty none;
    const struct config_tty *tty =
        tty_number_settings(&v->guest.router->config, v->guest.tty);

    return tty != NULL ? tty : &none;
}

/* The shorter of two times; 0 is for ever. */
static unsigned
shorter(unsigned a, unsigned b)
{
    if (a == 0 || (b != 0 && b < a))
        return b;
    return a;
}

static void on_detached(struct command *cmd, enum detach_reason reason);

static void
join(struct reverse *v)
{
    const struct config_tty *tty = settings_of(v);
    const struct config_ssh *ssh = &v->guest.router->config.ssh;
    bool writes = v->guest.state == TTY_GUEST_WRITES;

    cmd_attach(
        v->cmd,
        &(struct cmd_stream){
            .socket = v->stream,
            .idle_s = shorter(tty->exec_timeout_min * 60 + tty->exec_timeout_s,
                              tty->line.session_timeout_min * 60),
            .idle_output =
                tty->line.session_timeout_output || v->cmd->shell->exec,
            .watches = !writes,
            .break_text = writes ? ssh->break_string : NULL,
        },
        on_detached);
}

/* What a watcher's screen says of it. */
static void
tell_watcher(struct reverse *v)
{
    const struct tty_guest *writer =
        tty_users_writer(v->guest.router, v->guest.tty);

    out_line(v->cmd, "[%s writes on line %u, you watch: ^Ec? for help]",
             writer != NULL ? writer->user : "", v->guest.line);
}

static void
finish(struct reverse *v)
{
    bool quiet = v->cmd->shell->exec;
    unsigned line = v->guest.line;

    if (v->cleared && !quiet)
        out_line(v->cmd, "\n[Line %u cleared]", line);
    else if (v->ended && v->end == TTY_GONE)
        out(v->cmd, "%s%% The device of line %u is gone\n", quiet ? "" : "\n",
            line);
    else if (v->ended && v->end == TTY_DIED)
        out(v->cmd, "%s%% Line %u has failed\n", quiet ? "" : "\n", line);
    if (v->cleared)
        v->cmd->shell->cause = CAUSE_CLEARED;
    leave(v, v->cleared || (v->ended && v->end != TTY_LEFT) ? 1 : 0);
}

static void
write_there(struct reverse *v)
{
    v->guest.state = TTY_GUEST_WRITES;
    tty_writer(v->guest.router, v->guest.tty, v->id);
}

/* One who watches wants to write, and may do what that level may. */
static void
take(struct reverse *v, unsigned privilege)
{
    struct tty_guest *from = tty_users_writer(v->guest.router, v->guest.tty);
    struct reverse *loser = (struct reverse *)from;

    if (from != NULL && !tty_users_may_take(from, v->guest.user, privilege)) {
        out_line(v->cmd, "\n%% Line %u is in use by %s", v->guest.line,
                 from->user);
        join(v);
        return;
    }
    write_there(v);
    /* Its worker tells him who writes from now on. */
    if (from != NULL && from->state == TTY_GUEST_WRITES) {
        from->state = TTY_GUEST_WATCHES;
        loser->loses = true;
        cmd_detach(loser->cmd);
    }
    out_line(v->cmd, "\n[You write on line %u]", v->guest.line);
    join(v);
}

static void
on_detached(struct command *cmd, enum detach_reason reason)
{
    struct reverse *v = cmd->state;
    bool loses = v->loses, takes = v->takes;

    v->loses = v->takes = false;
    if (reason == DETACH_TAKE) {
        take(v, v->guest.session->privilege);
    } else if (reason == DETACH_ENDED && takes && !v->ended && !v->cleared) {
        take(v, v->privilege);
    } else if (reason == DETACH_ENDED && loses && !v->ended && !v->cleared) {
        join(v);
    } else if (reason == DETACH_IDLE) {
        if (!cmd->shell->exec)
            out_line(cmd, "\n[Line %u idle too long; timed out]",
                     v->guest.line);
        cmd->shell->cause = CAUSE_IDLE;
        leave(v, 0);
    } else {
        finish(v);
    }
}

static void
on_break(struct command *cmd, unsigned ms)
{
    const struct reverse *v = cmd->state;

    if (v->guest.state == TTY_GUEST_WRITES)
        (void)tty_break(v->guest.router, v->guest.tty, ms == 0 ? BREAK_MS : ms);
}

/* The stream ends behind what the device has said: only then he is told. */
static void
on_end(void *owner, enum tty_end end)
{
    struct reverse *v = owner;

    v->id = TTY_NOBODY;
    v->ended = true;
    v->end = end;
    if (v->cmd == NULL)
        reverse_free(v);
}

/* --- the way there ------------------------------------------------------- */

static void
show_banners(struct reverse *v)
{
    const struct session *s = v->guest.session;
    const struct config_banners *banners = &v->guest.router->config.banners;
    struct buf text;

    if (v->cmd->shell->exec)
        return;
    buf_init(&text, BANNER_SHOWN_MAX);
    if (banners->motd != NULL && banner_shows_motd(session_line(s))) {
        buf_printf(&text, "\n");
        banner_put(&text, s, banners->motd);
    }
    if (banners->incoming != NULL) {
        buf_printf(&text, "\n");
        banner_put(&text, s, banners->incoming);
    }
    out_span(v->cmd, buf_span(&text));
    buf_clear(&text);
}

/* The text of an exec request. It fits into an empty stream. */
static void
type_command(struct reverse *v)
{
    struct buf *text = &v->cmd->shell->script;
    struct span bytes;

    if (!v->cmd->shell->exec)
        return;
    buf_put_u8(text, '\r');
    bytes = buf_span(text);
    if (send(v->stream, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL) !=
        (ssize_t)bytes.len)
        out_error(v->cmd, "The command is too long for line %u", v->guest.line);
    buf_reset(text);
}

static enum err
put_on_line(struct reverse *v)
{
    bool writes = v->guest.state == TTY_GUEST_WRITES;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   ends) != 0)
        return ERR_SYSTEM;
    v->stream = ends[0];
    return tty_attach(v->guest.router, v->guest.tty, ends[1],
                      &(struct tty_user){.name = v->guest.user,
                                         .writer = writes,
                                         .on_end = on_end,
                                         .owner = v},
                      &v->id);
}

static void
enter_line(struct reverse *v, enum tty_refusal how)
{
    struct router *r = v->guest.router;
    struct config_line_id id;
    char name[16];
    enum err err;

    v->guest.state = how == TTY_ADMITTED ? TTY_GUEST_WRITES : TTY_GUEST_WATCHES;
    err = put_on_line(v);
    if (err == ERR_LIMIT || err == ERR_SYSTEM) {
        v->guest.state = TTY_GUEST_WAITS;
        out_error(v->cmd, "Line %u has no place for another user",
                  v->guest.line);
        leave(v, 1);
        return;
    }
    if (err != OK) {
        v->guest.state = TTY_GUEST_WAITS;
        refuse(v, TTY_DEVICE_ABSENT);
        return;
    }
    if (config_line_at(&r->config, v->guest.line, &id))
        sessions_count_use(r, id);
    snprintf(name, sizeof(name), "tty%u", v->guest.line);
    accounting_connection_begin(v->guest.session, "ssh", name, v->guest.line,
                                &v->account);
    v->cmd->on_break = on_break;
    show_banners(v);
    if (how == TTY_WATCHES)
        tell_watcher(v);
    type_command(v);
    join(v);
}

/* The line that he gets, if he may; or the best reason why he gets none. */
static enum tty_refusal
choose(struct reverse *v, enum reverse_right *right)
{
    struct router *r = v->guest.router;
    const struct line_target *target = &v->guest.session->target;
    bool group = target->kind == LINE_TARGET_ROTARY;
    enum tty_refusal best = TTY_NO_LINE;
    uint32_t line = 0;

    *right = REVERSE_BY_NAME;
    v->guest.line = group ? 0 : target->number;
    v->guest.tty = 0;
    while ((line = line_target_next(&r->config, target, line)) != 0) {
        unsigned tty = tty_number_at(&r->config, line);
        enum reverse_right his = reverse_access_of(&v->access, &r->config, tty);
        enum tty_refusal said = tty_users_judge(
            r, line, his == REVERSE_BY_NAME ? v->guest.user : NULL,
            his != REVERSE_REFUSED);
        bool better;

        if (group && said == TTY_WATCHES)
            said = TTY_IN_USE;
        /* What may become better, or says more, than what another line said. */
        better = said == TTY_ADMITTED || best == TTY_NO_LINE ||
                 (best != TTY_AWAITED && (said == TTY_AWAITED || said > best));
        if (better) {
            best = said;
            *right = his;
            v->guest.line = line;
            v->guest.tty = tty;
        }
        if (said == TTY_ADMITTED)
            break;
    }
    return best;
}

static void
take_answer(void *owner)
{
    find_line(owner);
}

static void
find_line(struct reverse *v)
{
    bool alone = v->guest.session->target.kind == LINE_TARGET_LINE;
    enum reverse_right right;
    enum tty_refusal said = choose(v, &right);

    /* Only the line that would be his is asked for, or why it would not. */
    while (right == REVERSE_TO_ASK) {
        if (!reverse_access_ask(&v->access, v->guest.session, v->guest.tty,
                                v->guest.line)) {
            cmd_wait(v->cmd);
            return;
        }
        said = choose(v, &right);
    }
    if (said == TTY_AWAITED) {
        v->guest.state = TTY_GUEST_WAITS;
        cmd_wait(v->cmd);
    } else if (said == TTY_ADMITTED ||
               (said == TTY_WATCHES && alone && !v->cmd->shell->exec)) {
        enter_line(v, said);
    } else {
        refuse(v, said);
    }
}

void
reverse_enter(struct command *cmd)
{
    struct session *s = cmd->session;
    struct reverse *v = alloc_zero(1, sizeof(*v));

    v->guest.router = cmd->router;
    v->guest.session = s;
    text_copy(v->guest.user, sizeof(v->guest.user), s->user);
    v->cmd = cmd;
    v->id = TTY_NOBODY;
    v->stream = -1;
    v->access.answered = take_answer;
    v->access.owner = v;
    cmd->state = v;
    cmd->free_state = let_go;
    tty_users_add(&v->guest);
    find_line(v);
}

/* Clearing one lets others come, and go: the list is another then. */
static struct reverse *
next_to_clear(struct router *r, unsigned tty)
{
    LIST_EACH(node, tty_users_all(r))
    {
        struct reverse *v =
            (struct reverse *)LIST_ITEM(node, struct tty_guest, node);

        if (v->guest.tty == tty && !v->cleared)
            return v;
    }
    return NULL;
}

void
reverse_clear(struct router *r, unsigned tty)
{
    struct reverse *v;

    while ((v = next_to_clear(r, tty)) != NULL) {
        v->cleared = true;
        if (v->id != TTY_NOBODY)
            tty_drop(r, tty, v->id);
        v->id = TTY_NOBODY;
        if (v->cmd == NULL)
            reverse_free(v);
        else if (v->guest.state == TTY_GUEST_WAITS)
            finish(v);
    }
}

/* The last session of that name that watches there. */
static struct reverse *
watcher_of(struct router *r, unsigned tty, const char *user)
{
    struct tty_guest *g = NULL, *found = NULL;

    while ((g = tty_users_next(r, tty, g)) != NULL)
        if (g->state == TTY_GUEST_WATCHES && strcmp(g->user, user) == 0)
            found = g;
    return (struct reverse *)found;
}

enum reverse_take
reverse_take(struct session *s, unsigned tty)
{
    const struct tty_guest *from = tty_users_writer(s->router, tty);
    struct reverse *v = watcher_of(s->router, tty, s->user);

    if (v == NULL)
        return REVERSE_WATCHES_NOT;
    if (from != NULL && !tty_users_may_take(from, s->user, s->privilege))
        return REVERSE_IN_USE;
    v->privilege = s->privilege;
    /* His worker is on its way back already. */
    if (!v->takes && !v->loses)
        cmd_detach(v->cmd);
    v->takes = true;
    return REVERSE_TAKES;
}
