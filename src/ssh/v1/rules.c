#include "ssh/v1/ssh1.h"

#define IN(state) (1U << (state))
#define IN_ALL    ((1U << (STATE1_ENDING + 1)) - 1)

/* What of its fields whoever debugs may see: nothing, for they hold secrets or
   nobody needs them; or a text that was meant for it. */
enum fields { QUIET, SECRET, TOLD };

struct rule {
    unsigned states;
    uint8_t message;
    uint8_t fields; /* enum fields */
    handler1_fn handler;
};

/* What a client may send. */
static const struct rule server_rules[] = {
    {IN_ALL, SSH1_MSG_DISCONNECT, QUIET, on_disconnect1},
    {IN_ALL, SSH1_MSG_IGNORE, SECRET, on_ignored1},
    {IN_ALL, SSH1_MSG_DEBUG, TOLD, on_debug1},

    {IN(STATE1_SESSION_KEY), SSH1_CMSG_SESSION_KEY, SECRET, on_session_key},
    {IN(STATE1_USER), SSH1_CMSG_USER, TOLD, on_user},
    {IN(STATE1_AUTH), SSH1_CMSG_AUTH_PASSWORD, SECRET, on_password1},
    {IN(STATE1_AUTH), SSH1_CMSG_AUTH_RHOSTS, QUIET, on_other_method},
    {IN(STATE1_AUTH), SSH1_CMSG_AUTH_RSA, SECRET, on_other_method},
    {IN(STATE1_AUTH), SSH1_CMSG_AUTH_RSA_RESPONSE, SECRET, on_other_method},
    {IN(STATE1_AUTH), SSH1_CMSG_AUTH_RHOSTS_RSA, QUIET, on_other_method},
    {IN(STATE1_AUTH), SSH1_CMSG_AUTH_TIS, QUIET, on_other_method},
    {IN(STATE1_AUTH), SSH1_CMSG_AUTH_TIS_RESPONSE, SECRET, on_other_method},

    {IN(STATE1_PREPARE), SSH1_CMSG_REQUEST_PTY, QUIET, on_request_pty},
    {IN(STATE1_PREPARE), SSH1_CMSG_MAX_PACKET_SIZE, QUIET, on_max_packet_size},
    {IN(STATE1_PREPARE), SSH1_CMSG_EXEC_SHELL, QUIET, on_exec_shell},
    {IN(STATE1_PREPARE), SSH1_CMSG_EXEC_CMD, SECRET, on_exec_command},
    {IN(STATE1_PREPARE), SSH1_CMSG_REQUEST_COMPRESSION, QUIET,
     on_refused_request},
    {IN(STATE1_PREPARE), SSH1_CMSG_X11_REQUEST_FORWARDING, QUIET,
     on_refused_request},
    {IN(STATE1_PREPARE), SSH1_CMSG_AGENT_REQUEST_FORWARDING, QUIET,
     on_refused_request},
    {IN(STATE1_PREPARE), SSH1_CMSG_PORT_FORWARD_REQUEST, QUIET,
     on_refused_request},

    {IN(STATE1_SESSION), SSH1_CMSG_WINDOW_SIZE, QUIET, on_window_size},
    {IN(STATE1_SESSION), SSH1_CMSG_STDIN_DATA, SECRET, on_stdin_data},
    {IN(STATE1_SESSION), SSH1_CMSG_EOF, QUIET, on_eof1},
    {IN(STATE1_SESSION), SSH1_MSG_PORT_OPEN, QUIET, on_port_open},

    {IN(STATE1_ENDING), SSH1_CMSG_EXIT_CONFIRMATION, QUIET,
     on_exit_confirmation},
    /* They were on their way. */
    {IN(STATE1_ENDING), SSH1_CMSG_WINDOW_SIZE, QUIET, on_ignored1},
    {IN(STATE1_ENDING), SSH1_CMSG_STDIN_DATA, SECRET, on_ignored1},
    {IN(STATE1_ENDING), SSH1_CMSG_EOF, QUIET, on_ignored1},
    {IN(STATE1_ENDING), SSH1_MSG_PORT_OPEN, QUIET, on_ignored1},
};

