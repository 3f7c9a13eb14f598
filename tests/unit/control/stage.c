#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/cli.h"
#include "commands/all.h"
#include "control/accounting.h"
#include "control/debug.h"
#include "control/grant.h"
#include "control/helpers.h"
#include "control/identity.h"
#include "control/journal.h"
#include "control/listener.h"
#include "control/reload.h"
#include "control/sessions.h"
#include "control/snmp.h"
#include "control/tty.h"
#include "control/tty_users.h"
#include "control/workers.h"

#define ROOM (1024 * 1024)

struct stage stage;
static struct cli_language *language;
static struct buf shown, log_shown, config_shown, told_shown;

/* --- what the worker hears ---------------------------------------------- */

static void put(const char *format, ...) PRINTF(1, 2);

static void
put(const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_put(&stage.heard, text, strlen(text));
}

static const char *
kind_text(unsigned kind)
{
    static const char *const texts[] = {"?", "line", "secret", "key", "text"};

    return kind < 5 ? texts[kind] : "?";
}

static void
hear(const struct message *m)
{
    switch (m->type) {
    case MSG_OUTPUT:
        buf_put_span(&stage.heard, m->output.text);
        break;
    case MSG_FILTER:
        put("<filter %u %.*s>", m->filter.kind, (int)m->filter.pattern.len,
            m->filter.pattern.ptr);
        break;
    case MSG_PROMPT:
        put("<%.*s>", (int)m->prompt.prompt.len, m->prompt.prompt.ptr);
        break;
    case MSG_ASK:
        put("<ask %s", kind_text(m->ask.kind));
        if (m->ask.limit_s != 0)
            put(" %us", m->ask.limit_s);
        put(">%.*s", (int)m->ask.prompt.len, m->ask.prompt.ptr);
        break;
    case MSG_EXIT:
        put("<exit %u>", m->exit.status);
        break;
    case MSG_REQUEST_REPLY:
        put("<reply %d>", m->request_reply.ok);
        break;
    case MSG_TERMINAL:
        put("<terminal %u%sx%u%s %us", m->terminal.length,
            m->terminal.fixed_length ? "!" : "", m->terminal.width,
            m->terminal.fixed_width ? "!" : "", m->terminal.exec_timeout_s);
        if (m->terminal.history != CONFIG_LINE_HISTORY)
            put(" history %u", m->terminal.history);
        put(">");
        break;
    case MSG_HELP:
        put("<help>");
        buf_put_span(&stage.heard, m->help.text);
        break;
    case MSG_COMPLETED:
        put("<completed %u>", m->completed.cursor);
        buf_put_span(&stage.heard, m->completed.line);
        break;
    default:
        put("<%s>", message_name(m->type));
    }
}

size_t
session_send(struct session *s, const struct message *m)
{
    stage.messages++;
    if (s == &stage.sessions[0])
        hear(m);
    return stage.queued;
}

size_t
session_send_fd(struct session *s, const struct message *m, int fd)
{
    char bytes[4096];
    ssize_t got;

    if (m->type == MSG_ATTACH) {
        put("<attach %u>", m->attach.escape);
        stage.attached = m->attach;
        stage.attached.break_text = SPAN_EMPTY;
        return stage.queued;
    }
    assert_int_equal(m->type, MSG_OUTPUT_FILE);
    buf_reset(&stage.file);
    while ((got = read(fd, bytes, sizeof(bytes))) > 0)
        buf_put(&stage.file, bytes, (size_t)got);
    stage.messages++;
    if (s == &stage.sessions[0])
        put("<file %zu>", buf_len(&stage.file));
    return stage.queued;
}

void
session_disconnect(struct session *s, enum session_cause cause,
                   enum ssh_reason reason, const char *text)
{
    (void)cause;
    (void)reason;
    stage.disconnected = s;
    stage.disconnect = text;
}

void
worker_yields(struct session *s, bool yields)
{
    (void)s;
    (void)yields;
}

pid_t
workers_nursery_pid(const struct router *r)
{
    (void)r;
    return 0;
}

pid_t
helper_pid(const struct router *r, enum helper_name name)
{
    (void)r;
    (void)name;
    return 0;
}

void
helpers_want_servers(struct router *r, bool wanted)
{
    (void)r;
    (void)wanted;
}

