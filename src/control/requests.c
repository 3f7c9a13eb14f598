#include "control/requests.h"

#include "base/text.h"
#include "control/alarms.h"
#include "control/auth.h"
#include "control/debug.h"
#include "control/journal.h"
#include "control/listener.h"
#include "control/metrics.h"
#include "control/serving.h"
#include "control/sessions.h"
#include "control/shell.h"
#include "control/signing.h"
#include "control/ssh_events.h"
#include "control/workers.h"

/* States in which a request is allowed, as a set. */
#define IN(state)   (1u << (state))
#define IN_STARTING IN(SESSION_STARTING)
#define IN_LOGIN    IN(SESSION_LOGIN)
#define IN_SHELL    IN(SESSION_SHELL)
#define IN_ANY      (IN_STARTING | IN_LOGIN | IN_SHELL)

/* Kinds of sessions, likewise. */
#define BY_SSH     (1u << SESSION_SSH)
#define BY_CONSOLE (1u << SESSION_CONSOLE)
#define BY_ALL     (BY_SSH | BY_CONSOLE)

typedef bool (*request_fn)(struct session *s, const struct message *m);

struct request_rule {
    enum message_type type;
    unsigned states, kinds;
    request_fn handle; /* false: a lie */
};

/* --- key exchange ------------------------------------------------------- */

static bool
on_sign(struct session *s, const struct message *m)
{
    return signing_ask(s, &m->sign);
}

static bool
on_keys(struct session *s, const struct message *m)
{
    const struct msg_keys *keys = &m->keys;

    /* No exchange can be complete that the signer had no part in. */
    if (s->session_id.len == 0 || s->signing || !s->exchange_signed)
        return false;
    s->exchange_signed = false;
    text_escape(s->kex, sizeof(s->kex), keys->kex);
    text_escape(s->host_key, sizeof(s->host_key), keys->host_key);
    text_escape(s->cipher_in, sizeof(s->cipher_in), keys->cipher_in);
    text_escape(s->cipher_out, sizeof(s->cipher_out), keys->cipher_out);
    text_escape(s->mac_in, sizeof(s->mac_in), keys->mac_in);
    text_escape(s->mac_out, sizeof(s->mac_out), keys->mac_out);
    text_escape(s->ident, sizeof(s->ident), keys->ident);
    if (s->state == SESSION_STARTING) {
        s->state = SESSION_LOGIN;
        metrics_keys(s);
        ssh_events_keys(s);
    } else {
        metrics_rekeyed(s->router);
    }
    return true;
}

static bool
on_session_key(struct session *s, const struct message *m)
{
    return signing_open(s, &m->session_key);
}

/* --- login -------------------------------------------------------------- */

static bool
on_auth_try(struct session *s, const struct message *m)
{
    return auth_try(s->auth, &m->auth_try);
}

static bool
on_auth_answer(struct session *s, const struct message *m)
{
    return auth_answer(s->auth, &m->auth_answer);
}

/* --- shell -------------------------------------------------------------- */

static bool
on_shell(struct session *s, const struct message *m)
{
    return shell_open(s, &m->shell);
}

static bool
on_exec(struct session *s, const struct message *m)
{
    return shell_exec(s, &m->exec);
}

static bool
on_subsystem(struct session *s, const struct message *m)
{
    return serving_subsystem(s, &m->subsystem);
}

static bool
on_channel_end(struct session *s, const struct message *m)
{
    shell_end(s, m->channel_end.channel);
    serving_end(s, m->channel_end.channel);
    return true;
}

static bool
on_input_end(struct session *s, const struct message *m)
{
    return shell_on_input_end(s, m->input_end.channel);
}

static bool
on_line(struct session *s, const struct message *m)
{
    return shell_on_line(s, &m->line);
}

static bool
on_line_help(struct session *s, const struct message *m)
{
    return shell_on_help(s, &m->line_help);
}

