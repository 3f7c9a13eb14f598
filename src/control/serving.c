#include "control/serving.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/accounting.h"
#include "control/clock.h"
#include "control/command.h"
#include "control/command_rights.h"
#include "control/grant.h"
#include "control/local_time.h"
#include "control/reverse.h"
#include "control/scp_request.h"
#include "control/shell_parts.h"
#include "control/transfer.h"
#include "control/workers.h"

#define COMMAND_MAX     (4 * FLASH_PATH_MAX + 32)
#define FILES_PRIVILEGE 15 /* given at login; `enable` is not asked for */
/* So many sessions move files at a time before further ones let others run
   first: keys shall be echoed at once beside a hundred of them. */
#define PROMPT_SESSIONS 4

/* --- rights ------------------------------------------------------------- */

/* NULL: nothing hinders. In IOS's words. */
static const char *
hindrance(const struct session *s)
{
    if (!s->router->config.scp_server)
        return "Administratively disabled.";
    return s->privilege < FILES_PRIVILEGE ? "Privilege denied." : NULL;
}

static bool
is_permitted(void *owner)
{
    return hindrance(owner) == NULL;
}

static bool
is_permitted_sftp(void *owner)
{
    const struct session *s = owner;

    return s->router->config.sftp_server && s->privilege >= FILES_PRIVILEGE;
}

/* Whoever is given one command only, or no EXEC at all, has no files. */
static bool
has_exec(const struct session *s)
{
    bool nohangup;

    return session_line(s)->exec && !grant_refuses(s) &&
           (grant_autocommand(s, &nohangup) == NULL || nohangup);
}

/* Servers have said no. */
static bool
is_forbidden(void *owner)
{
    (void)owner;
    return false;
}

/* --- channels ----------------------------------------------------------- */

static struct transfer **
slot_of(struct session *s, uint32_t channel)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->transfers[i] != NULL &&
            transfer_channel(s->transfers[i]) == channel)
            return &s->transfers[i];
    return NULL;
}

static struct transfer **
free_slot(struct session *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->transfers[i] == NULL && s->asking[i] == NULL)
            return &s->transfers[i];
    return NULL;
}

/* A channel whose user's rights are being asked for. */
struct file_rights {
    struct session *session;
    uint32_t channel;
    bool sftp; /* else scp: */
    struct scp_request request;
    enum err parsed;
    struct method_walk *walk;
};

/* NULL: there is none on that channel. */
static struct file_rights **
asking_of(struct session *s, uint32_t channel)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->asking[i] != NULL && s->asking[i]->channel == channel)
            return &s->asking[i];
    return NULL;
}

bool
serving_has(const struct session *s, uint32_t channel)
{
    struct session *same = (struct session *)(uintptr_t)s;

    return slot_of(same, channel) != NULL || asking_of(same, channel) != NULL;
}

static bool
is_serving(const struct session *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->transfers[i] != NULL)
            return true;
    return false;
}

static void
first_begins(struct session *s)
{
    s->yields = s->router->serving++ >= PROMPT_SESSIONS;
    if (s->yields)
        worker_yields(s, true);
}

static void
last_ends(struct session *s)
{
    s->router->serving--;
    if (s->yields)
        worker_yields(s, false);
    s->yields = false;
}

static void
send_to_worker(void *owner, const struct message *m, int fd)
{
    session_send_fd(owner, m, fd);
}

static void
begin(struct session *s, uint32_t channel, bool (*permitted)(void *owner))
{
    char who[SHELL_WHO_MAX];
    struct transfer_setup setup = {
        .router = s->router,
        .channel = channel,
        .user = s->user,
        .who = who,
        .send = send_to_worker,
        .permitted = permitted,
        .owner = s,
    };

    if (!is_serving(s))
        first_begins(s);
    snprintf(who, sizeof(who), "%s on vty%u (%s)", s->user, s->vty,
             s->peer_text);
    *free_slot(s) = transfer_new(&setup);
}

/* --- scp ---------------------------------------------------------------- */

static const char *
scp_refusal(const struct session *s, enum err parsed)
{
    const char *refusal = hindrance(s);

    if (refusal == NULL && parsed == ERR_LENGTH)
        return "scp: File name too long";
    if (refusal == NULL && parsed != OK)
        return "scp: unexpected arguments";
    return refusal == NULL ? "" : refusal;
}

static void
serve_scp(const struct file_rights *f, bool agreed)
{
    struct message serve = {.type = MSG_SERVE_SCP};
    const struct scp_request *request = &f->request;
    struct session *s = f->session;

    begin(s, f->channel, agreed ? is_permitted : is_forbidden);
    serve.serve_scp.channel = f->channel;
    serve.serve_scp.sink = request->sink;
    serve.serve_scp.recursive = request->recursive;
    serve.serve_scp.times = request->times;
    serve.serve_scp.directory = request->directory;
    serve.serve_scp.path = span_text(request->path);
    serve.serve_scp.refusal = span_text(
        agreed ? scp_refusal(s, f->parsed) : "Command authorization failed.");
    serve.serve_scp.idle_s = grant_idle_s(s);
    session_send(s, &serve);
}

/* --- SFTP --------------------------------------------------------------- */