void
helpers_want_notify(struct router *r, enum notify_need need, bool wanted)
{
    (void)r;
    (void)need;
    (void)wanted;
}

bool
notify_send(struct router *r, const struct message *m, int fd)
{
    (void)r;
    (void)m;
    (void)fd;
    return false;
}

bool
notify_is_there(const struct router *r)
{
    (void)r;
    return false;
}

bool
aaa_servers_send(struct router *r, const struct message *m)
{
    (void)r;
    (void)m;
    return false;
}

struct list *
sessions_all(struct router *r)
{
    (void)r;
    return &stage.sessions_list;
}

struct session *
session_on_vty(struct router *r, unsigned vty)
{
    LIST_EACH(node, sessions_all(r))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (s->kind == SESSION_SSH && s->vty == vty)
            return s;
    }
    return NULL;
}

struct session *
session_find(struct router *r, uint32_t connection)
{
    LIST_EACH(node, sessions_all(r))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (s->connection == connection)
            return s;
    }
    return NULL;
}

uint32_t
sessions_uses(const struct router *r, struct config_line_id line)
{
    uint32_t number = config_line_number(&r->config, line);

    return number < STAGE_LINES ? stage.uses[number] : 0;
}

void
sessions_count_use(struct router *r, struct config_line_id line)
{
    uint32_t number = config_line_number(&r->config, line);

    assert_true(number < STAGE_LINES);
    stage.uses[number]++;
}

/* Lines have no processes: what is configured is recorded. */
void
tty_configure(struct router *r, unsigned line, const struct tty_plan *plan)
{
    (void)r;
    if (plan == NULL)
        snprintf(stage.plan, sizeof(stage.plan), "%u none", line);
    else
        snprintf(stage.plan, sizeof(stage.plan), "%u %s:%u %u %u%u%u", line,
                 plan->device != NULL ? plan->device : plan->host, plan->port,
                 plan->settings.speed, plan->settings.databits,
                 plan->settings.parity, plan->settings.stopbits);
}

/* One user at a time is on a line; his stream ends at once. */
enum tty_state
tty_state(const struct router *r, unsigned line)
{
    (void)r;
    return line == 0 ? TTY_NONE : stage.tty_state;
}

const char *
tty_absence(const struct router *r, unsigned line)
{
    (void)r;
    (void)line;
    return stage.tty_state == TTY_ABSENT ? "it is not there" : "";
}

void
snmp_changed(struct router *r, const struct config *config)
{
    (void)r;
    (void)config;
}

void
snmp_session_ended(struct router *r, const struct session_end *end)
{
    (void)r;
    (void)end;
}

void
snmp_users_stored(struct router *r)
{
    (void)r;
}

struct snmp_counters
snmp_counters(const struct router *r)
{
    (void)r;
    return (struct snmp_counters){0};
}

unsigned
snmp_in_flight(const struct router *r)
{
    (void)r;
    return 0;
}

bool
snmp_target_at(const struct router *r, size_t index,
               struct snmp_target_view *view)
{
    (void)r;
    (void)index;
    (void)view;
    return false;
}

struct tty_errors
tty_errors(const struct router *r, unsigned line)
{
    (void)r;
    return (struct tty_errors){.noise = line, .hardware = line, .software = 0};
}

struct tty_counters
tty_counters(const struct router *r, unsigned line)
{
    (void)r;
    return (struct tty_counters){.bytes_in = line, .bytes_out = 5000000000};
}

void
tty_count(struct router *r, unsigned line, tty_counted_fn done, void *owner)
{
    (void)r;
    (void)line;
    stage.counted = done;
    stage.tty_owner = owner;
}

enum err
tty_buffer(struct router *r, unsigned line, tty_buffer_fn done, void *owner)
{
    (void)r;
    (void)line;
    stage.buffered = done;
    stage.tty_owner = owner;
    return stage.tty_state == TTY_NONE ? ERR_NOT_FOUND : OK;
}

void
tty_forget(struct router *r, const void *owner)
{
    (void)r;
    if (stage.tty_owner == owner)
        stage.tty_owner = NULL;
}

enum err
tty_attach(struct router *r, unsigned line, int fd, const struct tty_user *user,
           uint32_t *id)
{
    (void)r;
    close(fd);
    snprintf(stage.on_line, sizeof(stage.on_line), "%s%s on %u",
             user->writer ? "" : "watching ", user->name, line);
    stage.line_user = *user;
    *id = 1;
    return OK;
}

