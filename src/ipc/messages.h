/*
 * THE list of messages between our processes: who sends it to whom, and its
 * fields in order. The structures, the encoder and the decoder all come from
 * this list; a message that does not decode to its last byte is refused.
 *
 * Field kinds: flag, u8, u32, u64; text and bytes are spans (text holds no
 * NUL); secret is a span that no log, trace or lasting buffer may keep.
 * "channel" is the worker's channel number; CHANNEL_ALL means each of them.
 * A descriptor that travels with a message is named in its comment.
 */
#ifndef IPC_MESSAGES_H
#define IPC_MESSAGES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define CHANNEL_ALL 0xffffffffu

enum worker_role {
    ROLE_SERVER = 1,
    ROLE_CONSOLE = 2,
    ROLE_CLIENT = 3,
    ROLE_LINE = 4, /* its START carries the pipe alone */
};

/* What a line's worker is joined to. */
enum line_device {
    LINE_DEVICE_TTY = 1,
    LINE_DEVICE_TCP = 2,    /* bytes as they are */
    LINE_DEVICE_TELNET = 3, /* RFC 854, and RFC 2217 where the peer has it */
};

/* What a connection to another machine is for. */
enum client_purpose {
    CLIENT_SHELL = 1,   /* a shell there, on the user's channel */
    CLIENT_COMMAND = 2, /* one command there, likewise */
    CLIENT_SCP_GET = 3, /* a file from there, by that protocol */
    CLIENT_SCP_PUT = 4, /* a file to there */
    CLIENT_SFTP_GET = 5,
    CLIENT_SFTP_PUT = 6,
};

/* How such a connection has ended. */
enum client_end {
    CLIENT_DONE = 1,          /* in order: what was asked for is over */
    CLIENT_CLOSED = 2,        /* by the peer */
    CLIENT_NO_ALGORITHM = 3,  /* none in common; `text` has the peer's */
    CLIENT_HOST_KEY = 4,      /* not trusted */
    CLIENT_NOT_ACCEPTED = 5,  /* no method of login is left */
    CLIENT_PROTOCOL = 6,      /* the peer broke the protocol */
    CLIENT_SILENT = 7,        /* the peer let the time for keys pass */
    CLIENT_NO_CHANNEL = 8,    /* the peer opens no session, or not this one */
    CLIENT_INTERRUPTED = 9,   /* ^C or ^^, typed to a command */
    CLIENT_FILE_REFUSED = 10, /* by the peer, who says why in `text` */
    CLIENT_FILE_FAILED = 11,  /* the router's own; `status` is the errno */
    CLIENT_VERSION = 12,      /* the peer speaks none that may be spoken */
    CLIENT_OLD_VERSION = 13,  /* likewise: nothing newer than version 1 */
};

/*
 * What is debugged, as a set. A worker is told its part: one of a connection
 * to another machine DEBUG_SSH for the router's DEBUG_SSH_CLIENT.
 */
enum debug_kind {
    DEBUG_SSH = 1u << 0,        /* `debug ip ssh`: events and packets */
    DEBUG_SSH_DETAIL = 1u << 1, /* events, in the words of IOS 15 */
    DEBUG_SSH_PACKET = 1u << 2, /* packets, likewise */
    DEBUG_SSH_CLIENT = 1u << 3,
    DEBUG_SCP = 1u << 4,
    DEBUG_SNMP = 1u << 5,
};

/* What stands before a line of TRACED: control knows whose it is. */
enum trace_head {
    TRACE_SSH = 1,     /* "SSH1: " */
    TRACE_SSH2 = 2,    /* "SSH2 1: " */
    TRACE_SSH_ALL = 3, /* "SSH: " */
    TRACE_SSH2_ALL = 4,
    TRACE_SSH2_KEX = 5, /* "SSH2:", and no blank */
    TRACE_SCP_SENT = 6, /* "SCP: [22 -> 192.0.2.1:1024] " */
    TRACE_SCP_RECEIVED = 7,
};

enum ask_kind {
    ASK_LINE = 1,   /* a line, echoed */
    ASK_SECRET = 2, /* a line, not echoed, not in history */
    ASK_KEY = 3,    /* one key: [confirm]; Enter is an empty answer */
    ASK_TEXT = 4,   /* a raw line of up to 1024 bytes; ASK again for the next */
    ASK_LINES = 5,  /* the same, for a text that ^Z ends: its last line's answer
                       begins with that byte */
};

/* What of a command's output is shown. */
enum output_filter {
    OUTPUT_ALL = 0,
    OUTPUT_INCLUDE = 1, /* lines that match */
    OUTPUT_EXCLUDE = 2, /* all others */
    OUTPUT_BEGIN = 3,   /* from the first line that matches */
    OUTPUT_SECTION = 4, /* lines that match and those indented below */
    OUTPUT_NOT_SECTION = 5,
    OUTPUT_COUNT = 6, /* only how many match */
};

/*
 * LINE_CTRL_C: the line was given up (its text is empty); a configuration mode
 * ends, and the answer is a PROMPT as for any line.
 */
enum line_end { LINE_ENTER = 1, LINE_CTRL_Z = 2, LINE_CTRL_C = 3 };

/* How a worker opens a file. */
enum file_access {
    FILE_ACCESS_READ = 1,
    FILE_ACCESS_CREATE = 2, /* out of sight until FILE_COMMIT */
    FILE_ACCESS_EDIT = 3,   /* likewise, with what is there now in it */
};

/* What became of a request about a file. */
enum file_status {
    FILE_STATUS_OK = 0,
    FILE_STATUS_NOT_FOUND = 1,
    FILE_STATUS_EXISTS = 2,
    FILE_STATUS_DIRECTORY = 3,    /* where a file was wanted */
    FILE_STATUS_NO_DIRECTORY = 4, /* where one was wanted */
    FILE_STATUS_NOT_EMPTY = 5,    /* a directory */
    FILE_STATUS_DENIED = 6,       /* the user's rights, or the kind of file */
    FILE_STATUS_BAD_NAME = 7,     /* not a path that could be */
    FILE_STATUS_NO_SPACE = 8,
    FILE_STATUS_TOO_LARGE = 9,
    FILE_STATUS_FAILED = 10,
};

enum judge_kind {
    JUDGE_PASSWORD = 1,  /* stored form against what was given */
    JUDGE_KEY_QUERY = 2, /* is this key among the user's? */
    JUDGE_KEY = 3,       /* the same, and does the signature verify? */
};

/* What AAA servers are asked for, and by which protocol. */
enum aaa_kind { AAA_AUTHENTICATE = 1, AAA_AUTHORIZE = 2, AAA_ACCOUNT = 3 };
enum aaa_protocol { AAA_RADIUS = 1, AAA_TACACS = 2 };
enum aaa_service { AAA_LOGIN = 1, AAA_ENABLE = 2 };
enum aaa_accounting { AAA_START = 1, AAA_STOP = 2, AAA_UPDATE = 3 };
/* How a user has proved who he is. */
enum aaa_method {
    AAA_BY_NOTHING = 0,
    AAA_BY_LOCAL = 1,
    AAA_BY_LINE = 2,
    AAA_BY_ENABLE = 3,
    AAA_BY_RADIUS = 4,
    AAA_BY_TACACS = 5,
};
enum aaa_outcome {
    AAA_PASS = 1,
    AAA_FAIL = 2,
    AAA_ERROR = 3, /* no server has answered, or none could be used */
};

