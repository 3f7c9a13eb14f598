#include "control/serving.h"

#include <stdio.h>

#include "base/text.h"
#include "control/clock.h"
#include "control/command.h"
#include "control/grant.h"
#include "control/local_time.h"
#include "control/scp_request.h"
#include "control/shell_parts.h"
#include "control/transfer.h"
#include "control/workers.h"

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
        if (s->transfers[i] == NULL)
            return &s->transfers[i];
    return NULL;
}

bool
serving_has(const struct session *s, uint32_t channel)
{
    return slot_of((struct session *)(uintptr_t)s, channel) != NULL;
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

bool
serving_exec(struct session *s, const struct msg_exec *m)
{
    struct message serve = {.type = MSG_SERVE_SCP};
    struct scp_request request = {.path = ""};
    enum err parsed;

    if (!scp_request_is(m->command) || serving_has(s, m->channel) ||
        free_slot(s) == NULL)
        return false;
    parsed = scp_request_parse(m->command, &request);
    begin(s, m->channel, is_permitted);
    serve.serve_scp.channel = m->channel;
    serve.serve_scp.sink = request.sink;
    serve.serve_scp.recursive = request.recursive;
    serve.serve_scp.times = request.times;
    serve.serve_scp.directory = request.directory;
    serve.serve_scp.path = span_text(request.path);
    serve.serve_scp.refusal = span_text(scp_refusal(s, parsed));
    serve.serve_scp.idle_s = grant_idle_s(s);
    session_send(s, &serve);
    return true;
}

/* --- SFTP --------------------------------------------------------------- */

static void
refuse(struct session *s, uint32_t channel)
{
    struct message m = {.type = MSG_REQUEST_REPLY};

    m.request_reply.channel = channel;
    session_send(s, &m);
}

bool
serving_subsystem(struct session *s, const struct msg_subsystem *m)
{
    struct message serve = {.type = MSG_SERVE_SFTP};

    if (shell_find(s, m->channel) != NULL || serving_has(s, m->channel))
        return false;
    if (!span_is(m->name, "sftp") || !is_permitted_sftp(s) || !has_exec(s) ||
        free_slot(s) == NULL) {
        refuse(s, m->channel);
        return true;
    }
    begin(s, m->channel, is_permitted_sftp);
    serve.serve_sftp.channel = m->channel;
    serve.serve_sftp.idle_s = grant_idle_s(s);
    serve.serve_sftp.zone_s =
        (uint32_t)local_offset_s(&s->router->config, (uint64_t)time(NULL));
    session_send(s, &serve);
    return true;
}

/* --- the worker --------------------------------------------------------- */

bool
serving_on_message(struct session *s, uint32_t channel, const struct message *m)
{
    struct transfer **slot = slot_of(s, channel);

    return slot != NULL && transfer_on_message(*slot, m);
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

    if (slot == NULL)
        return;
    end(slot);
    if (!is_serving(s))
        last_ends(s);
}

void
servings_end(struct session *s)
{
    if (is_serving(s))
        last_ends(s);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        end(&s->transfers[i]);
}