void
tty_drop(struct router *r, unsigned line, uint32_t id)
{
    (void)r;
    snprintf(stage.on_line, sizeof(stage.on_line), "dropped %u from %u", id,
             line);
}

void
tty_writer(struct router *r, unsigned line, uint32_t id)
{
    (void)r;
    snprintf(stage.on_line, sizeof(stage.on_line), "%u writes on %u", id, line);
}

bool
tty_break(struct router *r, unsigned line, unsigned ms)
{
    (void)r;
    snprintf(stage.on_line, sizeof(stage.on_line), "break of %u on %u", ms,
             line);
    return true;
}

struct session *
session_on_console(struct router *r)
{
    LIST_EACH(node, sessions_all(r))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (s->kind == SESSION_CONSOLE)
            return s;
    }
    return NULL;
}

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return stage.now_ms;
}

void
router_end(struct router *r, int status)
{
    (void)r;
    assert_int_equal(status, 0);
    stage.ended = true;
}

/* --- to other machines -------------------------------------------------- */

struct outgoing {
    int stream[2];
};

enum err
outgoing_new(struct router *r, const struct outgoing_plan *plan,
             const struct outgoing_events *events, void *owner,
             struct outgoing **o)
{
    (void)r;
    if (stage.outgoing.refused)
        return ERR_LIMIT;
    buf_printf(&stage.outgoing.told, "%s@%s:%u", plan->user, plan->host,
               plan->port);
    if (plan->versions != SSH_VERSION_2)
        buf_printf(&stage.outgoing.told, " %s%s",
                   plan->versions == SSH_VERSION_1 ? "version 1" : "both",
                   plan->version_named ? "" : "?");
    if ((plan->versions & SSH_VERSION_1) != 0 && plan->v1_ciphers != NULL)
        buf_printf(&stage.outgoing.told, " %s", plan->v1_ciphers);
    if (plan->ciphers != NULL)
        buf_printf(&stage.outgoing.told, " %s", plan->ciphers);
    if (plan->macs != NULL)
        buf_printf(&stage.outgoing.told, " %s", plan->macs);
    if (plan->command != NULL)
        buf_printf(&stage.outgoing.told, " <%s>", plan->command);
    if (plan->terminal != NULL)
        buf_printf(&stage.outgoing.told, " %s %ux%u", plan->terminal,
                   plan->columns, plan->rows);
    if (plan->cooked)
        buf_printf(&stage.outgoing.told, " cooked");
    buf_printf(&stage.outgoing.told, " %u prompts\n", plan->prompts);
    stage.outgoing.events = events;
    stage.outgoing.owner = owner;
    *o = alloc_zero(1, sizeof(**o));
    assert_int_equal(pipe((*o)->stream), 0);
    stage.outgoing.it = *o;
    return OK;
}

void
outgoing_connect(struct outgoing *o)
{
    assert_ptr_equal(o, stage.outgoing.it);
}

void
outgoing_answer(struct outgoing *o, const char *text)
{
    assert_ptr_equal(o, stage.outgoing.it);
    buf_printf(&stage.outgoing.told, "answer %s\n", text);
}

void
outgoing_window(struct outgoing *o, unsigned columns, unsigned rows)
{
    (void)o;
    buf_printf(&stage.outgoing.told, "window %ux%u\n", columns, rows);
}

void
outgoing_break(struct outgoing *o, unsigned ms)
{
    (void)o;
    buf_printf(&stage.outgoing.told, "break %u\n", ms);
}

void
outgoing_hand_over(struct outgoing *o, const struct outgoing_events *events,
                   void *owner)
{
    assert_ptr_equal(o, stage.outgoing.it);
    stage.outgoing.events = events;
    stage.outgoing.owner = owner;
}

const struct config_address *
outgoing_address(const struct outgoing *o)
{
    static const struct config_address address = {
        .family = CONFIG_FAMILY_IPV4,
        .bytes = {192, 0, 2, 9},
    };

    (void)o;
    return &address;
}

int
outgoing_stream(const struct outgoing *o)
{
    return o->stream[0];
}