/* How the way to a collector of log lines is. */
enum collector_state {
    COLLECTOR_TRYING = 1, /* TCP: there is no connection yet */
    COLLECTOR_UP = 2,
    COLLECTOR_FAILED = 3,
};

/* SNMP version 3: what protects a notification; by which algorithms. */
enum trap_level {
    TRAP_LEVEL_NONE = 0,
    TRAP_LEVEL_AUTH = 1,
    TRAP_LEVEL_PRIV = 2
};
enum trap_auth { TRAP_AUTH_MD5 = 1, TRAP_AUTH_SHA = 2 };
enum trap_priv { TRAP_PRIV_DES = 1, TRAP_PRIV_AES128 = 2 };
/* What became of a notification; all but TRAP_SENT of an inform is the end. */
enum trap_fate {
    TRAP_SENT = 1,     /* to the kernel: the trap, or an inform once more */
    TRAP_ANSWERED = 2, /* an inform, by its manager */
    TRAP_SILENT = 3,   /* an inform: no answer to any transmission */
    TRAP_FAILED = 4,   /* it cannot be sent */
};

/*
 * Messages cross on the way. Control ignores for a channel that is past it:
 * INTERRUPT, WINDOW, ACTIVITY, IDLE, STREAM_BREAK, DETACHED, CHANNEL_END (and
 * sends nothing more for a channel after the latter, but the one REQUEST_REPLY
 * or SERVE_... that each SHELL, EXEC and SUBSYSTEM gets, in order: by it a
 * worker knows which messages are for a channel number in use again). LINE,
 * LINE_HELP, LINE_COMPLETE, INPUT_END come at a prompt only, ANSWER to a
 * question only, each once; an ASK that crosses an INTERRUPT is answered by the
 * worker at once, as not given. Each ATTACH gets one DETACHED, also when a
 * DETACH has crossed it.
 */