static enum err
on_success(struct ssh1 *ssh, struct reader *msg)
{
    if (!read_done(msg))
        return ERR_FORMAT;
    return ssh->state == STATE1_AUTH ? on_auth_answer(ssh, true)
                                     : on_session_answer(ssh, true);
}

static enum err
on_failure(struct ssh1 *ssh, struct reader *msg)
{
    if (!read_done(msg))
        return ERR_FORMAT;
    return ssh->state == STATE1_AUTH ? on_auth_answer(ssh, false)
                                     : on_session_answer(ssh, false);
}

/* A shell may be asked for before the answer about the terminal has come. */
#define IN_ANSWERS (IN(STATE1_AUTH) | IN(STATE1_PREPARE) | IN(STATE1_SESSION))

/* What a server may send. */
static const struct rule client_rules[] = {
    {IN_ALL, SSH1_MSG_DISCONNECT, QUIET, on_disconnect1},
    {IN_ALL, SSH1_MSG_IGNORE, SECRET, on_ignored1},
    {IN_ALL, SSH1_MSG_DEBUG, TOLD, on_debug1},

    {IN(STATE1_PUBLIC_KEY), SSH1_SMSG_PUBLIC_KEY, QUIET, on_public_key},
    {IN(STATE1_KEYED), SSH1_SMSG_SUCCESS, QUIET, on_keyed},
    {IN_ANSWERS, SSH1_SMSG_SUCCESS, QUIET, on_success},
    {IN_ANSWERS, SSH1_SMSG_FAILURE, QUIET, on_failure},

    {IN(STATE1_SESSION), SSH1_SMSG_STDOUT_DATA, SECRET, on_stdout_data},
    {IN(STATE1_SESSION), SSH1_SMSG_STDERR_DATA, SECRET, on_stderr_data},
    {IN(STATE1_SESSION), SSH1_SMSG_EXITSTATUS, QUIET, on_exit_status1},
};

/* Messages that are a server's, or of another phase: faults, not requests. */
static bool
is_known(uint8_t message)
{
    return message <= SSH1_MSG_DEBUG ||
           message == SSH1_CMSG_REQUEST_COMPRESSION ||
           message == SSH1_CMSG_MAX_PACKET_SIZE ||
           (message >= SSH1_CMSG_AUTH_TIS &&
            message <= SSH1_CMSG_AUTH_TIS_RESPONSE) ||
           message == UINT8_MAX;
}

/* The message's rule in one of the states; NULL: there is none. */
static const struct rule *
find(const struct ssh1 *ssh, uint8_t message, unsigned states)
{
    bool server = ssh->conn->role == SSH_SERVER;
    const struct rule *rules = server ? server_rules : client_rules;
    size_t count = server ? sizeof(server_rules) / sizeof(server_rules[0])
                          : sizeof(client_rules) / sizeof(client_rules[0]);

    for (size_t i = 0; i < count; i++)
        if (rules[i].message == message && rules[i].states & states)
            return &rules[i];
    return NULL;
}

void
rules1_tell_text(const struct ssh1 *ssh, uint8_t message,
                 enum ssh_trace_type type, struct span text)
{
    const struct rule *rule = find(ssh, message, IN_ALL);

    if (rule != NULL && rule->fields == TOLD)
        SSH_TELL(ssh->conn, type, .text = text);
}

handler1_fn
rules1_find(const struct ssh1 *ssh, uint8_t message)
{
    bool server = ssh->conn->role == SSH_SERVER;
    const struct rule *rule = find(ssh, message, IN(ssh->state));

    if (rule != NULL)
        return rule->handler;
    /* What nobody knows is answered by FAILURE where requests are answered. */
    if (!server || is_known(message))
        return NULL;
    if (ssh->state == STATE1_AUTH)
        return on_other_method;
    return ssh->state == STATE1_PREPARE ? on_refused_request : NULL;
}