void
stage_outgoing_says(const char *text)
{
    ssize_t len = (ssize_t)strlen(text);

    assert_int_equal(write(stage.outgoing.it->stream[1], text, strlen(text)),
                     len);
}

static void
outgoing_free(struct outgoing *o)
{
    /* A user may have several; the last one is played. */
    if (stage.outgoing.it == o)
        stage.outgoing.it = NULL;
    close(o->stream[0]);
    close(o->stream[1]);
    free(o);
}

void
outgoing_abandon(struct outgoing *o)
{
    buf_printf(&stage.outgoing.told, "abandoned\n");
    outgoing_free(o);
}

const char *
stage_outgoing_told(void)
{
    buf_reset(&told_shown);
    buf_put_span(&told_shown, buf_span(&stage.outgoing.told));
    buf_reset(&stage.outgoing.told);
    return buf_text(&told_shown);
}

void
stage_outgoing_end(enum outgoing_outcome outcome,
                   const struct msg_client_ended *said, bool ready)
{
    struct outgoing_end end = {.outcome = outcome, .ready = ready};

    if (said != NULL)
        end.said = *said;
    outgoing_free(stage.outgoing.it);
    stage.outgoing.events->on_end(stage.outgoing.owner, &end);
}

/* --- the log ------------------------------------------------------------ */

static void note(const char *facility, enum log_level severity,
                 const char *mnemonic, const char *format, va_list args)
    PRINTF(4, 0);

static void
note(const char *facility, enum log_level severity, const char *mnemonic,
     const char *format, va_list args)
{
    char text[LOG_LINE_MAX];

    vsnprintf(text, sizeof(text), format, args);
    buf_printf(&stage.log, "%%%s-%d-%s: %s\n", facility, (int)severity,
               mnemonic, text);
}

void
journal_watch(struct router *r, struct monitor *m)
{
    (void)r;
    (void)m;
    put("<watch>");
}

void
journal_unwatch(struct monitor *m)
{
    (void)m;
}

/* Nobody is told what is debugged. */
bool
debug_on(const struct router *r, enum debug_kind kind)
{
    (void)r;
    return (stage.debugged & kind) != 0;
}

void
debug_set(struct router *r, unsigned kinds, bool on)
{
    (void)r;
    stage.debugged = on ? stage.debugged | kinds : stage.debugged & ~kinds;
}

/* The log goes nowhere but into stage.log. */
void
log_outputs_update(struct router *r)
{
    (void)r;
}

void
log_outputs_empty(struct router *r)
{
    (void)r;
    stage.log_counts.flushes++;
}

struct log_counts
log_outputs_counts(const struct router *r)
{
    (void)r;
    return stage.log_counts;
}

void
log_outputs_read(const struct router *r, struct span *older, struct span *newer)
{
    (void)r;
    *older = span_text("lder line\nnewer ");
    *newer = span_text("line\n");
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    va_list args;

    (void)r;
    va_start(args, format);
    note(facility, severity, mnemonic, format, args);
    va_end(args);
}

void
journal_tell(struct session *s, const char *text)
{
    buf_printf(&stage.log, "<session %u>%s", s->vty, text);
}

void
journal_broadcast(struct router *r, const char *format, ...)
{
    char text[512];
    va_list args;

    (void)r;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_printf(&stage.log, "<all>%s", text);
}

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    va_list args;

    (void)r;
    (void)source;
    va_start(args, format);
    note(facility, severity, mnemonic, format, args);
    va_end(args);
}

/* --- aaa ---------------------------------------------------------------- */

static void
keep(char *to, size_t room, struct span from)
{
    assert_true(text_copy_span(to, room, from));
}

void
judge_ask(struct router *r, struct msg_judge *m, verdict_fn done, void *owner)
{
    (void)r;
    stage.judge.last = *m;
    keep(stage.judge.given, sizeof(stage.judge.given), m->given);
    keep(stage.judge.stored, sizeof(stage.judge.stored), m->stored);
    stage.judge.verdict = done;
    stage.judge.owner = owner;
}

void
judge_encode(struct router *r, unsigned type, const char *clear,
             encoded_fn done, void *owner)
{
    (void)r;
    stage.judge.type = type;
    text_copy(stage.judge.clear, sizeof(stage.judge.clear), clear);
    stage.judge.encoded = done;
    stage.judge.owner = owner;
}