/* M(NAME, name, FIELDS) -- enum message MSG_NAME, struct msg_name. */
#define MESSAGES(M)                                                            \
    /* control to nursery; the peer's descriptor, the worker's pipe */         \
    M(START, start, START_FIELDS)                                              \
    /* nursery to control; pid 0: the fork failed */                           \
    M(STARTED, started, STARTED_FIELDS)                                        \
                                                                               \
    /* control to worker */                                                    \
    M(SETUP, setup, SETUP_FIELDS)                                              \
    M(SIGN_REPLY, sign_reply, SIGN_REPLY_FIELDS)                               \
    M(SESSION_KEY_REPLY, session_key_reply, SESSION_KEY_REPLY_FIELDS)          \
    M(AUTH_RESULT, auth_result, AUTH_RESULT_FIELDS)                            \
    M(REQUEST_REPLY, request_reply, REQUEST_REPLY_FIELDS)                      \
    M(TERMINAL, terminal, TERMINAL_FIELDS)                                     \
    M(OUTPUT, output, OUTPUT_FIELDS)                                           \
    M(OUTPUT_FILE, output_file, CHANNEL_FIELDS) /* a memfd */                  \
    M(FILTER, filter, FILTER_FIELDS)                                           \
    M(ASK, ask, ASK_FIELDS)                                                    \
    M(UNASK, unask, CHANNEL_FIELDS) /* an answer, or that there is none */     \
    M(PROMPT, prompt, PROMPT_FIELDS)                                           \
    M(HELP, help, HELP_FIELDS)                                                 \
    M(COMPLETED, completed, COMPLETED_FIELDS)                                  \
    M(LOG, log, LOG_FIELDS)                                                    \
    M(ATTACH, attach, ATTACH_FIELDS) /* a stream */                            \
    M(DETACH, detach, CHANNEL_FIELDS)                                          \
    M(EXIT, exit, EXIT_FIELDS)                                                 \
    M(SERVE_SCP, serve_scp, SERVE_SCP_FIELDS)                                  \
    M(SERVE_SFTP, serve_sftp, SERVE_SFTP_FIELDS)                               \
    M(FILE_RESULT, file_result, FILE_RESULT_FIELDS) /* the file opened */      \
    M(DISCONNECT, disconnect, DISCONNECT_FIELDS)                               \
    M(TRACE, trace, TRACE_FIELDS) /* of role client as well */                 \
                                                                               \
    /* control to a worker of role client; the first with the user's stream */ \
    M(CLIENT_SETUP, client_setup, CLIENT_SETUP_FIELDS)                         \
    M(HOST_KEY_REPLY, host_key_reply, HOST_KEY_REPLY_FIELDS)                   \
    M(CLIENT_ANSWER, client_answer, CLIENT_ANSWER_FIELDS)                      \
    M(CLIENT_SIGNED, client_signed, CLIENT_SIGNED_FIELDS)                      \
    M(CLIENT_WINDOW, client_window, CLIENT_WINDOW_FIELDS)                      \
    M(CLIENT_BREAK, client_break, CLIENT_BREAK_FIELDS)                         \
    /* and back; CLIENT_ENDED is the last */                                   \
    M(HOST_KEY, host_key, HOST_KEY_FIELDS)                                     \
    M(CLIENT_ASK, client_ask, CLIENT_ASK_FIELDS)                               \
    M(CLIENT_SIGN, client_sign, CLIENT_SIGN_FIELDS)                            \
    M(CLIENT_SHOW, client_show, CLIENT_SHOW_FIELDS)                            \
    M(CLIENT_READY, client_ready, CLIENT_READY_FIELDS)                         \
    M(CLIENT_FILE, client_file, CLIENT_FILE_FIELDS)                            \
    M(CLIENT_MOVED, client_moved, CLIENT_MOVED_FIELDS)                         \
    M(CLIENT_STALLED, client_stalled, CLIENT_STALLED_FIELDS)                   \
    M(CLIENT_ENDED, client_ended, CLIENT_ENDED_FIELDS)                         \
                                                                               \
    /* control to a worker of role line; LINE_SETUP is the first */            \
    M(LINE_SETUP, line_setup, LINE_SETUP_FIELDS)                               \
    M(LINE_DEVICE, line_device, LINE_DEVICE_FIELDS) /* the device */           \
    M(LINE_USER, line_user, LINE_USER_FIELDS)       /* his stream */           \
    M(LINE_DROP, line_drop, LINE_ID_FIELDS)                                    \
    M(LINE_WRITER, line_writer, LINE_ID_FIELDS)                                \
    M(LINE_BREAK, line_break, LINE_BREAK_FIELDS)                               \
    M(LINE_LOG, line_log, LINE_LOG_FIELDS)          /* the file, or none */    \
    M(LINE_BUFFER, line_buffer, LINE_BUFFER_FIELDS) /* a memfd */              \
    M(LINE_COUNT, line_count, LINE_COUNT_FIELDS)                               \
    /* and back */                                                             \
    M(LINE_GONE, line_gone, LINE_GONE_FIELDS)                                  \
    M(LINE_LEFT, line_left, LINE_ID_FIELDS)                                    \
    M(LINE_LOG_FULL, line_log_full, LINE_LOG_FULL_FIELDS)                      \
    M(LINE_BUFFER_DONE, line_buffer_done, LINE_BUFFER_DONE_FIELDS)             \
    M(LINE_COUNTED, line_counted, LINE_COUNTED_FIELDS)                         \
                                                                               \
    /* worker to control */                                                    \
    M(KEYS, keys, KEYS_FIELDS)                                                 \
    M(SIGN, sign, SIGN_FIELDS)                                                 \
    M(SESSION_KEY, session_key, SESSION_KEY_FIELDS)                            \
    M(AUTH_TRY, auth_try, AUTH_TRY_FIELDS)                                     \
    M(AUTH_ANSWER, auth_answer, AUTH_ANSWER_FIELDS)                            \
    M(SHELL, shell, SHELL_FIELDS)                                              \
    M(EXEC, exec, EXEC_FIELDS)                                                 \
    M(SUBSYSTEM, subsystem, SUBSYSTEM_FIELDS)                                  \
    M(CHANNEL_END, channel_end, CHANNEL_FIELDS)                                \
    M(INPUT_END, input_end, CHANNEL_FIELDS) /* at a prompt: nothing follows */ \
    M(LINE, line, LINE_FIELDS)                                                 \
    M(LINE_HELP, line_help, LINE_HELP_FIELDS)                                  \
    M(LINE_COMPLETE, line_complete, LINE_COMPLETE_FIELDS)                      \
    M(ANSWER, answer, ANSWER_FIELDS)                                           \
    M(INTERRUPT, interrupt, CHANNEL_FIELDS)                                    \
    M(WINDOW, window, WINDOW_FIELDS)                                           \
    M(ACTIVITY, activity, CHANNEL_FIELDS)                                      \
    M(SHOWN, shown, CHANNEL_FIELDS) /* an OUTPUT_FILE: shown or dropped */     \
    M(IDLE, idle, CHANNEL_FIELDS)   /* exec-timeout has passed */              \
    M(STREAM_BREAK, stream_break, STREAM_BREAK_FIELDS)                         \
    M(DETACHED, detached, DETACHED_FIELDS)                                     \
    M(FILE_OPEN, file_open, FILE_OPEN_FIELDS)                                  \
    M(FILE_COMMIT, file_commit, FILE_COMMIT_FIELDS)                            \
    M(FILE_ABANDON, file_abandon, FILE_ABANDON_FIELDS)                         \
    M(FILE_STAT, file_stat, FILE_NAME_FIELDS)                                  \
    M(FILE_LIST, file_list, FILE_LIST_FIELDS)                                  \
    M(FILE_MAKE_DIRECTORY, file_make_directory, FILE_NAME_FIELDS)              \
    M(FILE_SET, file_set, FILE_SET_FIELDS)                                     \
    M(FILE_REMOVE, file_remove, FILE_NAME_FIELDS)                              \
    M(FILE_REMOVE_DIRECTORY, file_remove_directory, FILE_NAME_FIELDS)          \
    M(FILE_RENAME, file_rename, FILE_RENAME_FIELDS)                            \
    M(FILE_SPACE, file_space, FILE_SPACE_FIELDS)                               \
    M(REPORT, report, REPORT_FIELDS) /* the helpers' log lines as well */      \
    M(TRACED, traced, TRACED_FIELDS) /* of role client as well */              \
    M(ENDED, ended, ENDED_FIELDS)                                              \
                                                                               \
    /* control to signer, and back */                                          \
    M(KEY_LOAD, key_load, KEY_LOAD_FIELDS) /* the key file, read-only */       \
    M(KEY_MAKE, key_make, KEY_MAKE_FIELDS) /* the new file, write-only */      \
    M(KEY_FORGET, key_forget, KEY_FORGET_FIELDS)                               \
    M(KEY_EXPORT, key_export, KEY_EXPORT_FIELDS)                               \
    M(KEY_EXPORTED, key_exported, KEY_EXPORTED_FIELDS)                         \
    M(KEY_STARTED, key_started, KEY_STARTED_FIELDS)                            \
    M(KEY_INFO, key_info, KEY_INFO_FIELDS)                                     \
    M(KEY_FAILED, key_failed, KEY_FAILED_FIELDS)                               \
    M(HASH_SIGN, hash_sign, HASH_SIGN_FIELDS)                                  \
    M(HASH_SIGNED, hash_signed, HASH_SIGNED_FIELDS)                            \
    M(SERVER_KEY, server_key, SERVER_KEY_FIELDS)                               \
    M(SERVER_KEY_MADE, server_key_made, SERVER_KEY_MADE_FIELDS)                \
    M(SESSION_KEY_OPEN, session_key_open, SESSION_KEY_OPEN_FIELDS)             \
    M(SESSION_KEY_OPENED, session_key_opened, SESSION_KEY_OPENED_FIELDS)       \
    M(USER_SIGN, user_sign, USER_SIGN_FIELDS)                                  \
    M(USER_SIGNED, user_signed, USER_SIGNED_FIELDS)                            \
                                                                               \
    /* control to aaa, and back */                                             \
    M(JUDGE, judge, JUDGE_FIELDS)                                              \
    M(VERDICT, verdict, VERDICT_FIELDS)                                        \
    M(ENCODE, encode, ENCODE_FIELDS)                                           \
    M(ENCODED, encoded, ENCODED_FIELDS)                                        \
                                                                               \
    /* control to the aaa that asks servers, and back */                       \
    M(AAA_REQUEST, aaa_request, AAA_REQUEST_FIELDS)                            \
    M(AAA_CONTINUE, aaa_continue, AAA_CONTINUE_FIELDS)                         \
    M(AAA_CANCEL, aaa_cancel, AAA_CANCEL_FIELDS)                               \
    M(AAA_ASKED, aaa_asked, AAA_ASKED_FIELDS)                                  \
    M(AAA_RESULT, aaa_result, AAA_RESULT_FIELDS)                               \
    M(AAA_CONNECTION, aaa_connection, AAA_CONNECTION_FIELDS)                   \
                                                                               \
    /* control to notify, and back */                                          \
    M(SYSLOG, syslog, SYSLOG_FIELDS)                                           \
    M(SYSLOG_END, syslog_end, SYSLOG_END_FIELDS)                               \
    M(SYSLOG_FATE, syslog_fate, SYSLOG_FATE_FIELDS)                            \
    /* the page for scrapers: control to notify, and back */                   \
    M(METRICS_LISTEN, metrics_listen, METRICS_LISTEN_FIELDS) /* a socket */    \
    M(METRICS_PAGE, metrics_page, METRICS_PAGE_FIELDS)                         \
    M(METRICS_ASK, metrics_ask, METRICS_ASK_FIELDS)                            \
    M(NOTIFY_TRAP, notify_trap, NOTIFY_TRAP_FIELDS)                            \
    M(TRAP_FATE, trap_fate, TRAP_FATE_FIELDS)                                  \
                                                                               \
    /* control to probe; the first one says what it is for */                  \
    M(PROBE_ECHO, probe_echo, PROBE_ECHO_FIELDS)    /* an ICMP socket */       \
    M(PROBE_TRACE, probe_trace, PROBE_TRACE_FIELDS) /* a UDP socket */         \
    M(PROBE_NAME, probe_name, PROBE_NAME_FIELDS)                               \
    M(PROBE_SOCKET, probe_socket, PROBE_SOCKET_FIELDS) /* it, or none */       \
    /* probe to control */                                                     \
    M(PROBE_RESULT, probe_result, PROBE_RESULT_FIELDS)                         \
    M(PROBE_WANT, probe_want, PROBE_WANT_FIELDS)                               \
    M(PROBE_FOUND, probe_found, PROBE_FOUND_FIELDS)

