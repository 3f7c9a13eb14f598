#include "ssh/v2/rules.h"

#include "ssh/v2/auth.h"
#include "ssh/v2/connection.h"
#include "ssh/v2/ext_info.h"
#include "ssh/v2/kex.h"
#include "ssh/v2/session.h"

#define IN(state) (1U << (state))
#define IN_PHASES (IN(STATE_SERVICE) | IN(STATE_AUTH) | IN(STATE_OPEN))
#define IN_ALL    ((1U << (STATE_OPEN + 1)) - 1)

/*
 * What of a message's fields whoever debugs may see. SECRET: there may be a
 * password among them, or what is typed at a prompt for one, or what keys are
 * made of; QUIET: nobody needs them; TOLD: a text that was meant for people.
 */
enum fields { QUIET, SECRET, TOLD };

struct rule {
    unsigned states; /* IN() of each in which it may come */
    uint8_t message;
    uint8_t fields; /* enum fields */
    handler_fn handler;
};

/* What a client may send. */
static const struct rule server_rules[] = {
    {IN_ALL, SSH2_MSG_DISCONNECT, QUIET, on_disconnect},
    {IN_ALL, SSH2_MSG_IGNORE, SECRET, on_ignored},
    {IN_ALL, SSH2_MSG_UNIMPLEMENTED, QUIET, on_ignored},
    {IN_ALL, SSH2_MSG_DEBUG, TOLD, on_debug},

    {IN(STATE_KEXINIT) | IN_PHASES, SSH2_MSG_KEXINIT, QUIET, on_kexinit},
    {IN(STATE_KEX_INIT), SSH2_MSG_KEX_INIT, SECRET, on_kex_init},
    {IN(STATE_GEX_REQUEST), SSH2_MSG_GEX_REQUEST, QUIET, on_gex_request},
    {IN(STATE_GEX_REQUEST), SSH2_MSG_GEX_REQUEST_OLD, QUIET,
     on_gex_request_old},
    {IN(STATE_GEX_INIT), SSH2_MSG_GEX_INIT, SECRET, on_kex_init},
    {IN(STATE_NEWKEYS), SSH2_MSG_NEWKEYS, QUIET, on_newkeys},
    {IN(STATE_SERVICE), SSH2_MSG_EXT_INFO, QUIET, on_ext_info},

    {IN_PHASES, SSH2_MSG_SERVICE_REQUEST, QUIET, on_service_request},
    {IN(STATE_AUTH), SSH2_MSG_USERAUTH_REQUEST, SECRET, on_userauth_request},
    {IN(STATE_AUTH), SSH2_MSG_USERAUTH_INFO_RESPONSE, SECRET, on_info_response},
    /* After success they are passed over in silence: RFC 4252 5.3. */
    {IN(STATE_OPEN), SSH2_MSG_USERAUTH_REQUEST, SECRET, on_ignored},
    {IN(STATE_OPEN), SSH2_MSG_USERAUTH_INFO_RESPONSE, SECRET, on_ignored},

    {IN(STATE_OPEN), SSH2_MSG_GLOBAL_REQUEST, QUIET, on_global_request},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_OPEN, QUIET, on_channel_open},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_WINDOW_ADJUST, QUIET, on_window_adjust},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_DATA, SECRET, on_channel_data},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_EXTENDED_DATA, SECRET, on_extended_data},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_EOF, QUIET, on_channel_eof},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_CLOSE, QUIET, on_channel_close},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_REQUEST, SECRET, on_session_request},
};

/* What a server may send. */
static const struct rule client_rules[] = {
    {IN_ALL, SSH2_MSG_DISCONNECT, QUIET, on_disconnect},
    {IN_ALL, SSH2_MSG_IGNORE, SECRET, on_ignored},
    {IN_ALL, SSH2_MSG_UNIMPLEMENTED, QUIET, on_ignored},
    {IN_ALL, SSH2_MSG_DEBUG, TOLD, on_debug},

    {IN(STATE_KEXINIT) | IN_PHASES, SSH2_MSG_KEXINIT, QUIET, on_kexinit},
    {IN(STATE_KEX_REPLY), SSH2_MSG_KEX_REPLY, SECRET, on_kex_reply},
    {IN(STATE_GEX_GROUP), SSH2_MSG_GEX_GROUP, QUIET, on_gex_group},
    {IN(STATE_GEX_REPLY), SSH2_MSG_GEX_REPLY, SECRET, on_kex_reply},
    {IN(STATE_NEWKEYS), SSH2_MSG_NEWKEYS, QUIET, on_newkeys},
    {IN(STATE_SERVICE) | IN(STATE_AUTH), SSH2_MSG_EXT_INFO, QUIET, on_ext_info},

    {IN(STATE_SERVICE), SSH2_MSG_SERVICE_ACCEPT, QUIET, on_service_accept},
    {IN(STATE_AUTH), SSH2_MSG_USERAUTH_BANNER, QUIET, on_banner},
    {IN(STATE_AUTH), SSH2_MSG_USERAUTH_FAILURE, QUIET, on_userauth_failure},
    {IN(STATE_AUTH), SSH2_MSG_USERAUTH_SUCCESS, QUIET, on_userauth_success},
    {IN(STATE_AUTH), SSH2_MSG_USERAUTH_PK_OK, QUIET, on_method_answer},

    {IN(STATE_OPEN), SSH2_MSG_GLOBAL_REQUEST, QUIET, on_global_request},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_OPEN, QUIET, on_channel_open},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_OPEN_CONFIRMATION, QUIET,
     on_open_confirmed},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_OPEN_FAILURE, QUIET, on_open_failed},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_WINDOW_ADJUST, QUIET, on_window_adjust},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_DATA, SECRET, on_channel_data},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_EXTENDED_DATA, SECRET, on_extended_data},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_EOF, QUIET, on_channel_eof},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_CLOSE, QUIET, on_channel_close},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_REQUEST, SECRET, on_session_notice},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_SUCCESS, QUIET, on_channel_success},
    {IN(STATE_OPEN), SSH2_MSG_CHANNEL_FAILURE, QUIET, on_channel_failure},
};