void
judge_local_password(struct router *r, struct span name, struct span given,
                     verdict_fn done, void *owner)
{
    (void)r;
    keep(stage.judge.user, sizeof(stage.judge.user), name);
    keep(stage.judge.given, sizeof(stage.judge.given), given);
    stage.judge.verdict = done;
    stage.judge.owner = owner;
}

void
judge_forget(struct router *r, void *owner)
{
    (void)r;
    if (stage.judge.owner == owner) {
        stage.judge.verdict = NULL;
        stage.judge.encoded = NULL;
    }
}

bool
judge_name_is_valid(struct span name)
{
    return name.len > 0 && name.len <= SSH_USER_MAX &&
           memchr(name.ptr, ' ', name.len) == NULL;
}

const struct config_user *
judge_user(const struct router *r, struct span name)
{
    char text[128];

    keep(text, sizeof(text), name);
    return config_user_find(&r->config, text);
}

void
stage_verdict(bool accepted)
{
    verdict_fn verdict = stage.judge.verdict;

    assert_non_null(verdict);
    stage.judge.verdict = NULL;
    verdict(stage.judge.owner, accepted);
}

void
stage_encoded(const char *stored)
{
    encoded_fn encoded = stage.judge.encoded;

    assert_non_null(encoded);
    stage.judge.encoded = NULL;
    encoded(stage.judge.owner, stored);
}

/* --- keys --------------------------------------------------------------- */

struct list *
keys_all(struct router *r)
{
    (void)r;
    return &stage.keys_list;
}

bool
key_is_ec(const struct key *k)
{
    return k->type != KEY_RSA && k->type != KEY_ED25519;
}

struct key *
keys_find(struct router *r, const char *name, enum key_type type,
          enum key_usage usage)
{
    LIST_EACH(node, keys_all(r))
    {
        struct key *key = LIST_ITEM(node, struct key, node);

        if (key->type == type && strcmp(key->name, name) == 0 &&
            (usage == 0 || usage == key->usage))
            return key;
    }
    return NULL;
}

void
keys_generate(struct router *r, const struct key_wish *wish, key_done_fn done,
              void *owner)
{
    (void)r;
    stage.wish = *wish;
    text_copy(stage.wish_name, sizeof(stage.wish_name), wish->name);
    stage.key_done = done;
    stage.key_owner = owner;
}

void
keys_forget_owner(struct router *r, void *owner)
{
    (void)r;
    if (stage.key_owner == owner)
        stage.key_done = NULL;
}

bool
keys_export(struct router *r, const struct key *key, struct span passphrase,
            key_exported_fn done, void *owner)
{
    (void)r;
    (void)passphrase;
    stage.exported = key->number;
    stage.exported_done = done;
    stage.key_owner = owner;
    return true;
}

bool
key_is_in(const struct key *key, const struct key_set *set)
{
    return (set->name == NULL || strcmp(key->name, set->name) == 0) &&
           key->usage != set->not &&(key_is_ec(key) ? set->kind == KEY_ECDSA_256
                                                    : key->type == set->kind);
}

void
keys_zeroize(struct router *r, const struct key_set *set, keys_removed_fn done,
             void *owner)
{
    LIST_EACH(node, keys_all(r))
    {
        if (!key_is_in(LIST_ITEM(node, struct key, node), set))
            continue;
        list_remove(node);
        stage.zeroized++;
    }
    stage.removed_done = done;
    stage.key_owner = owner;
}

unsigned
keys_wanted_versions(const struct router *r)
{
    return r->config.ssh.version == 0   ? SSH_VERSION_1 | SSH_VERSION_2
           : r->config.ssh.version == 1 ? SSH_VERSION_1
                                        : SSH_VERSION_2;
}

const char *
keys_version_text(struct router *r)
{
    return r->config.ssh.version == 2 ? "2.0" : "1.99";
}

bool
keys_ssh_enabled(struct router *r)
{
    return !list_empty(keys_all(r));
}

void
keys_ssh_update(struct router *r)
{
    (void)r;
    stage.key_updates++;
}

void
keys_announce(struct router *r, const struct key *key)
{
    (void)key;
    keys_ssh_update(r);
}