#define CHANNEL_FIELDS(F) F(u32, channel)

#define START_FIELDS(F)                 \
    F(u32, connection)                  \
    F(u8, role)  /* enum worker_role */ \
    F(u32, line) /* of ROLE_LINE; for its title */
#define STARTED_FIELDS(F) \
    F(u32, connection)    \
    F(u32, pid)

/* First on a worker's pipe. The console uses none of the SSH fields. */
#define SETUP_FIELDS(F)                                                        \
    F(text, software)                                                          \
    F(text, kex)                                                               \
    F(text, host_key_algorithms)                                               \
    F(text, ciphers)                                                           \
    F(text, macs)                                                              \
    F(text, user_key_algorithms)                                               \
    F(u8, versions) /* SSH_VERSION_1, SSH_VERSION_2 */                         \
    F(text, v1_ciphers)                                                        \
    F(bytes, v1_host_key) /* two blobs */                                      \
    F(bytes, v1_server_key)                                                    \
    F(bytes, host_keys) /* blobs, each a string */                             \
    F(u64, rekey_bytes)                                                        \
    F(u64, rekey_ms)                                                           \
    F(u32, window)    /* receive window of a channel, bytes; 0: it grows */    \
    F(u32, group_min) /* bits of an exchanged group, at least */               \
    F(bytes, banner)  /* USERAUTH_BANNER before the first verdict; or empty */ \
    F(flag, interactive) /* console: a terminal though the stream is no tty */ \
    F(u32, columns)      /* of that terminal; 0: ask the tty */                \
    F(u32, rows)                                                               \
    F(u32, debug) /* enum debug_kind, as a set */

/* Both empty: no signature could be had. */
#define SIGN_REPLY_FIELDS(F) \
    F(bytes, hash)           \
    F(bytes, signature)
/* Both empty: it could not be had. */
#define SESSION_KEY_REPLY_FIELDS(F) \
    F(bytes, session_id)            \
    F(secret, key)
#define AUTH_RESULT_FIELDS(F)                                \
    F(u8, verdict) /* enum ssh_verdict */                    \
    F(text, methods)                                         \
    F(bytes, prompts)     /* each: flag echo, string text */ \
    F(bytes, instruction) /* what stands before them, or what is told */
#define REQUEST_REPLY_FIELDS(F) \
    F(u32, channel)             \
    F(flag, ok)                 \
    F(flag, raw) /* no byte is a key: all are for a stream to come */
/* length 0: no paging. exec_timeout 0: none. */
#define TERMINAL_FIELDS(F)                                              \
    F(u32, channel)                                                     \
    F(u32, length)                                                      \
    F(u32, width)                                                       \
    F(u32, history)                                                     \
    F(u32, exec_timeout_s)                                              \
    F(flag, fixed_length) /* window changes do not count: configured */ \
    F(flag, fixed_width)                                                \
    F(u8, escape) /* interrupts a command; 0: nothing but ^C does */
/* Lines end in LF; the worker makes CR LF of it on a terminal. */
#define OUTPUT_FIELDS(F) \
    F(u32, channel)      \
    F(bytes, text)
/*
 * For every OUTPUT and OUTPUT_FILE from here to the next FILTER of the channel;
 * OUTPUT_ALL ends it. A pattern that is none, or costs too much, makes an error
 * line, and status 1 of an exec channel.
 */
#define FILTER_FIELDS(F)                 \
    F(u32, channel)                      \
    F(u8, kind) /* enum output_filter */ \
    F(bytes, pattern)
#define ASK_FIELDS(F)                   \
    F(u32, channel)                     \
    F(text, prompt)                     \
    F(u8, kind)     /* enum ask_kind */ \
    F(u32, limit_s) /* 0: none but exec-timeout */
/*
 * Ends a command: the worker shows it and edits the next line. `entered` is
 * what its history keeps of the last one, without secrets.
 */
#define PROMPT_FIELDS(F) \
    F(u32, channel)      \
    F(text, prompt)      \
    F(text, entered)
/* Answer to LINE_HELP: shown, then prompt and line are shown again. */
#define HELP_FIELDS(F) \
    F(u32, channel)    \
    F(bytes, text)
/* Answer to LINE_COMPLETE: the line as it is now. */
#define COMPLETED_FIELDS(F) \
    F(u32, channel)         \
    F(text, line)           \
    F(u32, cursor)
/* A log line at any time; `redraw`: logging synchronous. */
#define LOG_FIELDS(F) \
    F(u32, channel)   \
    F(flag, redraw)   \
    F(text, line)
#define ATTACH_FIELDS(F)                                                     \
    F(u32, channel)                                                          \
    F(u8, escape)        /* suspends when followed by x; 0: none */          \
    F(u32, idle_s)       /* without a key the stream is left; 0: for ever */ \
    F(flag, idle_output) /* what the stream says is as good as a key */      \
    F(flag, watches)     /* nothing that he types goes to the stream */      \
    F(text, break_text)  /* STREAM_BREAK when it is typed; "": none does */
enum detach_reason {
    DETACH_ENDED = 1,     /* the stream has, or control took him off it */
    DETACH_SUSPENDED = 2, /* the escape key and x */
    DETACH_LEFT = 3,      /* the escape key and d: for good */
    DETACH_IDLE = 4,      /* for as long as ATTACH allows */
    DETACH_TAKE = 5,      /* who watches wants to write */
};
#define DETACHED_FIELDS(F) \
    F(u32, channel)        \
    F(u8, reason) /* enum detach_reason */
/* For the far end of the stream: the user's key, or his client's request. */
#define STREAM_BREAK_FIELDS(F) \
    F(u32, channel)            \
    F(u32, ms) /* how long; 0: as long as is usual there */
/* The channel ends, with this status; the last message for it. */
#define EXIT_FIELDS(F) \
    F(u32, channel)    \
    F(u32, status)

/*
 * The channel's request is accepted, in place of a REQUEST_REPLY: files go over
 * it. `refusal` is what the client is told instead; "": nothing hinders.
 */
#define SERVE_SCP_FIELDS(F)                                \
    F(u32, channel)                                        \
    F(flag, sink)      /* the client sends */              \
    F(flag, recursive) /* directories as well */           \
    F(flag, times)     /* of files, and modes, are kept */ \
    F(flag, directory) /* the path must be one */          \
    F(text, path)                                          \
    F(text, refusal)                                       \
    F(u32, idle_s) /* so long without a byte ends it; 0: never */

/* Files go over the channel; nothing hinders, or it was refused. */
#define SERVE_SFTP_FIELDS(F)                                        \
    F(u32, channel)                                                 \
    F(u32, idle_s) /* so long without a byte ends it; 0: never */   \
    F(u32, zone_s) /* local time is ahead of UTC; a negative number \
                      counts down from 2^32 */

/*
 * Files of a channel that was told to serve them. A worker numbers its requests
 * itself, and the files that it creates: such a one has a handle (0 to
 * FILE_HANDLES_MAX - 1) from FILE_OPEN to FILE_COMMIT or FILE_ABANDON, and no
 * two have the same. Each request but FILE_ABANDON is answered by one
 * FILE_RESULT, in any order; at most FILE_REQUESTS_MAX have none yet. Paths are
 * as users type them. The end of the channel abandons what is not complete.
 */