static bool
on_line_complete(struct session *s, const struct message *m)
{
    return shell_on_complete(s, &m->line_complete);
}

static bool
on_answer(struct session *s, const struct message *m)
{
    return shell_on_answer(s, &m->answer);
}

static bool
on_interrupt(struct session *s, const struct message *m)
{
    return shell_on_interrupt(s, m->interrupt.channel);
}

static bool
on_window(struct session *s, const struct message *m)
{
    return shell_on_window(s, &m->window);
}

static bool
on_shown(struct session *s, const struct message *m)
{
    return shell_on_shown(s, m->shown.channel);
}

static bool
on_activity(struct session *s, const struct message *m)
{
    s->active_ms = router_now_ms(s->router);
    return shell_on_activity(s, m->activity.channel);
}

static bool
on_idle(struct session *s, const struct message *m)
{
    return serving_on_idle(s, m->idle.channel) ||
           shell_on_idle(s, m->idle.channel);
}

static bool
on_break(struct session *s, const struct message *m)
{
    return shell_on_break(s, &m->stream_break);
}

static bool
on_detached(struct session *s, const struct message *m)
{
    return shell_on_detached(s, &m->detached);
}

/* --- files -------------------------------------------------------------- */

/* Each begins with its channel. */
static bool
on_file(struct session *s, const struct message *m)
{
    return serving_on_message(s, m->file_open.channel, m);
}

/* --- news --------------------------------------------------------------- */

static bool
on_report(struct session *s, const struct message *m)
{
    char line[LOG_LINE_MAX / 2];

    if (m->report.level > LOG_DEBUGGING)
        return false;
    text_escape(line, sizeof(line), m->report.line);
    journal_limited(s->router, s->peer_text, "SYS", m->report.level, "REPORT",
                    "Worker of line %u: %s", s->line, line);
    return true;
}

static bool
on_traced(struct session *s, const struct message *m)
{
    return debug_traced(s, m->traced.lines);
}

/*
 * A worker stays for a moment behind its last word, so that the peer can read
 * what he was told; his vty need not wait for that. Line con 0 does: its
 * terminal is the worker's until then.
 */
static void
give_up_line(struct session *s)
{
    if (s->kind != SESSION_SSH)
        return;
    session_leave_line(s);
    worker_leaves(s);
}

/* Nothing that he came for is still under way. */
static bool
is_done(const struct session *s)
{
    if (s->left_by == CAUSE_NONE)
        return false;
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->transfers[i] != NULL || s->asking[i] != NULL)
            return false;
    return shells_are_over(s);
}

/* What is left of it are the ends that a worker alone sees. */
static enum session_cause
cause_of(const struct session *s, const struct msg_ended *m)
{
    bool failed = !m->by_peer || m->reason == SSH_REASON_KEY_EXCHANGE_FAILED;

    if (m->exchanging && failed)
        return s->state == SESSION_STARTING ? CAUSE_KEYS : CAUSE_REKEY;
    if (m->broken)
        return CAUSE_PROTOCOL;
    if (is_done(s))
        return s->left_by;
    if (m->by_peer)
        return CAUSE_PEER;
    /* Without a word there were too many bytes that nobody took. */
    return m->reason == SSH_REASON_NONE ? CAUSE_NETWORK : CAUSE_IDLE;
}

/* One rate-limited line for a broken protocol, none for an orderly end. */
static bool
on_ended(struct session *s, const struct message *m)
{
    char why[LOG_LINE_MAX];

    s->peer_closed = m->ended.peer_closed;
    alarms_cause(s, cause_of(s, &m->ended));
    text_escape(why, sizeof(why), m->ended.text);
    if (m->ended.mismatch == MISMATCH_GROUP)
        ssh_events_small_group(s);
    if (m->ended.mismatch == MISMATCH_NAMES)
        ssh_events_no_match(s, why);
    if (m->ended.broken) {
        if (m->ended.mismatch == MISMATCH_STATE && s->version == 2)
            ssh_events_unexpected(s);
        else
            journal_limited(s->router, s->peer_text, "SSH", LOG_WARNING,
                            "SSH2_PROTOCOL", "Session from %s ended: %s",
                            s->peer_text, why);
        listener_fault(s, FAULT_PROTOCOL);
    }
    give_up_line(s);
    return true;
}