struct key *
stage_add_key(const char *name, enum key_type type, unsigned bits)
{
    struct key *key = &stage.keys[stage.key_count++];

    assert_true(stage.key_count <= STAGE_KEYS);
    text_copy(key->name, sizeof(key->name), name);
    key->type = type;
    key->bits = bits;
    key->usage = KEY_GENERAL;
    key->made_at = 1518176051; /* 11:34:11 UTC Feb 9 2018 */
    list_append(&stage.keys_list, &key->node);
    return key;
}

void
stage_key_made(enum err err)
{
    key_done_fn done = stage.key_done;

    assert_non_null(done);
    stage.key_done = NULL;
    done(stage.key_owner, err, NULL);
}

void
stage_keys_removed(enum err err)
{
    keys_removed_fn done = stage.removed_done;

    assert_non_null(done);
    stage.removed_done = NULL;
    done(stage.key_owner, err);
}

void
stage_key_exported(const char *public_pem, const char *private_pem)
{
    key_exported_fn done = stage.exported_done;

    assert_non_null(done);
    stage.exported_done = NULL;
    done(stage.key_owner, span_text(public_pem), span_text(private_pem));
}

/* --- the listener ------------------------------------------------------- */

/* No probe starts on this stage: there is no program beside it. */
void
helpers_user(const struct router *r, uid_t *uid, gid_t *gid)
{
    (void)r;
    *uid = 0;
    *gid = 0;
}

void
listener_update(struct router *r)
{
    (void)r;
    stage.listener_updates++;
}

size_t
listener_count(const struct router *r)
{
    (void)r;
    return 0;
}

const struct net_address *
listener_address(const struct router *r, size_t i)
{
    (void)r;
    (void)i;
    return NULL;
}

/* --- the disk ----------------------------------------------------------- */

void
storage_save_config(struct router *r, struct span text, saved_fn done,
                    void *owner)
{
    (void)r;
    buf_reset(&stage.saved_text);
    buf_put_span(&stage.saved_text, text);
    stage.saved = done;
    stage.saver = owner;
}

void
storage_erase_config(struct router *r, saved_fn done, void *owner)
{
    (void)r;
    stage.erasing = true;
    stage.saved = done;
    stage.saver = owner;
}

/* No directory: how a run ended is not noted on the stage. */
int
storage_fd(const struct storage *s)
{
    (void)s;
    return -1;
}

void
storage_forget(struct router *r, void *owner)
{
    (void)r;
    if (stage.saver == owner)
        stage.saved = NULL;
}

void
stage_saved(enum err err, int system_error)
{
    saved_fn saved = stage.saved;

    assert_non_null(saved);
    stage.saved = NULL;
    saved(stage.saver, err, system_error);
}

/* --- life --------------------------------------------------------------- */

static void
add_user(unsigned vty)
{
    struct session *s = &stage.sessions[vty];

    s->router = &stage.router;
    s->kind = SESSION_SSH;
    s->state = SESSION_SHELL;
    s->vty = vty;
    s->line = vty + 1;
    s->privilege = 1;
    text_copy(s->user, sizeof(s->user), vty == 0 ? "lab" : "other");
    text_copy(s->peer_text, sizeof(s->peer_text),
              vty == 0 ? "192.0.2.1" : "192.0.2.2");
    list_append(&stage.sessions_list, &s->node);
}

int
stage_begin(void **state)
{
    (void)state;
    memset(&stage, 0, sizeof(stage));
    language = cli_language_new(command_modes, NULL);
    if (language == NULL)
        return 1;
    config_init(&stage.router.config);
    stage.router.identity = identity_new();
    uv_loop_init(&stage.router.loop);
    stage.router.reload = reload_new(&stage.router);
    stage.router.language = language;
    stage.router.modes = command_modes;
    /* It is never looked at: there are processes. */
    stage.router.workers = (struct workers *)&stage;
    /* Never looked into: that they are there is all that commands ask. */
    stage.router.keys = (struct keys *)&stage;
    stage.router.listener = (struct listener *)&stage;
    list_init(&stage.sessions_list);
    list_init(&stage.keys_list);
    buf_init(&stage.heard, ROOM);
    buf_init(&stage.file, 80 * ROOM);
    buf_init(&stage.log, ROOM);
    buf_init(&stage.saved_text, ROOM);
    buf_init(&shown, ROOM);
    buf_init(&log_shown, ROOM);
    buf_init(&config_shown, ROOM);
    buf_init(&stage.outgoing.told, ROOM);
    buf_init(&told_shown, ROOM);
    add_user(0);
    return 0;
}