#define FILE_HANDLES_MAX  33
#define FILE_REQUESTS_MAX 16

/* Times in seconds since 1970; modes are rwx for user, group, others. */
#define FILE_ATTRIBUTE_FIELDS(F) \
    F(flag, has_mode)            \
    F(u32, mode)                 \
    F(flag, has_times)           \
    F(u64, accessed_s)           \
    F(u64, changed_s)
/*
 * READ: no handle, no bytes, and it must exist. The others: room for so many
 * bytes must be there. A file that must be new replaces none, not even one that
 * is there only at its FILE_COMMIT.
 */
#define FILE_OPEN_FIELDS(F)              \
    F(u32, channel)                      \
    F(u32, request)                      \
    F(u32, handle)                       \
    F(u8, access) /* enum file_access */ \
    F(flag, must_exist)                  \
    F(flag, must_be_new)                 \
    F(bytes, path)                       \
    F(u64, bytes)
/* It is complete, and so long: on the disk and in its place when answered. */
#define FILE_COMMIT_FIELDS(F) \
    F(u32, channel)           \
    F(u32, request)           \
    F(u32, handle)            \
    F(u64, bytes)             \
    FILE_ATTRIBUTE_FIELDS(F)
/* It will not be completed. */
#define FILE_ABANDON_FIELDS(F) \
    F(u32, channel)            \
    F(u32, handle)
/* FILE_STAT, FILE_MAKE_DIRECTORY, FILE_REMOVE, FILE_REMOVE_DIRECTORY */
#define FILE_NAME_FIELDS(F) \
    F(u32, channel)         \
    F(u32, request)         \
    F(bytes, path)
/* What is in a directory behind `after`, by name; "": from the first. */
#define FILE_LIST_FIELDS(F) \
    F(u32, channel)         \
    F(u32, request)         \
    F(bytes, path)          \
    F(bytes, after)
#define FILE_SET_FIELDS(F) \
    F(u32, channel)        \
    F(u32, request)        \
    F(bytes, path)         \
    FILE_ATTRIBUTE_FIELDS(F)
#define FILE_RENAME_FIELDS(F) \
    F(u32, channel)           \
    F(u32, request)           \
    F(bytes, path)            \
    F(bytes, to)              \
    F(flag, replace) /* what is there, if it is of its kind */
#define FILE_SPACE_FIELDS(F) \
    F(u32, channel)          \
    F(u32, request)
/*
 * `text` is the reason, for people. Attributes are those of what was opened or
 * asked about, or is in the way. A page of FILE_LIST has for each entry: string
 * name, u8 kind, u64 bytes, u32 mode, u64 accessed, u64 changed. That of
 * FILE_SPACE: five u64, the fields of struct flash_usage (os/flash.h).
 */
#define FILE_PAGE_MAX (32 * 1024) /* bytes */
#define FILE_RESULT_FIELDS(F)                          \
    F(u32, channel)                                    \
    F(u32, request)                                    \
    F(u8, status) /* enum file_status */               \
    F(text, text)                                      \
    F(u8, kind) /* '-' file, 'd' directory, 0: none */ \
    F(u64, bytes)                                      \
    F(u32, mode)                                       \
    F(u64, accessed_s)                                 \
    F(u64, changed_s)                                  \
    F(bytes, page)                                     \
    F(flag, more) /* behind this page */

#define DISCONNECT_FIELDS(F)            \
    F(u8, reason) /* enum ssh_reason */ \
    F(text, text)

/* What is debugged from now on; as in SETUP. */
#define TRACE_FIELDS(F) F(u32, debug)
/* Lines for whoever debugs: each u8 enum trace_head, string text. */
#define TRACED_FIELDS(F) F(bytes, lines)

#define KEYS_FIELDS(F)  \
    F(text, kex)        \
    F(text, host_key)   \
    F(text, cipher_in)  \
    F(text, cipher_out) \
    F(text, mac_in)     \
    F(text, mac_out)    \
    F(bytes, ident) /* the peer's, as it came */
#define SIGN_FIELDS(F)                                \
    F(text, method)                                   \
    F(u32, host_key) /* index in SETUP's host_keys */ \
    F(u8, hash)      /* enum hash_id */               \
    F(bytes, before)                                  \
    F(secret, after)
/* Of version 1: under the keys of SETUP. */
#define SESSION_KEY_FIELDS(F) \
    F(bytes, cookie)          \
    F(bytes, wrapped)
#define AUTH_TRY_FIELDS(F)                   \
    F(u8, method) /* enum ssh_auth_method */ \
    F(bytes, user)                           \
    F(secret, password)                      \
    F(bytes, algorithm)                      \
    F(bytes, key)                            \
    F(bytes, signature)
#define AUTH_ANSWER_FIELDS(F) \
    F(u32, count)             \
    F(secret, answers) /* each a string */
/* columns, rows 0: not given; modes: of RFC 4254 section 8 */
#define SHELL_FIELDS(F) \
    F(u32, channel)     \
    F(flag, pty)        \
    F(text, terminal)   \
    F(bytes, modes)     \
    F(u32, columns)     \
    F(u32, rows)
#define EXEC_FIELDS(F) \
    F(u32, channel)    \
    F(flag, pty)       \
    F(text, terminal)  \
    F(bytes, modes)    \
    F(u32, columns)    \
    F(u32, rows)       \
    F(bytes, command)
#define SUBSYSTEM_FIELDS(F) \
    F(u32, channel)         \
    F(bytes, name)
#define LINE_FIELDS(F)                   \
    F(u32, channel)                      \
    F(bytes, text)                       \
    F(u8, end)       /* enum line_end */ \
    F(u32, scrolled) /* columns out of sight at the left */
#define LINE_HELP_FIELDS(F) \
    F(u32, channel)         \
    F(bytes, text) /* up to the cursor */
#define LINE_COMPLETE_FIELDS(F) \
    F(u32, channel)             \
    F(bytes, text)              \
    F(u32, cursor)
/* Not given: interrupt, time limit or end of input. */
#define ANSWER_FIELDS(F) \
    F(u32, channel)      \
    F(flag, given)       \
    F(flag, timed_out)   \
    F(secret, text)
#define WINDOW_FIELDS(F) \
    F(u32, channel)      \
    F(u32, columns)      \
    F(u32, rows)
#define REPORT_FIELDS(F)              \
    F(u8, level) /* enum log_level */ \
    F(text, line)
/* The log has a line of its own for it; the first two mean no keys. */
enum ended_mismatch {
    MISMATCH_NONE = 0,
    MISMATCH_GROUP = 1, /* the peer wants none of SETUP's group_min */
    MISMATCH_NAMES = 2, /* no common algorithm; `text` is the line */
    MISMATCH_STATE = 3, /* a message that is not allowed now */
};
#define ENDED_FIELDS(F)                                                    \
    F(u8, reason) /* enum ssh_reason */                                    \
    F(flag, by_peer)                                                       \
    F(flag, broken)      /* the peer broke the protocol: err was not OK */ \
    F(u8, mismatch)      /* enum ended_mismatch */                         \
    F(flag, exchanging)  /* keys, at that moment */                        \
    F(flag, peer_closed) /* his side of the TCP connection */              \
    F(text, text)                                                          \
    F(u64, bytes_in)                                                       \
    F(u64, bytes_out)