/* --- the table ---------------------------------------------------------- */

static const struct request_rule rules[] = {
    {MSG_SIGN, IN_ANY, BY_SSH, on_sign},
    {MSG_SESSION_KEY, IN_STARTING, BY_SSH, on_session_key},
    {MSG_KEYS, IN_ANY, BY_SSH, on_keys},
    {MSG_AUTH_TRY, IN_LOGIN, BY_SSH, on_auth_try},
    {MSG_AUTH_ANSWER, IN_LOGIN, BY_SSH, on_auth_answer},
    {MSG_SHELL, IN_SHELL, BY_ALL, on_shell},
    {MSG_EXEC, IN_SHELL, BY_SSH, on_exec},
    {MSG_SUBSYSTEM, IN_SHELL, BY_SSH, on_subsystem},
    {MSG_CHANNEL_END, IN_SHELL, BY_ALL, on_channel_end},
    {MSG_INPUT_END, IN_SHELL, BY_ALL, on_input_end},
    {MSG_LINE, IN_SHELL, BY_ALL, on_line},
    {MSG_LINE_HELP, IN_SHELL, BY_ALL, on_line_help},
    {MSG_LINE_COMPLETE, IN_SHELL, BY_ALL, on_line_complete},
    {MSG_ANSWER, IN_SHELL, BY_ALL, on_answer},
    {MSG_INTERRUPT, IN_SHELL, BY_ALL, on_interrupt},
    {MSG_WINDOW, IN_SHELL, BY_ALL, on_window},
    {MSG_ACTIVITY, IN_SHELL, BY_ALL, on_activity},
    {MSG_SHOWN, IN_SHELL, BY_ALL, on_shown},
    {MSG_IDLE, IN_SHELL, BY_ALL, on_idle},
    {MSG_STREAM_BREAK, IN_SHELL, BY_ALL, on_break},
    {MSG_DETACHED, IN_SHELL, BY_ALL, on_detached},
    {MSG_FILE_OPEN, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_COMMIT, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_ABANDON, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_STAT, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_LIST, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_MAKE_DIRECTORY, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_SET, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_REMOVE, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_REMOVE_DIRECTORY, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_RENAME, IN_SHELL, BY_SSH, on_file},
    {MSG_FILE_SPACE, IN_SHELL, BY_SSH, on_file},
    {MSG_REPORT, IN_ANY, BY_ALL, on_report},
    {MSG_TRACED, IN_ANY, BY_SSH, on_traced},
    {MSG_ENDED, IN_ANY, BY_SSH | BY_CONSOLE, on_ended},
};

static const struct request_rule *
rule_find(enum message_type type)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].type == type)
            return &rules[i];
    return NULL;
}

const char *
request_handle(struct session *s, const struct message *m)
{
    const struct request_rule *rule = rule_find(m->type);

    if (rule == NULL)
        return "it sent a message that no worker sends";
    /* What was on its way when it was told to go has no effect. */
    if (s->state == SESSION_ENDING) {
        if (m->type == MSG_ENDED) {
            s->peer_closed = m->ended.peer_closed;
            give_up_line(s);
        }
        if (m->type == MSG_TRACED)
            (void)on_traced(s, m);
        return NULL;
    }
    if ((rule->states & IN(s->state)) == 0 ||
        (rule->kinds & (1u << s->kind)) == 0)
        return "it sent a message that it may not send now";
    if (!rule->handle(s, m))
        return "it sent a message that makes no sense";
    return NULL;
}