static void
refuse(struct session *s, uint32_t channel)
{
    struct message m = {.type = MSG_REQUEST_REPLY};

    m.request_reply.channel = channel;
    session_send(s, &m);
}

static void
serve_sftp(const struct file_rights *f, bool agreed)
{
    struct message serve = {.type = MSG_SERVE_SFTP};
    struct session *s = f->session;

    if (!agreed) {
        refuse(s, f->channel);
        return;
    }
    begin(s, f->channel, is_permitted_sftp);
    serve.serve_sftp.channel = f->channel;
    serve.serve_sftp.idle_s = grant_idle_s(s);
    serve.serve_sftp.zone_s =
        (uint32_t)local_offset_s(&s->router->config, (uint64_t)time(NULL));
    session_send(s, &serve);
}

/* --- rights that servers give ------------------------------------------- */

/* The request as a command, for those who judge and record them. */
static void
put_command(const struct file_rights *f, struct buf *to)
{
    const struct scp_request *request = &f->request;
    char path[4 * FLASH_PATH_MAX];

    text_escape(path, sizeof(path), span_text(request->path));
    if (f->sftp)
        buf_printf(to, "sftp");
    else
        buf_printf(to, "scp%s%s%s -%c %s", request->recursive ? " -r" : "",
                   request->times ? " -p" : "", request->directory ? " -d" : "",
                   request->sink ? 't' : 'f', path);
}

static void
serve(const struct file_rights *f, bool agreed)
{
    struct buf command;

    if (f->sftp)
        serve_sftp(f, agreed);
    else
        serve_scp(f, agreed);
    if (!agreed)
        return;
    buf_init(&command, COMMAND_MAX);
    put_command(f, &command);
    accounting_command(f->session, FILES_PRIVILEGE, buf_span(&command));
    buf_clear(&command);
}

static void
on_rights(void *owner, const struct method_result *result)
{
    struct file_rights *f = owner;

    *asking_of(f->session, f->channel) = NULL;
    serve(f, result->outcome == METHOD_PASS);
    free(f);
}

/* At once, or when `aaa authorization commands` has agreed. */
static void
serve_rightful(struct session *s, const struct file_rights *wanted)
{
    static const struct method_events events = {.done = on_rights};
    const char *methods = command_rights_methods(s, FILES_PRIVILEGE, false);
    struct file_rights *f;
    struct buf command;

    if (methods == NULL) {
        serve(wanted, true);
        return;
    }
    f = alloc_zero(1, sizeof(*f));
    *f = *wanted;
    s->asking[free_slot(s) - s->transfers] = f;
    buf_init(&command, COMMAND_MAX);
    put_command(f, &command);
    command_rights_ask(s, methods, FILES_PRIVILEGE, buf_span(&command), &events,
                       f, &f->walk);
    buf_clear(&command);
}

bool
serving_exec(struct session *s, const struct msg_exec *m)
{
    struct file_rights wanted = {.session = s, .channel = m->channel};

    if (!scp_request_is(m->command) || serving_has(s, m->channel) ||
        free_slot(s) == NULL)
        return false;
    wanted.parsed = scp_request_parse(m->command, &wanted.request);
    serve_rightful(s, &wanted);
    return true;
}

bool
serving_subsystem(struct session *s, const struct msg_subsystem *m)
{
    struct file_rights wanted = {
        .session = s, .channel = m->channel, .sftp = true};

    if (shell_find(s, m->channel) != NULL || serving_has(s, m->channel))
        return false;
    if (!span_is(m->name, "sftp") || reverse_is_wanted(s) ||
        !is_permitted_sftp(s) || !has_exec(s) || free_slot(s) == NULL)
        refuse(s, m->channel);
    else
        serve_rightful(s, &wanted);
    return true;
}

static void
stop_asking(struct file_rights **f)
{
    if (*f == NULL)
        return;
    method_stop(&(*f)->walk);
    free(*f);
    *f = NULL;
}

/* --- the worker --------------------------------------------------------- */

bool
serving_on_message(struct session *s, uint32_t channel, const struct message *m)
{
    struct transfer **slot = slot_of(s, channel);

    return slot != NULL && transfer_on_message(*slot, m);
}

bool
serving_on_idle(struct session *s, uint32_t channel)
{
    struct transfer **slot = slot_of(s, channel);

    if (slot == NULL)
        return false;
    shell_tell_idle(s);
    transfer_give_up(*slot);
    return true;
}

static void
end(struct transfer **slot)
{
    transfer_free(*slot);
    *slot = NULL;
}

void
serving_end(struct session *s, uint32_t channel)
{
    struct transfer **slot = slot_of(s, channel);
    struct file_rights **asking = asking_of(s, channel);

    if (asking != NULL)
        stop_asking(asking);
    if (slot == NULL)
        return;
    s->left_by = transfer_is_given_up(*slot) ? CAUSE_IDLE : CAUSE_LOGOUT;
    end(slot);
    if (!is_serving(s))
        last_ends(s);
}

void
servings_end(struct session *s)
{
    if (is_serving(s))
        last_ends(s);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        end(&s->transfers[i]);
        stop_asking(&s->asking[i]);
    }
}