#define CLIENT_SETUP_FIELDS(F)                                               \
    F(text, software)                                                        \
    F(text, kex)                                                             \
    F(text, host_key_algorithms)                                             \
    F(text, ciphers)                                                         \
    F(text, macs)                                                            \
    F(u8, versions)                                                          \
    F(text, v1_ciphers)                                                      \
    F(flag, warn_v1) /* the user is told when version 1 is spoken */         \
    F(u64, rekey_bytes)                                                      \
    F(u64, rekey_ms)                                                         \
    F(u32, window)     /* as in SETUP */                                     \
    F(u64, keys_ms)    /* for the first key exchange */                      \
    F(u64, silence_ms) /* so long without a byte ends it; 0: never */        \
    F(text, user)      /* who logs in there */                               \
    F(u32, prompts)    /* for a password, at most */                         \
    F(u32, group_min)  /* bits of an exchanged group, at least */            \
    F(bytes, keys)     /* ours, to log in with: blobs, each a string */      \
    F(flag, sha1)      /* they may sign by "ssh-rsa" */                      \
    F(u8, purpose)     /* enum client_purpose */                             \
    F(bytes, command)                                                        \
    F(bytes, path) /* of a file there */                                     \
    F(u64, bytes)  /* of the file that goes; most of one that comes */       \
    F(flag, pty)   /* ask for one there, of this kind and size */            \
    F(text, terminal)                                                        \
    F(bytes, modes)                                                          \
    F(u32, columns)                                                          \
    F(u32, rows)                                                             \
    F(flag, cooked) /* a command's lines, for a screen: LF becomes CR LF, */ \
                    /* what is typed CR becomes LF, ^C and ^^ end it */      \
    F(u32, debug)
/* Log in with one of our keys: the signer makes the bytes from it, the user and
   the session id, both of which control knows; CLIENT_SIGNED follows. */
#define CLIENT_SIGN_FIELDS(F)                      \
    F(u32, key) /* index in CLIENT_SETUP's keys */ \
    F(text, method)
#define CLIENT_SIGNED_FIELDS(F) F(bytes, signature) /* empty: none */
/* The key that the peer has proved to hold; the first exchange only. */
#define HOST_KEY_FIELDS(F)                                         \
    F(text, algorithm)                                             \
    F(bytes, blob)                                                 \
    F(u8, hash) /* enum hash_id; as in SIGN, for the session id */ \
    F(bytes, before)                                               \
    F(secret, after)
#define HOST_KEY_REPLY_FIELDS(F) F(flag, trusted)
/* A question of the login, from the peer or for it; CLIENT_ANSWER follows. */
#define CLIENT_ASK_FIELDS(F) \
    F(bytes, prompt)         \
    F(flag, echo)
#define CLIENT_ANSWER_FIELDS(F) \
    F(flag, given)              \
    F(secret, text)
/* The peer's text for the user, as it came. */
#define CLIENT_SHOW_FIELDS(F) F(bytes, text)
/* Logged in, and the session or command has begun: the stream counts now. */
#define CLIENT_READY_FIELDS(F) \
    F(text, kex)               \
    F(text, host_key)          \
    F(text, cipher_in)         \
    F(text, cipher_out)        \
    F(text, mac_in)            \
    F(text, mac_out)           \
    F(bytes, ident)
/* The file that comes or goes: as its sender calls it. 0 bytes: not known. */
#define CLIENT_FILE_FIELDS(F) \
    F(u32, mode)              \
    F(u64, bytes)             \
    F(bytes, name)
/* So much of it has, so far; after CLIENT_FILE. */
#define CLIENT_MOVED_FIELDS(F) F(u64, bytes)
/* Of a file: no byte came or went for so many tenths of `silence_ms`, 1 to 9.
 */
#define CLIENT_SILENCE_PARTS     10
#define CLIENT_STALLED_FIELDS(F) F(u32, parts)
#define CLIENT_WINDOW_FIELDS(F) \
    F(u32, columns)             \
    F(u32, rows)
#define CLIENT_BREAK_FIELDS(F) F(u32, ms) /* how long */
#define CLIENT_ENDED_FIELDS(F)                              \
    F(u8, end)          /* enum client_end */               \
    F(flag, has_status) /* of the command or shell there */ \
    F(u32, status)                                          \
    F(bytes, signal) /* the name of what ended it, or "" */ \
    F(bytes, text)   /* for the log */                      \
    F(u64, bytes_in)                                        \
    F(u64, bytes_out)

/*
 * How the line is. The first message, and again when something of it changes:
 * the device is not opened anew for it, and the ring keeps what fits.
 */
#define LINE_SETUP_FIELDS(F)                                      \
    F(u32, buffer) /* bytes of the ring */                        \
    F(u32, speed)  /* bits a second */                            \
    F(u8, databits)                                               \
    F(u8, parity)       /* enum tty_parity of os/tty.h */         \
    F(u8, stopbits)     /* in halves: 2, 3, 4 */                  \
    F(u8, flow)         /* enum tty_flow */                       \
    F(flag, hang_up)    /* DTR falls when the last user leaves */ \
    F(flag, timestamps) /* each line of the log begins with one */
/*
 * The device is there. `held`: what it sends waits there while nobody reads
 * it, without flow control, too. One that was there before is let go. Without
 * a descriptor: none is.
 */
#define LINE_DEVICE_FIELDS(F)          \
    F(u8, kind) /* enum line_device */ \
    F(flag, held)
/* A user; `id` is control's number of him, never used twice on a line. */
#define LINE_USER_FIELDS(F)                                                \
    F(u32, id)                                                             \
    F(flag, writer) /* what he types goes to the device; as LINE_WRITER */ \
    F(text, name)   /* for others to see */
#define LINE_ID_FIELDS(F)    F(u32, id)
#define LINE_BREAK_FIELDS(F) F(u32, ms)
/* Appended to until it has grown by `room` bytes: then LINE_LOG_FULL. */
#define LINE_LOG_FIELDS(F)    F(u64, room)
#define LINE_BUFFER_FIELDS(F) F(u64, request)
#define LINE_COUNT_FIELDS(F)  F(u64, request)
/* The device hung up, or cannot be read: why. Users' streams end. */
#define LINE_GONE_FIELDS(F) F(text, text)
/* `error` 0: it is as long as it may be; else errno of a failed write. */
#define LINE_LOG_FULL_FIELDS(F) F(u32, error)
#define LINE_BUFFER_DONE_FIELDS(F) \
    F(u64, request)                \
    F(u64, bytes)
#define LINE_COUNTED_FIELDS(F)                                         \
    F(u64, request)                                                    \
    F(u64, bytes_in) /* from the device, since the process began */    \
    F(u64, bytes_out)                                                  \
    F(u64, lost)   /* bytes that a user or the log was too slow for */ \
    F(u64, breaks) /* sent */

/* `key` is control's number of it; KEY_INFO or KEY_FAILED comes back. */
#define KEY_LOAD_FIELDS(F) F(u32, key)
/*
 * Made by a child; control reaps it and then sends KEY_LOAD. With a private
 * key (PEM that the passphrase protects; bits 0) the file gets that one; the
 * public one, if there is any, must go with it.
 */
