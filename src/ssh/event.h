/*
 * Everything the protocol core tells its owner, in the order in which it
 * happened. Spans in an event are borrowed until the next call on that
 * connection, other than the getters; a channel's data that lies in `in` of
 * ssh_conn_input() stays there as long as the caller keeps it.
 */
#ifndef SSH_EVENT_H
#define SSH_EVENT_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/hash.h"

/* Reason codes of SSH_MSG_DISCONNECT that we use (RFC 4253 section 11.1). */
enum ssh_reason {
    SSH_REASON_NONE = 0, /* closed without a message */
    SSH_REASON_PROTOCOL_ERROR = 2,
    SSH_REASON_KEY_EXCHANGE_FAILED = 3,
    SSH_REASON_MAC_ERROR = 5,
    SSH_REASON_SERVICE_NOT_AVAILABLE = 7,
    SSH_REASON_VERSION_NOT_SUPPORTED = 8,
    SSH_REASON_BY_APPLICATION = 11,
    SSH_REASON_TOO_MANY_CONNECTIONS = 12,
    SSH_REASON_NO_MORE_AUTH_METHODS = 14,
};

enum ssh_event_type {
    /* Both roles. */
    SSH_EVENT_KEYS,     /* a key exchange is complete; see ssh_conn_keys() */
    SSH_EVENT_DATA,     /* channel, bytes; call ssh_channel_consumed() */
    SSH_EVENT_EOF,      /* channel: the peer will send no more data */
    SSH_EVENT_WRITABLE, /* channel: ssh_channel_write() takes bytes again */
    SSH_EVENT_CHANNEL_CLOSED, /* channel: its number may be used again */
    SSH_EVENT_CLOSED,         /* the last event: reason, by_peer, text */

    /* Server. */
    SSH_EVENT_NEED_SIGNATURE, /* answer with ssh_conn_sign_reply() */
    /* Version 1: bytes, under two keys, and cookie; answer with
       ssh_conn_session_key_reply(). */
    SSH_EVENT_NEED_SESSION_KEY,
    SSH_EVENT_AUTH_REQUEST, /* answer with ssh_conn_auth_reply() */
    SSH_EVENT_AUTH_ANSWER,  /* to our question; answer likewise */
    SSH_EVENT_CHANNEL_OPEN, /* a session channel; already confirmed */
    SSH_EVENT_PTY,          /* channel, pty; request_reply */
    SSH_EVENT_WINDOW_SIZE,  /* channel, pty.columns and .rows */
    SSH_EVENT_SHELL,        /* channel; request_reply */
    SSH_EVENT_EXEC,         /* channel, bytes = command; request_reply */
    SSH_EVENT_SUBSYSTEM,    /* channel, bytes = name; request_reply */
    SSH_EVENT_BREAK,        /* channel, number = ms; request_reply */
    SSH_EVENT_SIGNAL,       /* channel, bytes = name without "SIG" */

    /* Client. */
    SSH_EVENT_HOST_KEY,      /* bytes = key blob, number = bits,
                                auth.algorithm, of version 1 both "rsa1"
                                (crypto/rsa1_key.h);
                                ssh_conn_host_key_reply() */
    SSH_EVENT_READY,         /* ssh_conn_auth_*() may be called now */
    SSH_EVENT_BANNER,        /* bytes = text of USERAUTH_BANNER */
    SSH_EVENT_AUTH_FAILURE,  /* bytes = methods that can continue; partial */
    SSH_EVENT_AUTH_PK_OK,    /* bytes = key blob the server would take */
    SSH_EVENT_AUTH_QUESTION, /* question; ssh_conn_auth_answer() */
    SSH_EVENT_AUTH_CHANGE_PASSWORD, /* bytes = prompt; no answer is due: any
                                       request may follow */
    SSH_EVENT_AUTH_SUCCESS,
    SSH_EVENT_OPENED,        /* channel: our open was confirmed */
    SSH_EVENT_OPEN_FAILED,   /* channel, number = reason */
    SSH_EVENT_REQUEST_REPLY, /* channel, number = 1 success, 0 failure */
    SSH_EVENT_EXTENDED_DATA, /* channel, bytes (stderr), to be consumed */
    SSH_EVENT_EXIT_STATUS,   /* channel, number */
    SSH_EVENT_EXIT_SIGNAL,   /* channel, bytes = name */
};

enum ssh_auth_method {
    SSH_AUTH_NONE,
    SSH_AUTH_PASSWORD,
    SSH_AUTH_PUBLICKEY_QUERY, /* would this key do? no signature */
    SSH_AUTH_PUBLICKEY,
    SSH_AUTH_INTERACTIVE, /* keyboard-interactive */
    SSH_AUTH_OTHER,       /* to be rejected like a wrong password: a method
                             or algorithm nobody has, a user name or secret
                             no backend shall see; `user` is as it came */
};

#define SSH_PROMPTS_MAX 16 /* of one keyboard-interactive request */

struct ssh_question {
    struct span name, instruction;
    size_t count;
    struct {
        struct span text;
        bool echo;
    } prompts[SSH_PROMPTS_MAX];
};

struct ssh_pty {
    struct span terminal;   /* checked: [A-Za-z0-9._+-]{1,32} or "unknown" */
    uint32_t columns, rows; /* 0..512, 0 is "not given" */
    struct span modes;      /* RFC 4254 section 8, encoded; empty: none said */
};

struct ssh_event {
    enum ssh_event_type type;
    uint32_t channel; /* our number */
    struct span bytes;
    struct span cookie;
    uint32_t number;

    /*
     * NEED_SIGNATURE: hash `before`, the key blob, `after` with `hash`, sign
     * the hash with the key by `method` (the negotiated algorithm's name).
     * HOST_KEY of version 2: `hash`, `before` and `after` likewise, for who
     * wants to make the session id himself.
     */
    struct {
        struct span method;
        size_t host_key; /* index in ssh_setup.host_keys */
        enum hash_id hash;
        struct span before, after;
    } sign;

    /* AUTH_REQUEST, AUTH_ANSWER */
    struct {
        enum ssh_auth_method method;
        struct span user;
        struct span password; /* at most SSH_PASSWORD_MAX, without NUL */
        struct span algorithm, key, signature;
        size_t answer_count;
        struct span answers[SSH_PROMPTS_MAX];
    } auth;

    struct ssh_pty pty;
    struct ssh_question question;
    bool partial; /* AUTH_FAILURE: partial success */

    /* CLOSED */
    enum ssh_reason reason; /* what was sent or received */
    bool by_peer;
    enum err err;     /* OK for an orderly end */
    const char *text; /* for the log; constant, or the peer's escaped */
};

#endif
