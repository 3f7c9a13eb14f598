#include "commands/connecting.h"

#include <ctype.h>
#include <errno.h>

#include "base/text.h"
#include "config/address.h"
#include "control/access.h"
#include "control/judge.h"
#include "ssh/conn.h"

#define HOST_MAX       253 /* bytes of a name: RFC 1035 section 2.3.4 */
#define HOST_LABEL_MAX 63
#define PROMPT_MAX     1024 /* bytes of a question; more is cut */

/* --- what may be typed --------------------------------------------------- */

bool
connecting_host_is_valid(const char *host)
{
    struct config_address address;
    size_t label = 0, len = strlen(host);

    if (config_address_parse_ipv6(span_text(host), &address) == OK)
        return true;
    if (len == 0 || len > HOST_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)host[i];
        bool at_end = host[i + 1] == '\0' || host[i + 1] == '.';

        if (c == '.' && label > 0) {
            label = 0;
            continue;
        }
        if (++label > HOST_LABEL_MAX || c >= 0x80 ||
            (!isalnum(c) && c != '_' && (c != '-' || label == 1 || at_end)))
            return false;
    }
    return true;
}

bool
connecting_user_is_valid(const char *user)
{
    size_t len = strlen(user);

    if (len == 0 || len > SSH_USER_MAX || user[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (user[i] <= ' ' || user[i] > '~')
            return false;
    return true;
}

bool
connecting_is_permitted(struct command *cmd)
{
    if (session_line(cmd->session)->transport_output != CONFIG_TRANSPORT_NONE)
        return true;
    out_error(cmd, "ssh connections not permitted from this terminal");
    return false;
}

/* --- ends ---------------------------------------------------------------- */

void
connecting_end(struct connecting *connecting)
{
    if (connecting->outgoing != NULL)
        outgoing_abandon(connecting->outgoing);
    connecting->outgoing = NULL;
}

const char *
connecting_failure(const struct outgoing_end *end)
{
    switch (end->outcome) {
    case OUTGOING_UNKNOWN:
        return "Bad IP address or host name";
    case OUTGOING_DENIED:
        return "Connections to that host not permitted from this terminal";
    case OUTGOING_REFUSED:
        return "Connection refused by remote host";
    case OUTGOING_UNREACHABLE:
        return "Destination unreachable; gateway or host down";
    case OUTGOING_TIMED_OUT:
        return "Connection timed out; remote host not responding";
    case OUTGOING_NO_MEANS:
        return "No connection can be made now";
    case OUTGOING_DOWNGRADE:
        return "SSH version 1 refused: the host is known with version 2";
    case OUTGOING_ENDED:
    case OUTGOING_DIED:
        break;
    }
    return NULL;
}

/* The user has enough, or nobody answers. */
static void
give_up(struct command *cmd)
{
    struct connecting *connecting = cmd->state;

    if (connecting->translating)
        out_line(cmd, "%s", "");
    connecting_end(connecting);
    out_error(cmd, "Connection aborted by user");
    cmd_done(cmd);
}

/* --- the dialogue -------------------------------------------------------- */

/* IOS begins with an empty line whatever it has to show. */
static void
begin_speaking(struct command *cmd)
{
    struct connecting *connecting = cmd->state;

    if (!connecting->spoken)
        out_line(cmd, "%s", "");
    connecting->spoken = true;
}

static void
on_answer(struct command *cmd, const char *text)
{
    struct connecting *connecting = cmd->state;

    connecting->asking = false;
    if (connecting->over) {
        connecting->ended(cmd);
    } else if (text == NULL) {
        give_up(cmd);
    } else {
        cmd_wait(cmd);
        outgoing_answer(connecting->outgoing, text);
    }
}

static void
on_ask(void *owner, struct span prompt, bool echo)
{
    struct command *cmd = owner;
    struct connecting *connecting = cmd->state;
    struct buf shown;
    uint8_t *bytes;

    if (connecting->password != NULL && !echo) {
        const char *password = connecting->password;

        connecting->password = NULL;
        outgoing_answer(connecting->outgoing, password);
        return;
    }
    if (prompt.len > PROMPT_MAX)
        prompt.len = PROMPT_MAX;
    buf_init(&shown, 4 * PROMPT_MAX + 1);
    text_escape_lines(&shown, prompt);
    bytes = buf_bytes(&shown);
    for (size_t i = 0; i < buf_len(&shown); i++)
        if (bytes[i] == '\n' || bytes[i] == '\t')
            bytes[i] = ' ';
    begin_speaking(cmd);
    connecting->asking = true;
    cmd_ask(cmd, buf_text(&shown), echo ? ASK_LINE : ASK_SECRET, 0, on_answer);
    buf_clear(&shown);
}

static void
on_show(void *owner, struct span text)
{
    struct command *cmd = owner;
    struct buf lines;

    begin_speaking(cmd);
    buf_init(&lines, 4 * text.len + 1);
    text_escape_lines(&lines, text);
    out_span(cmd, buf_span(&lines));
    buf_clear(&lines);
    cmd_flush(cmd);
}

/* --- the way there ------------------------------------------------------- */

static void
on_server(void *owner, const struct config_address *server)
{
    struct command *cmd = owner;
    struct connecting *connecting = cmd->state;
    char text[CONFIG_ADDRESS_TEXT];

    if (!connecting->translating)
        out(cmd, "Translating \"%s\"...domain server", connecting->host);
    connecting->translating = true;
    config_address_text(server, text);
    out(cmd, " (%s)", text);
    cmd_flush(cmd);
}

static void
on_found(void *owner)
{
    struct command *cmd = owner;
    struct connecting *connecting = cmd->state;

    if (connecting->translating)
        out_line(cmd, " [OK]");
    connecting->translating = false;
    cmd_flush(cmd);
}

static void
on_ready(void *owner)
{
    struct command *cmd = owner;
    struct connecting *connecting = cmd->state;

    cmd->cancel = NULL;
    connecting->ready(cmd);
}

static void
on_file(void *owner, const struct msg_client_file *m)
{
    struct command *cmd = owner;
    const struct connecting *connecting = cmd->state;

    connecting->file(cmd, m);
}

static void
on_moved(void *owner, uint64_t bytes)
{
    struct command *cmd = owner;
    const struct connecting *connecting = cmd->state;

    connecting->moved(cmd, bytes);
}

static void
on_stalled(void *owner)
{
    struct command *cmd = owner;
    const struct connecting *connecting = cmd->state;

    connecting->stalled(cmd);
}

static void
on_end(void *owner, const struct outgoing_end *end)
{
    struct command *cmd = owner;
    struct connecting *connecting = cmd->state;

    connecting->outgoing = NULL;
    connecting->over = true;
    connecting->end = *end;
    connecting->end.said.text = connecting->end.said.signal = SPAN_EMPTY;
    text_escape(connecting->signal, sizeof(connecting->signal),
                end->said.signal);
    text_escape(connecting->why, sizeof(connecting->why), end->said.text);
    if (connecting->translating)
        out_line(cmd, "%s", "");
    connecting->translating = false;
    if (connecting->asking)
        cmd_unask(cmd);
    else
        connecting->ended(cmd);
}

/*
 * What `access-class ... out` says of the way there; the user's own list, of
 * IPv4 as all that have numbers, in place of the line's.
 */
static bool
permits(void *owner, const struct config_address *address)
{
    const struct command *cmd = owner;
    struct config_access_class access = session_line(cmd->session)->access_out;
    const struct config_user *user =
        judge_user(cmd->router, span_text(cmd->session->user));
    const struct config_ace *entry;
    bool permitted;

    if (user != NULL && user->access_class != 0) {
        access.kind = CONFIG_ACCESS_CLASS_NUMBER;
        access.number = user->access_class;
    }
    permitted = access_permits(cmd->router, &access, address, &entry);

    if (entry != NULL)
        access_count(cmd->router, entry);
    return permitted;
}

static const struct outgoing_events events = {
    .on_server = on_server,
    .on_found = on_found,
    .permits = permits,
    .on_ask = on_ask,
    .on_show = on_show,
    .on_ready = on_ready,
    .on_file = on_file,
    .on_moved = on_moved,
    .on_stalled = on_stalled,
    .on_end = on_end,
};

void
connecting_begin(struct command *cmd, const struct outgoing_plan *plan)
{
    struct connecting *connecting = cmd->state;
    enum err err =
        outgoing_new(cmd->router, plan, &events, cmd, &connecting->outgoing);

    if (err != OK) {
        out_error(cmd, "No connection can be made now: %s",
                  err == ERR_LIMIT ? "there are too many" : strerror(errno));
        cmd_done(cmd);
        return;
    }
    text_copy(connecting->host, sizeof(connecting->host), plan->host);
    cmd->cancel = give_up;
    cmd_wait(cmd);
    outgoing_connect(connecting->outgoing);
}
