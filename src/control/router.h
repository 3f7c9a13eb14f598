/*
 * The one context of the control process: the truth about this router.
 * Each member belongs to the file named behind it, which alone changes it.
 */
#ifndef CONTROL_ROUTER_H
#define CONTROL_ROUTER_H

#include <uv.h>

#include "base/list.h"
#include "config/config.h"
#include "control/options.h"
#include "control/restart.h"
#include "os/net.h"

struct cli_language;
struct cli_mode;

/* When something was done to the configuration, and who did it. */
struct config_stamp {
    uint64_t at;   /* seconds since 1970; 0: not since the router started */
    char user[65]; /* "" when nobody had to log in */
};

/* What is known of the time; see clock.h. */
struct clock {
    uint64_t started_ms;   /* of router_now_ms(): the router's start */
    bool was_synchronised; /* at some time since then */
    bool set_by_user;
    uint64_t sequence; /* of the last log line */
};

/* Whom the next line of the log is about; see log_about.h. */
struct log_about {
    uint32_t session; /* its connection; 0: not known */
    char user[65];    /* "": likewise */
    char source[NET_TEXT_MAX];
};

struct router {
    uv_loop_t loop;
    struct options options;              /* options.c */
    struct config config;                /* running; changed by commands */
    const struct cli_language *language; /* all modes and rows; from main.c */
    /* What it was made of, EXEC first; from main.c, see commands/all.h. */
    const struct cli_mode *const *modes;
    /* For the heads of show running-config; shell.c and commands/. */
    struct config_stamp changed, saved;
    bool config_changed; /* since start or the last save */
    bool ending;         /* no new sessions */
    int status;          /* router.c: what main() returns */

    struct clock clock;            /* clock.c */
    struct log_about log_about;    /* log_about.c */
    struct restart restart;        /* restart.c: why it runs again */
    struct reload *reload;         /* reload.c: one that was set */
    struct archive *archive;       /* archive.c: copies of the configuration */
    struct config_log *config_log; /* config_log.c; NULL: nothing ever */
    struct rollback *rollback;     /* rollback.c: a change to be confirmed */
    struct replace *replace;       /* replace.c: one under way, or NULL */
    uint32_t replacements;         /* replace.c: how many have begun */
    unsigned texts;                /* apply_text.c: carried out into `config` */
    struct access *access;         /* access.c: what access lists decided */
    struct load *load;             /* load.c: processors and memory */
    struct identity *identity;     /* identity.c: program and machine */
    struct storage *storage;       /* storage.c: the state directory */
    unsigned serving;              /* serving.c: sessions that move files */
    struct files *files;           /* files.c: flash: and the work on it */
    struct known_hosts *known_hosts;   /* known_hosts.c: servers' host keys */
    struct config_files *config_files; /* config_file.c; NULL: none ever */
    struct children *children;       /* children.c: who ends, and who is told */
    struct guard *guard;             /* guard.c: the watch over logins */
    struct helpers *helpers;         /* helpers.c: signer, aaa, notify */
    struct journal *journal;         /* journal.c: log lines */
    struct log_outputs *log_outputs; /* log_outputs.c: where they go */
    struct collectors *collectors;   /* collectors.c: of log lines */
    struct keys *keys; /* keys.c: the key pairs, by way of the signer */
    struct accounting *accounting; /* accounting.c; NULL: none ever */
    struct judge *judge;           /* judge.c: the way to aaa */
    struct debug *debug;           /* debug.c: what is debugged */
    struct encoding *encoding; /* encoding.c: of a text that is read, or NULL */
    struct aaa_servers *aaa_servers; /* aaa_servers.c: RADIUS, by way of aaa */
    struct snmp *snmp;             /* snmp.c: who is told of ends of sessions */
    struct snmp_users *snmp_users; /* snmp_users.c: of version 3; or NULL */
    struct server_key *server_key; /* server_key.c: of version 1 */
    struct listener *listener; /* listener.c: sockets, waiting connections */
    struct list rotary_ports;  /* rotary_ports.c: listened on for lines */
    struct workers *workers;   /* workers.c: nurseries, starts, exits */
    struct sessions *sessions; /* sessions.c: who is here */
    struct console *console;   /* console.c, attach.c: line con 0 */
    struct setup *setup;       /* setup.c: what workers are told first */
    struct probes *probes; /* probe.c: those that run; NULL: none ever did */
    struct outgoings *outgoings; /* outgoing.c: to other machines, or NULL */
    struct ttys *ttys;           /* tty.c: serial lines; NULL: none ever */
    struct list tty_guests;      /* tty_users.c: who is on them */
    struct resolver *resolver; /* resolver.c: names being asked for, or NULL */
    struct stays *stays;       /* stays.c: absolute-timeout; NULL: none */
    struct service *service;   /* service.c: signals and the supervisor */
    struct rates *rates;       /* rates.c: how busy interfaces are; or NULL */
    struct network *network;   /* network.c: the machine's interfaces, routes */
    struct metrics *metrics;   /* metrics.c: what was done, in numbers */
    struct telemetry *telemetry; /* telemetry.c: who may read them, or NULL */
};

/* Milliseconds of CLOCK_MONOTONIC, as the loop last saw them. */
uint64_t router_now_ms(const struct router *r);

/*
 * Everything that runs without the outside: loop, tables, journal; the members
 * above are set. Options and language are there already.
 */
void router_init(struct router *r);
/*
 * Open storage, read the configuration, start helpers, nursery, listener and
 * console. ERR_SYSTEM, ERR_NOT_FOUND: told in the log; router_clear() cleans
 * up whatever was started.
 */
MUST_CHECK enum err router_start(struct router *r);
/* Serve until the router has ended. */
void router_run(struct router *r);
void router_clear(struct router *r);

/*
 * End the router in order: listener, sessions, helpers; main() then returns
 * `status`. `reload` is 0.
 */
void router_end(struct router *r, int status);
/* sessions.c: one has ended; the last one ends a router that is ending. */
void router_session_ended(struct router *r);

#endif