int
stage_end(void **state)
{
    (void)state;
    shells_end(&stage.sessions[0]);
    shells_end(&stage.sessions[1]);
    grant_end(&stage.sessions[0]);
    grant_end(&stage.sessions[1]);
    accounting_stop(&stage.router);
    /* A line that is played never says that somebody's last bytes are gone. */
    LIST_EACH(node, tty_users_all(&stage.router))
    {
        free(LIST_ITEM(node, struct tty_guest, node));
    }
    config_clear(&stage.router.config);
    identity_free(stage.router.identity);
    reload_free(stage.router.reload);
    uv_run(&stage.router.loop, UV_RUN_DEFAULT);
    uv_loop_close(&stage.router.loop);
    cli_language_free(language);
    buf_clear(&stage.heard);
    buf_clear(&stage.file);
    buf_clear(&stage.log);
    buf_clear(&stage.saved_text);
    buf_clear(&shown);
    buf_clear(&log_shown);
    buf_clear(&config_shown);
    assert_null(stage.outgoing.it);
    buf_clear(&stage.outgoing.told);
    buf_clear(&told_shown);
    return 0;
}

void
stage_use_console(void)
{
    struct session *s = &stage.sessions[0];

    s->kind = SESSION_CONSOLE;
    s->line = 0;
    s->user[0] = s->peer_text[0] = '\0';
}

struct session *
stage_second_user(void)
{
    add_user(1);
    return &stage.sessions[1];
}

/* --- what tests do ------------------------------------------------------ */

static const char *
take(struct buf *from, struct buf *to)
{
    buf_reset(to);
    buf_put_span(to, buf_span(from));
    buf_reset(from);
    stage.messages = 0;
    return buf_text(to);
}

const char *
stage_heard(void)
{
    return take(&stage.heard, &shown);
}

const char *
stage_log(void)
{
    return take(&stage.log, &log_shown);
}

void
stage_open(void)
{
    struct msg_shell m = {.pty = true, .columns = 80, .rows = 24};

    assert_true(shell_open(&stage.sessions[0], &m));
    stage_heard();
}

void
stage_open_enabled(void)
{
    stage.sessions[0].privilege = 15;
    stage_open();
}

void
stage_open_configuring(void)
{
    stage_open_enabled();
    stage_type("configure terminal");
}

const char *
stage_type_with(const char *line, enum line_end end)
{
    struct msg_line m = {.text = span_text(line), .end = (uint8_t)end};

    assert_true(shell_on_line(&stage.sessions[0], &m));
    return stage_heard();
}

const char *
stage_type(const char *line)
{
    return stage_type_with(line, LINE_ENTER);
}

const char *
stage_answer(const char *text)
{
    struct msg_answer m = {.given = text != NULL};

    m.text = text != NULL ? span_text(text) : SPAN_EMPTY;
    assert_true(shell_on_answer(&stage.sessions[0], &m));
    return stage_heard();
}

const char *
stage_time_out(void)
{
    struct msg_answer m = {.timed_out = true};

    assert_true(shell_on_answer(&stage.sessions[0], &m));
    return stage_heard();
}

const char *
stage_exec(const char *commands)
{
    struct msg_exec m = {.command = span_text(commands)};

    assert_true(shell_exec(&stage.sessions[0], &m));
    return stage_heard();
}

static void
on_bad_line(void *owner, unsigned line, const char *text)
{
    (void)owner;
    fail_msg("line %u: %s", line, text);
}

void
stage_configure(const char *text)
{
    cli_load(language, &stage.router.config, span_text(text), on_bad_line,
             &stage.router);
}

const char *
stage_running_config(void)
{
    static const char head[] = STAGE_ALWAYS;
    size_t aaa = strlen(STAGE_NO_AAA), begin = strlen(head) - aaa;
    char *text, *found;

    buf_reset(&config_shown);
    cli_write_config(language, &stage.router.config, false, &config_shown);
    text = (char *)(uintptr_t)buf_text(&config_shown);
    found = strstr(text, STAGE_NO_AAA);
    if (found != NULL)
        memmove(found, found + aaa, strlen(found + aaa) + 1);
    return strncmp(text, head, begin) == 0 ? text + begin : text;
}