#define KEY_MAKE_FIELDS(F)                   \
    F(u32, key)                              \
    F(text, name)                            \
    F(u8, type) /* enum key_type */          \
    F(u32, bits)                             \
    F(u64, made_at) /* seconds since 1970 */ \
    F(u8, usage)    /* enum key_usage */     \
    F(flag, exportable)                      \
    F(bytes, public_pem)                     \
    F(secret, private_pem)                   \
    F(secret, passphrase)
#define KEY_FORGET_FIELDS(F) F(u32, key)
#define KEY_EXPORT_FIELDS(F) \
    F(u32, key)              \
    F(secret, passphrase)
/* The private one under the passphrase; empty: not exportable, or it failed. */
#define KEY_EXPORTED_FIELDS(F) \
    F(u32, key)                \
    F(bytes, public_pem)       \
    F(bytes, private_pem)
/* The child that makes it: reaped by control; enum key_maker_status. */
#define KEY_STARTED_FIELDS(F) \
    F(u32, key)               \
    F(u32, pid)
#define KEY_INFO_FIELDS(F) \
    F(u32, key)            \
    F(text, name)          \
    F(u8, type)            \
    F(u32, bits)           \
    F(u64, made_at)        \
    F(u8, usage)           \
    F(flag, exportable)    \
    F(bytes, blob)         \
    F(bytes, spki)
/* Of a KEY_LOAD (the file is no key) or a KEY_MAKE (no such key, no child). */
#define KEY_FAILED_FIELDS(F) \
    F(u32, key)              \
    F(text, text)
/* Hash before || string(blob of key) || after, sign, answer both. */
#define HASH_SIGN_FIELDS(F) \
    F(u32, connection)      \
    F(u32, key)             \
    F(text, method)         \
    F(u8, hash)             \
    F(bytes, before)        \
    F(secret, after)
#define HASH_SIGNED_FIELDS(F)           \
    F(u32, connection)                  \
    F(bytes, hash) /* empty: refused */ \
    F(bytes, signature)
/* Make a pair that goes with this host key for an hour of version 1. */
#define SERVER_KEY_FIELDS(F) F(u32, key)
/* `blob` empty: it failed. */
#define SERVER_KEY_MADE_FIELDS(F) \
    F(u32, key)                   \
    F(u32, serial)                \
    F(bytes, blob)
#define SESSION_KEY_OPEN_FIELDS(F)    \
    F(u32, connection)                \
    F(u32, key)                       \
    F(u32, server_key) /* `serial` */ \
    F(bytes, cookie)                  \
    F(bytes, wrapped)
/* Both empty: refused. Not right: the key is a random one (rsa1_unwrap()). */
#define SESSION_KEY_OPENED_FIELDS(F) \
    F(u32, connection)               \
    F(flag, right)                   \
    F(bytes, session_id)             \
    F(secret, key)
/* Prove to another host that we are `user` there: RFC 4252 section 7. */
#define USER_SIGN_FIELDS(F) \
    F(u64, request)         \
    F(u32, key)             \
    F(text, method)         \
    F(bytes, session_id)    \
    F(bytes, user)
#define USER_SIGNED_FIELDS(F) \
    F(u64, request)           \
    F(bytes, signature) /* empty: refused */

/*
 * JUDGE_PASSWORD: type, stored, given. No such user: type and a decoy of the
 * same cost are sent, and `decoy` is set: the verdict is always no.
 * JUDGE_KEY*: session_id, user, algorithm, blob, signature; keys are the
 * user's, each a string of a 16-byte MD5 or a whole blob.
 */
#define JUDGE_FIELDS(F)               \
    F(u64, request)                   \
    F(u8, kind) /* enum judge_kind */ \
    F(flag, decoy)                    \
    F(u8, type)                       \
    F(secret, stored)                 \
    F(secret, given)                  \
    F(bytes, session_id)              \
    F(bytes, user)                    \
    F(bytes, algorithm)               \
    F(bytes, blob)                    \
    F(bytes, signature)               \
    F(bytes, keys)
#define VERDICT_FIELDS(F) \
    F(u64, request)       \
    F(flag, accepted)
/* Make a stored form of a password: type 5, 8 or 9. */
#define ENCODE_FIELDS(F) \
    F(u64, request)      \
    F(u8, type)          \
    F(secret, clear)
#define ENCODED_FIELDS(F) \
    F(u64, request)       \
    F(secret, stored) /* empty: it failed */

/*
 * `servers` (each a record) and `arguments` ("cmd=show", each a string):
 * ipc/aaa.h. Servers are tried in their order. Each request gets one
 * AAA_RESULT, after AAA_CANCEL at once, and before it any number of AAA_ASKED
 * that are each answered by one AAA_CONTINUE.
 */
#define AAA_REQUEST_FIELDS(F)                                              \
    F(u64, request)                                                        \
    F(u8, kind)     /* enum aaa_kind */                                    \
    F(u8, protocol) /* enum aaa_protocol */                                \
    F(secret, servers)                                                     \
    F(bytes, user)                                                         \
    F(secret, given)   /* the proof */                                     \
    F(flag, has_given) /* false: the user is asked for it */               \
    F(u8, service)     /* enum aaa_service */                              \
    F(u32, privilege)  /* that is wanted, or that the user has */          \
    F(text, port)      /* "tty3" */                                        \
    F(text, remote)    /* the user's address; "async": he is at a cable */ \
    F(text, router)    /* its name */                                      \
    F(bytes, arguments)                                                    \
    F(u8, accounting)   /* enum aaa_accounting */                          \
    F(u8, method)       /* enum aaa_method */                              \
    F(u64, deadline_ms) /* from now, for all of it; 0: none */
#define AAA_CONTINUE_FIELDS(F) \
    F(u64, request)            \
    F(flag, given)             \
    F(secret, text)
#define AAA_CANCEL_FIELDS(F) F(u64, request)
/* What a server says and asks, as it came. */
#define AAA_ASKED_FIELDS(F) \
    F(u64, request)         \
    F(bytes, text)          \
    F(bytes, prompt)        \
    F(flag, echo)
#define AAA_RESULT_FIELDS(F)                                      \
    F(u64, request)                                               \
    F(u8, outcome)       /* enum aaa_outcome */                   \
    F(bytes, attributes) /* "shell:priv-lvl=15", each a string */ \
    F(bytes, text)       /* for the user, as it came */           \
    F(bytes, notes)      /* of each server that was tried: ipc/aaa.h */
/* One to a TACACS+ server that requests share: opened, or closed. */
#define AAA_CONNECTION_FIELDS(F)          \
    F(bytes, address) /* 4 or 16 bytes */ \
    F(u32, port)                          \
    F(flag, open)

/*
 * One line for a collector, framed. `collector` is a number of control's own,
 * the same for all lines that go one way. Addresses are 4 or 16 bytes; no
 * `source`: as routed.
 */
#define SYSLOG_FIELDS(F)      \
    F(u32, collector)         \
    F(bytes, address)         \
    F(u32, port)              \
    F(bytes, source)          \
    F(flag, stream) /* TCP */ \
    F(bytes, line)
#define SYSLOG_END_FIELDS(F) F(u32, collector)
/* What became of lines since the last one of these. */
#define SYSLOG_FATE_FIELDS(F)                       \
    F(u32, collector)                               \
    F(u32, sent)                                    \
    F(u32, dropped) /* never sent */                \
    F(u32, refused) /* sent, and nobody listened */ \
    F(u8, state)    /* enum collector_state */      \
    F(flag, last)   /* behind a SYSLOG_END: nothing more is told */

