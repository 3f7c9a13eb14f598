/*
 * struct config: every setting of the router, in the order it is shown.
 * The defaults are those of the command language; the factory configuration
 * is text that is loaded on top. Kinds and arguments: config/field.h.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "config/field.h"

#define CONFIG_VTY_MAX       10000 /* line vty 0 .. 9999 */
#define CONFIG_TTY_MAX       4096  /* line 1 .. 4096 */
#define CONFIG_VTY_PERMANENT 5     /* line vty 0 4 cannot be removed */
#define CONFIG_LIST_MAX      65536 /* entries of one list */

/* username ... */
enum config_credential {
    CONFIG_CREDENTIAL_NONE,     /* cannot log in by password */
    CONFIG_CREDENTIAL_PASSWORD, /* type 0 or 7 */
    CONFIG_CREDENTIAL_SECRET,   /* type 5, 8 or 9 */
    CONFIG_CREDENTIAL_EMPTY,    /* nopassword: the console asks for none */
};

#define CONFIG_USER_FIELDS(FIELD)                                       \
    FIELD(TEXT, name, NULL)                                             \
    FIELD(NUMBER, privilege, 1)     /* 0-15 */                          \
    FIELD(CHOICE, credential, 0)    /* enum config_credential */        \
    FIELD(NUMBER, password_type, 0) /* how password.text is encoded */  \
    FIELD(SECRET, password, NULL)                                       \
    FIELD(NUMBER, access_class, 0) /* of IPv4 targets; 0: the line's */ \
    FIELD(FLAG, noescape, false)   /* of his sessions elsewhere */      \
    FIELD(FLAG, nohangup, false)   /* stays when autocommand is done */ \
    FIELD(TEXT, autocommand, NULL)
struct config_user {
    CONFIG_USER_FIELDS(CONFIG_MEMBER)
};

/* enable secret ..., enable password ...; one for each level */
#define CONFIG_PASSWORD_AS_TYPED 1 /* clear text, no type before it */
#define CONFIG_ENABLE_FIELDS(FIELD)                               \
    FIELD(NUMBER, level, 15)                                      \
    FIELD(NUMBER, type, CONFIG_PASSWORD_AS_TYPED) /* 0, 5, 7-9 */ \
    FIELD(SECRET, text, NULL)
struct config_enable {
    CONFIG_ENABLE_FIELDS(CONFIG_MEMBER)
};

/* ip ssh pubkey-chain */
#define CONFIG_KEY_FIELDS(FIELD)                                            \
    FIELD(TEXT, algorithm, NULL) /* "ssh-rsa", "ssh-ed25519", ... */        \
    FIELD(TEXT, hash, NULL) /* MD5 of the blob: 32 upper case hex digits */ \
    FIELD(TEXT, comment, NULL)
struct config_key {
    CONFIG_KEY_FIELDS(CONFIG_MEMBER)
};

/* A user, or a server that the router is a client of. */
#define CONFIG_KEY_OWNER_FIELDS(FIELD) \
    FIELD(TEXT, name, NULL)            \
    FIELD(LIST, keys, config_key)
struct config_key_owner {
    CONFIG_KEY_OWNER_FIELDS(CONFIG_MEMBER)
};

/* ip ssh stricthostkeycheck; what becomes of a host whose key is not known. */
enum config_host_check {
    CONFIG_HOST_CHECK_USUAL, /* it is remembered, and holds from then on */
    CONFIG_HOST_CHECK_STRICT,
    CONFIG_HOST_CHECK_ACCEPT_NEW, /* as usual, and said so */
};

/* ip ssh port P rotary G [M]: ports from there on, one for each group from the
   first to the last, which may be the lower one. */
#define CONFIG_SSH_PORT_FIELDS(FIELD) \
    FIELD(NUMBER, port, 0)            \
    FIELD(NUMBER, first, 0)           \
    FIELD(NUMBER, last, 0) /* group; 0: the first alone */