/* Numbers with a meaning in RFC 4250 section 4.1.2 or RFC 8308; one that
   comes where it has no rule is a fault, not a novelty. */
static const uint8_t known[] = {
    SSH2_MSG_DISCONNECT,
    SSH2_MSG_IGNORE,
    SSH2_MSG_UNIMPLEMENTED,
    SSH2_MSG_DEBUG,
    SSH2_MSG_SERVICE_REQUEST,
    SSH2_MSG_SERVICE_ACCEPT,
    SSH2_MSG_EXT_INFO,
    SSH2_MSG_KEXINIT,
    SSH2_MSG_NEWKEYS,
    SSH2_MSG_USERAUTH_REQUEST,
    SSH2_MSG_USERAUTH_FAILURE,
    SSH2_MSG_USERAUTH_SUCCESS,
    SSH2_MSG_USERAUTH_BANNER,
    SSH2_MSG_USERAUTH_PK_OK,
    SSH2_MSG_USERAUTH_INFO_RESPONSE,
    SSH2_MSG_GLOBAL_REQUEST,
    SSH2_MSG_REQUEST_SUCCESS,
    SSH2_MSG_REQUEST_FAILURE,
    SSH2_MSG_CHANNEL_OPEN,
    SSH2_MSG_CHANNEL_OPEN_CONFIRMATION,
    SSH2_MSG_CHANNEL_OPEN_FAILURE,
    SSH2_MSG_CHANNEL_WINDOW_ADJUST,
    SSH2_MSG_CHANNEL_DATA,
    SSH2_MSG_CHANNEL_EXTENDED_DATA,
    SSH2_MSG_CHANNEL_EOF,
    SSH2_MSG_CHANNEL_CLOSE,
    SSH2_MSG_CHANNEL_REQUEST,
    SSH2_MSG_CHANNEL_SUCCESS,
    SSH2_MSG_CHANNEL_FAILURE,
};

static bool
is_strict_first_exchange(const struct ssh2 *ssh)
{
    return ssh->strict && ssh->exchanges == 0;
}

/* Allowed at any time by RFC 4253 section 11, and by strict key exchange not
   before the first keys. */
static bool
is_noise(uint8_t message)
{
    return message == SSH2_MSG_IGNORE || message == SSH2_MSG_UNIMPLEMENTED ||
           message == SSH2_MSG_DEBUG;
}

/*
 * What flows over channels. Behind a peer's KEXINIT it may not come (RFC 4253
 * section 7.1), but asyncssh 2.10 sends on until it has our keys, as OpenSSH
 * lets it. It is under the old keys, and no answer to it is due.
 */
static bool
is_late_traffic(const struct ssh2 *ssh, uint8_t message)
{
    return ssh->phase == STATE_OPEN && ssh->state < STATE_SERVICE &&
           message >= SSH2_MSG_CHANNEL_WINDOW_ADJUST &&
           message <= SSH2_MSG_CHANNEL_EOF;
}

/* The message's rule in one of the states; NULL: there is none. */
static const struct rule *
find(const struct ssh2 *ssh, uint8_t message, unsigned states)
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

handler_fn
rules_find(const struct ssh2 *ssh, uint8_t message)
{
    unsigned state =
        IN(is_late_traffic(ssh, message) ? STATE_OPEN : ssh->state);
    const struct rule *rule = find(ssh, message, state);

    if (rule == NULL || (is_strict_first_exchange(ssh) && is_noise(message)))
        return NULL;
    return rule->handler;
}

void
rules_tell_text(const struct ssh2 *ssh, uint8_t message,
                enum ssh_trace_type type, struct span text)
{
    const struct rule *rule = find(ssh, message, IN_ALL);

    if (rule != NULL && rule->fields == TOLD)
        SSH_TELL(ssh->conn, type, .text = text);
}

static bool
is_known(uint8_t message)
{
    if (message >= SSH2_MSG_KEX_FIRST && message < SSH2_MSG_USERAUTH_FIRST)
        return true;
    for (size_t i = 0; i < sizeof(known); i++)
        if (known[i] == message)
            return true;
    return false;
}

enum err
rules_refusal(const struct ssh2 *ssh, uint8_t message)
{
    bool exchanging = ssh->state < STATE_SERVICE;

    if (is_known(message) || is_strict_first_exchange(ssh) ||
        ssh->state == STATE_KEXINIT)
        return ERR_PROTOCOL;
    /* RFC 4253 section 7.1: the peer has sent KEXINIT and not NEWKEYS. */
    if (exchanging && message >= SSH2_MSG_USERAUTH_FIRST)
        return ERR_PROTOCOL;
    /* RFC 4252 section 6. */
    if (ssh->phase != STATE_OPEN && message >= SSH2_MSG_CONNECTION_FIRST)
        return ERR_PROTOCOL;
    return OK;
}