/*
 * One SNMP notification for one manager. Addresses are 4 or 16 bytes; no
 * `source`: as routed. `name`: the community, or version 3's user. Engines and
 * keys are of version 3: `far_engine` is the manager's, of informs. `uptime`,
 * `enterprise`, `specific` and `agent` are version 1's; `variables`, each a
 * record of ipc/snmp.h, go as they are.
 */
#define NOTIFY_TRAP_FIELDS(F)                                  \
    F(u32, id) /* of the request, too; 0 .. 2^31 - 1 */        \
    F(bytes, address)                                          \
    F(u32, port)                                               \
    F(bytes, source)                                           \
    F(u8, version) /* 1, 2, 3 */                               \
    F(flag, inform)                                            \
    F(u32, timeout_ms) /* for an answer to one transmission */ \
    F(u32, retries)    /* transmissions after the first */     \
    F(secret, name)                                            \
    F(u8, level) /* enum trap_level */                         \
    F(bytes, engine)                                           \
    F(bytes, far_engine)                                       \
    F(u32, boots) /* of `engine` */                            \
    F(u32, time_s)                                             \
    F(u8, auth) /* enum trap_auth */                           \
    F(secret, auth_key)                                        \
    F(u8, priv) /* enum trap_priv */                           \
    F(secret, priv_key)                                        \
    F(u32, uptime)                                             \
    F(bytes, enterprise)                                       \
    F(u32, specific)                                           \
    F(bytes, agent)                                            \
    F(bytes, variables)
#define TRAP_FATE_FIELDS(F)                                    \
    F(u32, id)                                                 \
    F(u8, fate)    /* enum trap_fate */                        \
    F(u32, error)  /* errno of what failed */                  \
    F(u32, status) /* of the answer: RFC 3416, error-status */ \
    F(u32, index)

/*
 * A socket that is listened on. First: all that were there before are closed,
 * and so are the connections that came by them; without a descriptor nobody is
 * listened to any more.
 */
#define METRICS_LISTEN_FIELDS(F) F(flag, first)
/* A page is wanted, and here it is; empty: it could not be made. */
#define METRICS_ASK_FIELDS(F) F(u64, request)
#define METRICS_PAGE_FIELDS(F) \
    F(u64, request)            \
    F(bytes, page)

/*
 * Addresses are 4 or 16 bytes. Echo requests: `repeat` of them, the first with
 * `size` bytes behind the IP header, each further one with `step` more up to
 * `last_size`, and anew; `timeout_ms` for an answer. `pattern` fills them, two
 * bytes; `validate`: an answer with other bytes is none.
 */
#define PROBE_ECHO_FIELDS(F)                                              \
    F(bytes, address)                                                     \
    F(flag, raw) /* the socket is of kind ECHO_RAW (os/probe_socket.h) */ \
    F(u32, repeat)                                                        \
    F(u32, size)                                                          \
    F(u32, last_size)                                                     \
    F(u32, step)                                                          \
    F(u32, timeout_ms)                                                    \
    F(u32, pattern)                                                       \
    F(flag, validate)
/*
 * From hop `first` up to `hops`, `probes` datagrams for each, to `port` and
 * those that follow.
 */
#define PROBE_TRACE_FIELDS(F) \
    F(bytes, address)         \
    F(u32, first)             \
    F(u32, port)              \
    F(u32, hops)              \
    F(u32, probes)            \
    F(u32, timeout_ms)
/*
 * Names in the order in which they are tried, each a string; servers alike,
 * each an address. The first name that has addresses of a family wanted ends
 * it.
 */
#define PROBE_NAME_FIELDS(F) \
    F(bytes, names)          \
    F(bytes, servers)        \
    F(flag, ipv4)            \
    F(flag, ipv6)
/* What became of one packet. */
enum probe_outcome {
    PROBE_REPLY = 1, /* from where it was sent to */
    PROBE_LOST = 2,  /* no answer in time; or it could not be sent */
    PROBE_ERROR = 3, /* ICMP's type and code say which */
};
/* Of each packet, in order. The process ends behind the last one. */
#define PROBE_RESULT_FIELDS(F)              \
    F(u8, outcome) /* enum probe_outcome */ \
    F(u8, type)                             \
    F(u8, code)                             \
    F(bytes, address) /* who answered */    \
    F(u64, time_us)
/* A socket to server number `server`; PROBE_SOCKET comes back. */
#define PROBE_WANT_FIELDS(F) \
    F(u32, server)           \
    F(flag, tcp)
#define PROBE_SOCKET_FIELDS(F) F(u32, server)
enum probe_answer {
    PROBE_NAME_FOUND = 1,
    PROBE_NAME_UNKNOWN = 2, /* a server says that there are none */
    PROBE_NAME_SILENCE = 3, /* no server gave an answer that makes sense */
};
/* Each address a string. */
#define PROBE_FOUND_FIELDS(F)             \
    F(u8, answer) /* enum probe_answer */ \
    F(bytes, addresses)

/* The exit status of a child that makes a key; any other is a failure too. */
enum key_maker_status {
    KEY_MAKER_DONE = 0,
    KEY_MAKER_NO_KEY = 1,  /* it could not be made */
    KEY_MAKER_NO_FILE = 2, /* it could not be written: no room? */
    /* Of an import only: */
    KEY_MAKER_NOT_PEM = 3,       /* no private key under a passphrase */
    KEY_MAKER_NO_PASSPHRASE = 4, /* not the one that opens it */
    KEY_MAKER_NO_PAIR = 5,       /* of another type, or the halves differ */
};

enum key_usage { KEY_GENERAL = 1, KEY_SIGNATURE = 2, KEY_ENCRYPTION = 3 };

/* --- what the list becomes --------------------------------------------- */

#define MESSAGE_TYPE_flag   bool
#define MESSAGE_TYPE_u8     uint8_t
#define MESSAGE_TYPE_u32    uint32_t
#define MESSAGE_TYPE_u64    uint64_t
#define MESSAGE_TYPE_text   struct span
#define MESSAGE_TYPE_bytes  struct span
#define MESSAGE_TYPE_secret struct span

#define MESSAGE_FIELD(kind, name) MESSAGE_TYPE_##kind name;
#define MESSAGE_STRUCT(NAME, name, LIST) \
    struct msg_##name {                  \
        LIST(MESSAGE_FIELD)              \
    };
#define MESSAGE_ENUM(NAME, name, LIST)  MSG_##NAME,
#define MESSAGE_UNION(NAME, name, LIST) struct msg_##name name;

MESSAGES(MESSAGE_STRUCT)

enum message_type { MSG_NONE, MESSAGES(MESSAGE_ENUM) MSG_COUNT };

struct message {
    enum message_type type;
    union {
        MESSAGES(MESSAGE_UNION)
    };
};

/* "AUTH_TRY"; "?" for a number that is none. */
const char *message_name(enum message_type type);

/*
 * Append the encoded message; buf_ok() tells whether it fitted. A text with
 * NUL or a type that is none makes the buffer fail as well.
 */
void message_encode(struct buf *to, const struct message *m);
/*
 * Decode a whole message; its spans are borrowed from `bytes`. ERR_FORMAT:
 * unknown type, a field that does not fit, a text with NUL, bytes left over.
 */
MUST_CHECK enum err message_decode(struct span bytes, struct message *m);

#endif