struct config_ssh_port {
    CONFIG_SSH_PORT_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_SSH_BREAK "~break"

/*
 * ip ssh ... The algorithm lists are comma-separated names in order of
 * preference; NULL: the language's default list.
 */
#define CONFIG_SSH_FIELDS(FIELD)                                               \
    FIELD(NUMBER, timeout, 120)         /* seconds to complete the login */    \
    FIELD(NUMBER, retries, 3)           /* tries of a proof of identity */     \
    FIELD(NUMBER, window, 0)            /* of a channel, bytes; 0: it grows */ \
    FIELD(TEXT, source_interface, NULL) /* of the client; NULL: as routed */   \
    FIELD(TEXT, keypair_name, NULL)     /* NULL: the first pair generated */   \
    FIELD(NUMBER, version, 0)           /* 0: not configured */                \
    FIELD(NUMBER, dh_min, 1024)         /* bits of a Diffie-Hellman group */   \
    FIELD(NUMBER, maxstartups, 128)     /* workers not yet authenticated */    \
    FIELD(FLAG, log_events, false)                                             \
    FIELD(NUMBER, dscp, 0)       /* of what we send; one of these two */       \
    FIELD(NUMBER, precedence, 0) /* is 0 */                                    \
    FIELD(NUMBER, rekey_minutes, 60)                                           \
    FIELD(NUMBER, rekey_kilobytes, 1048576)                                    \
    FIELD(FLAG, by_publickey, true) /* ip ssh server authenticate user */      \
    FIELD(FLAG, by_keyboard, true)                                             \
    FIELD(FLAG, by_password, true)                                             \
    FIELD(TEXT, mac, NULL)                                                     \
    FIELD(TEXT, encryption, NULL)                                              \
    FIELD(TEXT, kex, NULL)                                                     \
    FIELD(TEXT, hostkey, NULL)                                                 \
    FIELD(TEXT, authentication, NULL) /* "publickey,keyboard,password" */      \
    FIELD(TEXT, publickey, NULL)                                               \
    FIELD(LIST, key_users, config_key_owner)                                   \
    FIELD(LIST, key_servers, config_key_owner)                                 \
    FIELD(TEXT, break_string, CONFIG_SSH_BREAK) /* typed to a tty line */      \
    FIELD(LIST, ports, config_ssh_port)                                        \
    FIELD(CHOICE, host_check, 0) /* enum config_host_check */                  \
    FIELD(TEXT, client_mac, NULL)                                              \
    FIELD(TEXT, client_encryption, NULL)                                       \
    FIELD(TEXT, client_kex, NULL)                                              \
    FIELD(TEXT, client_hostkey, NULL)
struct config_ssh {
    CONFIG_SSH_FIELDS(CONFIG_MEMBER)
};

/*
 * interface NAME; what the machine has beside that is not the router's.
 * Masks and lengths are those that were typed, with the host's bits.
 */
#define CONFIG_INTERFACE_ADDRESS_FIELDS(FIELD) \
    FIELD(ADDRESS, address, 0)                 \
    FIELD(NUMBER, length, 0) /* bits of the network */
struct config_interface_address {
    CONFIG_INTERFACE_ADDRESS_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_LOAD_INTERVAL 300 /* seconds */

#define CONFIG_INTERFACE_FIELDS(FIELD)                                       \
    FIELD(TEXT, name, NULL) /* Linux's; LoopbackN is a dummy of ours */      \
    FIELD(NUMBER, unit, 0)  /* of `loopback 5` as typed; kept in the name */ \
    FIELD(TEXT, description, NULL)                                           \
    FIELD(NUMBER, mtu, 0) /* bytes; 0: as it is */                           \
    FIELD(FLAG, shutdown, false)                                             \
    FIELD(NUMBER, load_interval, CONFIG_LOAD_INTERVAL) /* of rates */        \
    FIELD(STRUCT, primary, config_interface_address)                         \
    FIELD(LIST, secondary, config_interface_address)                         \
    FIELD(LIST, ipv6, config_interface_address)
struct config_interface {
    CONFIG_INTERFACE_FIELDS(CONFIG_MEMBER)
};

/* ip route, ipv6 route; without bits behind the length. */
#define CONFIG_ROUTE_FIELDS(FIELD)                                      \
    FIELD(ADDRESS, network, 0)                                          \
    FIELD(NUMBER, length, 0)                                            \
    FIELD(TEXT, interface, NULL) /* "Null0": what goes there is lost */ \
    FIELD(ADDRESS, gateway, 0)   /* unset: directly connected */        \
    FIELD(NUMBER, distance, 1)   /* the kernel's metric: 1-255 */       \
    FIELD(TEXT, name, NULL)
struct config_route {
    CONFIG_ROUTE_FIELDS(CONFIG_MEMBER)
};

/* ip name-server, ip host: an address of a list. */
#define CONFIG_SERVER_FIELDS(FIELD) FIELD(ADDRESS, address, 0)
struct config_server {
    CONFIG_SERVER_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_HOST_FIELDS(FIELD) \
    FIELD(TEXT, name, NULL)       \
    FIELD(LIST, addresses, config_server)
struct config_host {
    CONFIG_HOST_FIELDS(CONFIG_MEMBER)
};

/* access-list ..., ip access-list standard ..., ipv6 access-list ... */
enum config_action {
    CONFIG_PERMIT = 1,
    CONFIG_DENY,
    CONFIG_REMARK,
};

enum config_source {
    CONFIG_SOURCE_ANY = 1,
    CONFIG_SOURCE_HOST,    /* IPv6: typed as `host X::X` */
    CONFIG_SOURCE_ADDRESS, /* A.B.C.D [wildcard], X::X/N */
};

/* Sequence numbers rise by this, unless they are given. */
#define CONFIG_ACE_STEP 10

/* One entry; ordered by sequence, remarks where they were typed. */
#define CONFIG_ACE_FIELDS(FIELD)                                         \
    FIELD(NUMBER, sequence, 0) /* of a remark: 0 */                      \
    FIELD(CHOICE, action, 0)   /* enum config_action */                  \
    FIELD(CHOICE, source, 0)   /* enum config_source */                  \
    FIELD(ADDRESS, address, 0)                                           \
    FIELD(ADDRESS, wildcard, 0) /* IPv4; unset: exactly `address` */     \
    FIELD(NUMBER, prefix, 0)    /* IPv6: bits of `address` that count */ \
    FIELD(TEXT, remark, NULL)
struct config_ace {
    CONFIG_ACE_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_ACL_FIELDS(FIELD)                    \
    FIELD(NUMBER, number, 0) /* 0: it has a name */ \
    FIELD(TEXT, name, NULL)                         \
    FIELD(LIST, entries, config_ace)
struct config_acl {
    CONFIG_ACL_FIELDS(CONFIG_MEMBER)
};

/* access-class ... {in|out}, ipv6 access-class ... {in|out} */
enum config_access_class_kind {
    CONFIG_ACCESS_CLASS_NONE,
    CONFIG_ACCESS_CLASS_NUMBER,
    CONFIG_ACCESS_CLASS_NAME,
};

#define CONFIG_ACCESS_CLASS_FIELDS(FIELD)                      \
    FIELD(CHOICE, kind, 0) /* enum config_access_class_kind */ \
    FIELD(NUMBER, number, 0)                                   \
    FIELD(TEXT, name, NULL)                                    \
    FIELD(TEXT, ipv6, NULL)
struct config_access_class {
    CONFIG_ACCESS_CLASS_FIELDS(CONFIG_MEMBER)
};

/* alias exec ... */
#define CONFIG_ALIAS_FIELDS(FIELD) \
    FIELD(TEXT, name, NULL)        \
    FIELD(TEXT, command, NULL) /* what it stands for, as typed */
struct config_alias {
    CONFIG_ALIAS_FIELDS(CONFIG_MEMBER)
};

/* privilege exec level ...: commands that begin with these words. */
#define CONFIG_LEVEL_FIELDS(FIELD)        \
    FIELD(NUMBER, level, 0)    /* 0-15 */ \
    FIELD(TEXT, command, NULL) /* keywords in full, one blank between */
struct config_level {
    CONFIG_LEVEL_FIELDS(CONFIG_MEMBER)
};

/* banner ...; lines end in LF, without the delimiters. */
#define CONFIG_BANNERS_FIELDS(FIELD)                              \
    FIELD(TEXT, exec, NULL)                                       \
    FIELD(TEXT, incoming, NULL) /* instead of it, on tty lines */ \
    FIELD(TEXT, login, NULL)                                      \
    FIELD(TEXT, motd, NULL)
struct config_banners {
    CONFIG_BANNERS_FIELDS(CONFIG_MEMBER)
};

/* line ... */
enum config_login {
    CONFIG_LOGIN_DEFAULT,  /* console: none; vty: as CONFIG_LOGIN_PASSWORD */
    CONFIG_LOGIN_NONE,     /* no login */
    CONFIG_LOGIN_LOCAL,    /* login local */
    CONFIG_LOGIN_PASSWORD, /* login: the line's own password */
};

enum config_transport {
    CONFIG_TRANSPORT_ALL = 1,
    CONFIG_TRANSPORT_NONE,
    CONFIG_TRANSPORT_SSH,
};

/* Whom a line asks for what; config/aaa.h. */
enum config_aaa_use {
    CONFIG_AAA_LOGIN = 1,
    CONFIG_AAA_ENABLE,
    CONFIG_AAA_EXEC, /* authorization */
    CONFIG_AAA_COMMANDS,
    CONFIG_AAA_REVERSE_ACCESS,
    CONFIG_AAA_COUNT_EXEC, /* accounting */
    CONFIG_AAA_COUNT_COMMANDS,
    CONFIG_AAA_COUNT_CONNECTION,
};

/* login authentication ..., authorization ..., accounting ... of a line */
#define CONFIG_LINE_METHODS_FIELDS(FIELD)             \
    FIELD(CHOICE, use, 0)   /* enum config_aaa_use */ \
    FIELD(NUMBER, level, 0) /* of commands */         \
    FIELD(TEXT, name, NULL) /* of the list of methods */
struct config_line_methods {
    CONFIG_LINE_METHODS_FIELDS(CONFIG_MEMBER)
};

/* transport preferred; for a word that is no command. */
enum config_preferred {
    CONFIG_PREFERRED_NONE = 1,
    CONFIG_PREFERRED_SSH,
};

#define CONFIG_LINE_LENGTH  24 /* rows of a screen that nobody has told */
#define CONFIG_LINE_WIDTH   80 /* its columns */
#define CONFIG_LINE_HISTORY 20 /* lines kept */
#define CONFIG_ESCAPE       30 /* ^^, Ctrl-Shift-6 */
#define CONFIG_ESCAPE_MAX   126

#define CONFIG_LINE_FIELDS(FIELD)                                              \
    FIELD(TEXT, location, NULL)                                                \
    FIELD(STRUCT, access_in, config_access_class)                              \
    FIELD(STRUCT, access_out, config_access_class)                             \
    FIELD(NUMBER, session_timeout_min, 0) /* of sessions from here, 0: none */ \
    FIELD(FLAG, session_timeout_output, false) /* what comes counts, too */    \
    FIELD(NUMBER, absolute_timeout, 0)         /* minutes, 0: none */          \
    FIELD(NUMBER, exec_timeout_min, 10)        /* both 0: never */             \
    FIELD(NUMBER, exec_timeout_s, 0)                                           \
    FIELD(NUMBER, login_response_s, 30) /* for an answer, 0: for ever */       \
    FIELD(NUMBER, privilege, 1)         /* 0-15, unless the user's own */      \
    FIELD(NUMBER, password_type, CONFIG_PASSWORD_AS_TYPED) /* 0, 7 */          \
    FIELD(SECRET, password, NULL)                                              \
    FIELD(FLAG, synchronous, false) /* log lines leave the prompt last */      \
    FIELD(CHOICE, login, 0)         /* enum config_login */                    \
    FIELD(LIST, methods, config_line_methods) /* sorted by use, level */       \
    FIELD(FLAG, exec, true)                   /* an EXEC may begin here */     \
    FIELD(FLAG, exec_banner, true)                                             \
    FIELD(FLAG, motd_banner, true)                                             \
    FIELD(FLAG, monitor, false) /* log lines to whoever begins here */         \
    FIELD(FLAG, history, true)                                                 \
    FIELD(NUMBER, history_size, CONFIG_LINE_HISTORY)                           \
    FIELD(NUMBER, width, CONFIG_LINE_WIDTH)   /* 0: endless */                 \
    FIELD(NUMBER, length, CONFIG_LINE_LENGTH) /* 0: no pages */                \
    FIELD(NUMBER, escape, CONFIG_ESCAPE)      /* a byte, 0: none */            \
    FIELD(CHOICE, transport_preferred, 1)     /* enum config_preferred */      \
    FIELD(CHOICE, transport_input, 1)         /* enum config_transport */      \
    FIELD(CHOICE, transport_output, 1)        /* enum config_transport */
struct config_line {
    CONFIG_LINE_FIELDS(CONFIG_MEMBER)
};

/*
 * line N, line aux 0: a console elsewhere. Rows of config_line's go for it as
 * well, so that one comes first.
 */
enum config_parity {
    CONFIG_PARITY_EVEN = 1,
    CONFIG_PARITY_MARK,
    CONFIG_PARITY_NONE,
    CONFIG_PARITY_ODD,
    CONFIG_PARITY_SPACE,
};

enum config_stopbits {
    CONFIG_STOPBITS_1 = 1,
    CONFIG_STOPBITS_1_5, /* of five data bits only */
    CONFIG_STOPBITS_2,
};

enum config_flowcontrol {
    CONFIG_FLOW_HARDWARE = 1,
    CONFIG_FLOW_NONE,
    CONFIG_FLOW_SOFTWARE,
};

#define CONFIG_TTY_BUFFER_KB     64 /* of what it said last */
#define CONFIG_TTY_BUFFER_MAX_KB 4096
#define CONFIG_TTY_LOG_KB        1024 /* of a file, before the next one begins */
#define CONFIG_TTY_LOG_FILES     8

#define CONFIG_TTY_FIELDS(FIELD)                                              \
    FIELD(STRUCT, line, config_line)                                          \
    FIELD(NUMBER, exec_timeout_min, 0) /* of who is connected; 0 0: never */  \
    FIELD(NUMBER, exec_timeout_s, 0)                                          \
    FIELD(TEXT, device, NULL) /* path of a serial port; NULL: none, or: */    \
    FIELD(TEXT, host, NULL)   /* name or address, with a port */              \
    FIELD(NUMBER, port, 0)                                                    \
    FIELD(FLAG, telnet, false)      /* with RFC 2217; else the bytes alone */ \
    FIELD(NUMBER, speed, 9600)      /* one of config_tty_speeds */            \
    FIELD(NUMBER, databits, 8)      /* 5-8 */                                 \
    FIELD(CHOICE, parity, 3)        /* enum config_parity */                  \
    FIELD(CHOICE, stopbits, 3)      /* enum config_stopbits */                \
    FIELD(CHOICE, flowcontrol, 2)   /* enum config_flowcontrol */             \
    FIELD(NUMBER, rotary, 0)        /* group 1-127; 0: none */                \
    FIELD(CHOICE, transport, 2)     /* input; enum config_transport */        \
    FIELD(TEXT, access_users, NULL) /* names, one blank between them */       \
    FIELD(FLAG, share, false)       /* others may watch */                    \
    FIELD(FLAG, autohangup, false)                                            \
    FIELD(NUMBER, buffer_kb, CONFIG_TTY_BUFFER_KB)                            \
    FIELD(TEXT, log_file, NULL) /* "flash:..."; NULL: nothing is written */   \
    FIELD(NUMBER, log_kb, CONFIG_TTY_LOG_KB)                                  \
    FIELD(NUMBER, log_files, CONFIG_TTY_LOG_FILES)                            \
    FIELD(FLAG, log_timestamps, false)
struct config_tty {
    CONFIG_TTY_FIELDS(CONFIG_MEMBER)
};

/* Lines first .. last, all with the same settings; see config/tty.h. */
#define CONFIG_TTY_RANGE_FIELDS(FIELD) \
    FIELD(NUMBER, first, 0)            \
    FIELD(NUMBER, last, 0)             \
    FIELD(STRUCT, tty, config_tty)
struct config_tty_range {
    CONFIG_TTY_RANGE_FIELDS(CONFIG_MEMBER)
};

/* login block-for, delay, quiet-mode, on-failure, on-success */
#define CONFIG_LOGIN_WATCH_FIELDS(FIELD)                                  \
    FIELD(NUMBER, block_s, 0) /* 0: nobody is ever turned away */         \
    FIELD(NUMBER, attempts, 0)                                            \
    FIELD(NUMBER, within_s, 0)                                            \
    FIELD(NUMBER, delay_s, 0)     /* 0: the usual */                      \
    FIELD(CHOICE, quiet_class, 0) /* enum config_access_class_kind */     \
    FIELD(NUMBER, quiet_number, 0)                                        \
    FIELD(TEXT, quiet_name, NULL)                                         \
    FIELD(NUMBER, log_failure_every, 0) /* 0: no line; 1: one for each */ \
    FIELD(NUMBER, log_success_every, 0)
struct config_login_watch {
    CONFIG_LOGIN_WATCH_FIELDS(CONFIG_MEMBER)
};

/* Vtys first .. last, all with the same settings; see config/vty.h. */
#define CONFIG_VTY_FIELDS(FIELD) \
    FIELD(NUMBER, first, 0)      \
    FIELD(NUMBER, last, 0)       \
    FIELD(STRUCT, line, config_line)
struct config_vty {
    CONFIG_VTY_FIELDS(CONFIG_MEMBER)
};

/* service timestamps {debug|log} ...; what stands before a log line. */
enum config_stamp_form {
    CONFIG_STAMP_NONE,
    CONFIG_STAMP_UPTIME,
    CONFIG_STAMP_DATETIME,
};

#define CONFIG_TIMESTAMPS_FIELDS(FIELD)                 \
    FIELD(CHOICE, form, 2) /* enum config_stamp_form */ \
    FIELD(FLAG, msec, true)                             \
    FIELD(FLAG, localtime, false)                       \
    FIELD(FLAG, zone, false) /* show-timezone */        \
    FIELD(FLAG, year, false)
struct config_timestamps {
    CONFIG_TIMESTAMPS_FIELDS(CONFIG_MEMBER)
};

/* logging ...; a level is 0-7, lines of it and of those below go there. */
#define CONFIG_LOGGING_OFF    8 /* in place of a level: no line */
#define CONFIG_LOGGING_BUFFER 4096
#define CONFIG_LOGGING_FIELDS(FIELD)                                      \
    FIELD(FLAG, on, true) /* else nothing but the console has lines */    \
    FIELD(NUMBER, console, 7)                                             \
    FIELD(NUMBER, monitor, 7)                                             \
    FIELD(NUMBER, buffered, 7)                                            \
    FIELD(NUMBER, buffer_bytes, CONFIG_LOGGING_BUFFER)                    \
    FIELD(NUMBER, rate, 0)           /* lines a second, 0: no limit */    \
    FIELD(FLAG, rate_all, false)     /* debug lines count as well */      \
    FIELD(FLAG, rate_console, false) /* it is the console's alone */      \
    FIELD(NUMBER, rate_except, CONFIG_LOGGING_OFF) /* not these levels */ \
    FIELD(FLAG, userinfo, false) /* who changes his privilege */
struct config_logging {
    CONFIG_LOGGING_FIELDS(CONFIG_MEMBER)
};

/* clock timezone ...: local time is UTC, hours and minutes later. */
#define CONFIG_ZONE_FIELDS(FIELD)                 \
    FIELD(TEXT, name, NULL)                       \
    FIELD(NUMBER, hours, 0)   /* of an int32_t */ \
    FIELD(NUMBER, minutes, 0) /* with hours' sign */
struct config_zone {
    CONFIG_ZONE_FIELDS(CONFIG_MEMBER)
};

/* clock summer-time ...: when it begins or ends, in local time. */
#define CONFIG_SUMMER_OFFSET 60 /* minutes */

#define CONFIG_SUMMER_EDGE_FIELDS(FIELD)                                \
    FIELD(NUMBER, week, 0)    /* 1-4, 5: the last one; 0: by its day */ \
    FIELD(NUMBER, weekday, 0) /* 0: Sunday */                           \
    FIELD(NUMBER, day, 0)     /* 1-31 */                                \
    FIELD(NUMBER, month, 0)   /* 0-11 */                                \
    FIELD(NUMBER, year, 0)                                              \
    FIELD(NUMBER, minute, 0) /* of the day */
struct config_summer_edge {
    CONFIG_SUMMER_EDGE_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_SUMMER_FIELDS(FIELD)                   \
    FIELD(TEXT, name, NULL) /* NULL: there is none */ \
    FIELD(STRUCT, from, config_summer_edge)           \
    FIELD(STRUCT, to, config_summer_edge)             \
    FIELD(NUMBER, offset, CONFIG_SUMMER_OFFSET) /* minutes */
struct config_summer {
    CONFIG_SUMMER_FIELDS(CONFIG_MEMBER)
};

/* archive, log config: lines that took effect. */
#define CONFIG_CHANGE_LOG_SIZE 100
#define CONFIG_CHANGE_LOG_FIELDS(FIELD)                          \
    FIELD(FLAG, enabled, false)                                  \
    FIELD(NUMBER, size, CONFIG_CHANGE_LOG_SIZE) /* lines kept */ \
    FIELD(FLAG, notify, false)                  /* a log line for each */
struct config_change_log {
    CONFIG_CHANGE_LOG_FIELDS(CONFIG_MEMBER)
};

/* archive: copies of the running configuration, kept below flash:. */
#define CONFIG_ARCHIVE_MAXIMUM 10 /* files */

#define CONFIG_ARCHIVE_FIELDS(FIELD)                                     \
    FIELD(STRUCT, changes, config_change_log)                            \
    FIELD(TEXT, path, NULL) /* as typed, with $h and $t; NULL: none */   \
    FIELD(NUMBER, maximum, CONFIG_ARCHIVE_MAXIMUM)                       \
    FIELD(NUMBER, time_period_min, 0) /* 0: only when it is asked for */ \
    FIELD(FLAG, write_memory, false)  /* with each save */
struct config_archive {
    CONFIG_ARCHIVE_FIELDS(CONFIG_MEMBER)
};

/* aaa ... */
enum config_aaa_record { /* accounting: which records are sent */
                         CONFIG_AAA_START_STOP = 1,
                         CONFIG_AAA_STOP_ONLY,
                         CONFIG_AAA_NO_RECORD, /* none: not even what the
                                                  default list says */
};

/* A list of methods; config/aaa.h. */
#define CONFIG_METHODS_FIELDS(FIELD)                                       \
    FIELD(CHOICE, use, 0)         /* enum config_aaa_use */                \
    FIELD(NUMBER, level, 0)       /* of commands */                        \
    FIELD(TEXT, name, NULL)       /* "default" for lines that name none */ \
    FIELD(CHOICE, record, 0)      /* accounting: enum config_aaa_record */ \
    FIELD(FLAG, broadcast, false) /* accounting: to all of its groups */   \
    FIELD(TEXT, methods, NULL)    /* as typed, in full words; NULL: none */
struct config_methods {
    CONFIG_METHODS_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_AAA_ATTEMPTS 3 /* of a login at a prompt */

#define CONFIG_AAA_FIELDS(FIELD)                                            \
    FIELD(FLAG, new_model, false)                                           \
    FIELD(NUMBER, attempts, CONFIG_AAA_ATTEMPTS)                            \
    FIELD(TEXT, banner, NULL)       /* before the first question */         \
    FIELD(TEXT, fail_message, NULL) /* after a wrong answer */              \
    FIELD(TEXT, password_prompt, NULL)                                      \
    FIELD(TEXT, username_prompt, NULL)                                      \
    FIELD(FLAG, authorize_console, false)                                   \
    FIELD(FLAG, authorize_configuration, false) /* config-commands */       \
    FIELD(NUMBER, update_min, 0)         /* of accounting; 0: no updates */ \
    FIELD(LIST, methods, config_methods) /* sorted by use, level */
struct config_aaa {
    CONFIG_AAA_FIELDS(CONFIG_MEMBER)
};

/* radius server ..., radius-server host ...: one server. */
#define CONFIG_RADIUS_AUTH_PORT  1645 /* as long as nobody says otherwise */
#define CONFIG_RADIUS_ACCT_PORT  1646
#define CONFIG_RADIUS_TIMEOUT    5
#define CONFIG_RADIUS_RETRANSMIT 3
#define CONFIG_RADIUS_AS_ALL     101 /* no number of retransmissions */

#define CONFIG_RADIUS_SERVER_FIELDS(FIELD)                                  \
    FIELD(TEXT, name, NULL)                                                 \
    FIELD(ADDRESS, address, 0)                                              \
    FIELD(NUMBER, auth_port, CONFIG_RADIUS_AUTH_PORT) /* 0: not asked */    \
    FIELD(NUMBER, acct_port, CONFIG_RADIUS_ACCT_PORT) /* 0: told nothing */ \
    FIELD(NUMBER, timeout_s, 0)                       /* 0: as for all */   \
    FIELD(NUMBER, retransmit, CONFIG_RADIUS_AS_ALL)                         \
    FIELD(NUMBER, key_type, CONFIG_PASSWORD_AS_TYPED)                       \
    FIELD(SECRET, key, NULL)
struct config_radius_server {
    CONFIG_RADIUS_SERVER_FIELDS(CONFIG_MEMBER)
};

/* aaa group server ...; a member is named, or known by address and ports. */
#define CONFIG_GROUP_MEMBER_FIELDS(FIELD)             \
    FIELD(TEXT, name, NULL)                           \
    FIELD(ADDRESS, address, 0)                        \
    FIELD(NUMBER, auth_port, CONFIG_RADIUS_AUTH_PORT) \
    FIELD(NUMBER, acct_port, CONFIG_RADIUS_ACCT_PORT)
struct config_group_member {
    CONFIG_GROUP_MEMBER_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_SERVER_GROUP_FIELDS(FIELD)                              \
    FIELD(TEXT, name, NULL)                                            \
    FIELD(LIST, members, config_group_member) /* in order of asking */ \
    FIELD(TEXT, source_interface, NULL)       /* NULL: as for all */   \
    FIELD(NUMBER, deadtime_min, 0)            /* 0: as for all */
struct config_server_group {
    CONFIG_SERVER_GROUP_FIELDS(CONFIG_MEMBER)
};

/* radius-server ..., and what belongs to it */
#define CONFIG_RADIUS_FIELDS(FIELD)                                           \
    FIELD(LIST, groups, config_server_group)                                  \
    FIELD(TEXT, source_interface, NULL) /* NULL: as routed */                 \
    FIELD(NUMBER, dead_s, 0) /* dead-criteria; 0: not one of them */          \
    FIELD(NUMBER, dead_tries, 0)                                              \
    FIELD(LIST, hosts, config_radius_server) /* by address, without names */  \
    FIELD(NUMBER, retransmit, CONFIG_RADIUS_RETRANSMIT)                       \
    FIELD(NUMBER, timeout_s, CONFIG_RADIUS_TIMEOUT)                           \
    FIELD(NUMBER, deadtime_min, 0) /* a dead one is left alone for so long */ \
    FIELD(NUMBER, key_type, CONFIG_PASSWORD_AS_TYPED)                         \
    FIELD(SECRET, key, NULL) /* of servers without one */                     \
    FIELD(LIST, servers, config_radius_server)
struct config_radius {
    CONFIG_RADIUS_FIELDS(CONFIG_MEMBER)
};

/* tacacs server ..., tacacs-server host ...: one server. */
#define CONFIG_TACACS_PORT    49
#define CONFIG_TACACS_TIMEOUT 5

#define CONFIG_TACACS_SERVER_FIELDS(FIELD)            \
    FIELD(TEXT, name, NULL)                           \
    FIELD(ADDRESS, address, 0)                        \
    FIELD(NUMBER, port, CONFIG_TACACS_PORT)           \
    FIELD(NUMBER, timeout_s, 0) /* 0: as for all */   \
    FIELD(FLAG, single_connection, false)             \
    FIELD(NUMBER, key_type, CONFIG_PASSWORD_AS_TYPED) \
    FIELD(SECRET, key, NULL)
struct config_tacacs_server {
    CONFIG_TACACS_SERVER_FIELDS(CONFIG_MEMBER)
};

/* tacacs-server ..., and what belongs to it */
#define CONFIG_TACACS_FIELDS(FIELD)                                          \
    FIELD(LIST, groups, config_server_group)                                 \
    FIELD(TEXT, source_interface, NULL)      /* NULL: as routed */           \
    FIELD(LIST, hosts, config_tacacs_server) /* by address, without names */ \
    FIELD(NUMBER, timeout_s, CONFIG_TACACS_TIMEOUT)                          \
    FIELD(NUMBER, key_type, CONFIG_PASSWORD_AS_TYPED)                        \
    FIELD(SECRET, key, NULL) /* of servers without one */                    \
    FIELD(LIST, servers, config_tacacs_server)
struct config_tacacs {
    CONFIG_TACACS_FIELDS(CONFIG_MEMBER)
};

/* logging host ...: a collector of log lines */
#define CONFIG_LOG_HOSTS_MAX 16
#define CONFIG_LOG_UDP_PORT  514
#define CONFIG_LOG_TCP_PORT  601 /* RFC 3195 */

enum config_log_transport { CONFIG_LOG_UDP = 1, CONFIG_LOG_TCP };
enum config_log_format { CONFIG_LOG_IOS = 1, CONFIG_LOG_RFC5424 };

#define CONFIG_LOG_HOST_FIELDS(FIELD)                                        \
    FIELD(ADDRESS, address, 0)                                               \
    FIELD(TEXT, name, NULL)                  /* instead of the address */    \
    FIELD(CHOICE, transport, CONFIG_LOG_UDP) /* enum config_log_transport */ \
    FIELD(NUMBER, port, CONFIG_LOG_UDP_PORT)                                 \
    FIELD(CHOICE, format, CONFIG_LOG_IOS) /* enum config_log_format */
struct config_log_host {
    CONFIG_LOG_HOST_FIELDS(CONFIG_MEMBER)
};

/* logging trap, origin-id, facility, source-interface */
enum config_log_origin {
    CONFIG_LOG_ORIGIN_NONE,
    CONFIG_LOG_ORIGIN_HOSTNAME,
    CONFIG_LOG_ORIGIN_IP, /* of the router, on the way to the collector */
    CONFIG_LOG_ORIGIN_STRING,
};

#define CONFIG_LOG_TRAP_LEVEL 6
#define CONFIG_LOG_FACILITY   23 /* local7 */

#define CONFIG_LOG_REMOTE_FIELDS(FIELD)                                \
    FIELD(NUMBER, trap_level,                                          \
          CONFIG_LOG_TRAP_LEVEL) /* or CONFIG_LOGGING_OFF */           \
    FIELD(CHOICE, origin, 0)     /* enum config_log_origin */          \
    FIELD(TEXT, origin_text, NULL)                                     \
    FIELD(NUMBER, facility, CONFIG_LOG_FACILITY) /* 0-23 */            \
    FIELD(TEXT, source_interface, NULL)          /* NULL: as routed */ \
    FIELD(LIST, hosts, config_log_host)
struct config_log_remote {
    CONFIG_LOG_REMOTE_FIELDS(CONFIG_MEMBER)
};

/* snmp-server host ...; what may be sent to one, and how. */
enum config_snmp_version {
    CONFIG_SNMP_V1 = 1,
    CONFIG_SNMP_V2C,
    CONFIG_SNMP_V3,
};

enum config_snmp_level {
    CONFIG_SNMP_AUTH = 1,
    CONFIG_SNMP_NOAUTH,
    CONFIG_SNMP_PRIV,
};

#define CONFIG_SNMP_PORT          162
#define CONFIG_SNMP_QUEUE_LENGTH  10 /* messages */
#define CONFIG_SNMP_INFORM_WAIT   30 /* seconds */
#define CONFIG_SNMP_INFORM_TRIES  3  /* after the first */
#define CONFIG_SNMP_INFORM_FLIGHT 25 /* of all hosts, without an answer */

#define CONFIG_SNMP_HOST_FIELDS(FIELD)                                     \
    FIELD(TEXT, host, NULL) /* name or address */                          \
    FIELD(FLAG, informs, false)                                            \
    FIELD(CHOICE, version, 1)      /* enum config_snmp_version */          \
    FIELD(CHOICE, level, 0)        /* of version 3: config_snmp_level */   \
    FIELD(SECRET, community, NULL) /* of version 3 the name of its user */ \
    FIELD(NUMBER, port, CONFIG_SNMP_PORT)                                  \
    FIELD(FLAG, tty, false) /* this kind alone; else all that are enabled */
struct config_snmp_host {
    CONFIG_SNMP_HOST_FIELDS(CONFIG_MEMBER)
};

/* snmp-server group ... v3: from which level on its users may be used. */
#define CONFIG_SNMP_GROUP_FIELDS(FIELD) \
    FIELD(TEXT, name, NULL)             \
    FIELD(CHOICE, level, 0) /* enum config_snmp_level */
struct config_snmp_group {
    CONFIG_SNMP_GROUP_FIELDS(CONFIG_MEMBER)
};

/* snmp-server engineID remote ...: of a manager that takes informs. */
#define CONFIG_SNMP_ENGINE_FIELDS(FIELD)  \
    FIELD(ADDRESS, address, 0)            \
    FIELD(NUMBER, port, CONFIG_SNMP_PORT) \
    FIELD(TEXT, engine, NULL) /* upper case hex digits */
struct config_snmp_engine {
    CONFIG_SNMP_ENGINE_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_SNMP_FIELDS(FIELD)                                         \
    FIELD(TEXT, engine, NULL) /* hex digits; NULL: the router's own */    \
    FIELD(LIST, engines, config_snmp_engine)                              \
    FIELD(LIST, groups, config_snmp_group)                                \
    FIELD(TEXT, source_interface, NULL)                                   \
    FIELD(NUMBER, queue_length, CONFIG_SNMP_QUEUE_LENGTH) /* of a host */ \
    FIELD(NUMBER, inform_flight, CONFIG_SNMP_INFORM_FLIGHT)               \
    FIELD(NUMBER, inform_tries, CONFIG_SNMP_INFORM_TRIES)                 \
    FIELD(NUMBER, inform_wait_s, CONFIG_SNMP_INFORM_WAIT)                 \
    FIELD(TEXT, location, NULL)                                           \
    FIELD(TEXT, contact, NULL)                                            \
    FIELD(FLAG, traps_tty, false)                                         \
    FIELD(LIST, hosts, config_snmp_host)                                  \
    FIELD(FLAG, on, true) /* `no snmp-server`: nothing is sent */
struct config_snmp {
    CONFIG_SNMP_FIELDS(CONFIG_MEMBER)
};

#define CONFIG_FIELDS(FIELD)                             \
    FIELD(STRUCT, debug_timestamps, config_timestamps)   \
    FIELD(STRUCT, log_timestamps, config_timestamps)     \
    FIELD(FLAG, password_encryption, false)              \
    FIELD(FLAG, tcp_keepalives_in, false)                \
    FIELD(FLAG, tcp_keepalives_out, false)               \
    FIELD(FLAG, sequence_numbers, false)                 \
    FIELD(FLAG, show_version_ios, false)                 \
    FIELD(TEXT, hostname, "Router")                      \
    FIELD(STRUCT, logging, config_logging)               \
    FIELD(NUMBER, password_min_length, 0)                \
    FIELD(LIST, enable_secrets, config_enable)           \
    FIELD(LIST, enable_passwords, config_enable)         \
    FIELD(STRUCT, aaa, config_aaa)                       \
    FIELD(STRUCT, zone, config_zone)                     \
    FIELD(STRUCT, summer, config_summer)                 \
    FIELD(FLAG, domain_lookup, true)                     \
    FIELD(TEXT, domain_name, NULL)                       \
    FIELD(LIST, hosts, config_host)                      \
    FIELD(LIST, name_servers, config_server)             \
    FIELD(CHOICE, file_prompt, 1) /* enum file_prompt */ \
    FIELD(STRUCT, login_watch, config_login_watch)       \
    FIELD(STRUCT, archive, config_archive)               \
    FIELD(LIST, users, config_user)                      \
    FIELD(STRUCT, ssh, config_ssh)                       \
    FIELD(FLAG, scp_server, false)                       \
    FIELD(FLAG, sftp_server, false)                      \
    FIELD(LIST, interfaces, config_interface)            \
    FIELD(LIST, routes, config_route)                    \
    FIELD(LIST, routes6, config_route)                   \
    FIELD(LIST, numbered_acls, config_acl)               \
    FIELD(LIST, named_acls, config_acl)                  \
    FIELD(LIST, ipv6_acls, config_acl)                   \
    FIELD(STRUCT, log_remote, config_log_remote)         \
    FIELD(STRUCT, tacacs, config_tacacs)                 \
    FIELD(STRUCT, radius, config_radius)                 \
    FIELD(STRUCT, snmp, config_snmp)                     \
    FIELD(NUMBER, telemetry_port, 0)                     \
    FIELD(STRUCT, banners, config_banners)               \
    FIELD(LIST, aliases, config_alias)                   \
    FIELD(LIST, levels, config_level)                    \
    FIELD(STRUCT, console, config_line) /* line con 0 */ \
    FIELD(LIST, ttys, config_tty_range) /* sorted */     \
    FIELD(LIST, aux, config_tty_range)  /* 0 or 1 */     \
    FIELD(LIST, vtys, config_vty)       /* sorted, no gaps, from vty 0 */
struct config {
    CONFIG_FIELDS(CONFIG_MEMBER)
};

extern const struct config_type config_user_type;
extern const struct config_type config_enable_type;
extern const struct config_type config_key_type;
extern const struct config_type config_key_owner_type;
extern const struct config_type config_ssh_port_type;
extern const struct config_type config_ssh_type;
extern const struct config_type config_interface_address_type;
extern const struct config_type config_interface_type;
extern const struct config_type config_route_type;
extern const struct config_type config_server_type;
extern const struct config_type config_host_type;
extern const struct config_type config_ace_type;
extern const struct config_type config_acl_type;
extern const struct config_type config_banners_type;
extern const struct config_type config_alias_type;
extern const struct config_type config_level_type;
extern const struct config_type config_access_class_type;
extern const struct config_type config_line_methods_type;
extern const struct config_type config_line_type;
extern const struct config_type config_login_watch_type;
extern const struct config_type config_tty_type;
extern const struct config_type config_tty_range_type;
extern const struct config_type config_vty_type;
extern const struct config_type config_timestamps_type;
extern const struct config_type config_logging_type;
extern const struct config_type config_zone_type;
extern const struct config_type config_summer_edge_type;
extern const struct config_type config_summer_type;
extern const struct config_type config_change_log_type;
extern const struct config_type config_archive_type;
extern const struct config_type config_methods_type;
extern const struct config_type config_aaa_type;
extern const struct config_type config_radius_server_type;
extern const struct config_type config_group_member_type;
extern const struct config_type config_server_group_type;
extern const struct config_type config_radius_type;
extern const struct config_type config_tacacs_server_type;
extern const struct config_type config_tacacs_type;
extern const struct config_type config_log_host_type;
extern const struct config_type config_log_remote_type;
extern const struct config_type config_snmp_host_type;
extern const struct config_type config_snmp_group_type;
extern const struct config_type config_snmp_engine_type;
extern const struct config_type config_snmp_type;
extern const struct config_type config_type;

/* The defaults of the language: vtys 0 to 4, everything else unset. */
void config_init(struct config *config);
/* A deep copy into an uninitialised structure. */
void config_copy(struct config *to, const struct config *from);
/* Every setting has the same value. */
bool config_equal(const struct config *a, const struct config *b);
/* Free everything, secrets wiped. */
void config_clear(struct config *config);

/* The user of that exact name; NULL if none. Borrowed. */
const struct config_user *config_user_find(const struct config *config,
                                           const char *name);
/* The entry of `ip host` for that name, in any case of letters; NULL if none.
 */
const struct config_host *config_host_find(const struct config *config,
                                           const char *name);
/* The type of a password, where CONFIG_PASSWORD_AS_TYPED is one as well. */
unsigned config_password_type(uint32_t type);
/* The entry of that level in either list of `enable`; NULL if none. */
const struct config_enable *config_enable_find(const struct config_list *list,
                                               unsigned level);
/* What has to be known for that level, a secret before a password. */
const struct config_enable *config_enable_wanted(const struct config *config,
                                                 unsigned level);
/* The entry of `ip ssh pubkey-chain` for that user; NULL if none. */
const struct config_key_owner *config_key_user_find(const struct config *config,
                                                    const char *name);
/* The one for that server, in any case of letters; NULL if none. */
const struct config_key_owner *
config_key_server_find(const struct config *config, const char *name);
/* The list of that number; NULL: there is none. */
struct config_acl *config_acl_numbered(const struct config *config,
                                       uint32_t number);
/* The list of that name in one of the lists of named ones; NULL: none. */
struct config_acl *config_acl_named(const struct config_list *acls,
                                    const char *name);
/*
 * What a numbered list says of a connection from `source`: a list that is not
 * there permits, behind the last entry of one that is stands a deny.
 * It speaks of IPv4 only; IPv6 is denied.
 */
bool config_access_permits(const struct config *config, uint32_t number,
                           const struct config_address *source);
/* The sequence number of an entry that is added at the end. */
uint32_t config_acl_next(const struct config_acl *acl);
/*
 * A new entry in its place, or NULL when that sequence number is taken. 0: a
 * remark, at the end.
 */
struct config_ace *config_acl_insert(struct config_acl *acl, uint32_t sequence);
/* Where an entry that says the same is; the number of entries: nowhere. */
size_t config_acl_find(const struct config_acl *acl,
                       const struct config_ace *entry);
/*
 * The first entry that speaks of a connection from `source`; NULL: none does,
 * which is a deny. IPv4 inside IPv6 (::ffff:a.b.c.d) counts as IPv4.
 */
const struct config_ace *config_acl_match(const struct config_acl *acl,
                                          const struct config_address *source);

#endif
