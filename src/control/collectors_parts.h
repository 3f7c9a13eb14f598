/*
 * What collectors.c and collector.c share: all collectors, and one.
 */
#ifndef CONTROL_COLLECTORS_PARTS_H
#define CONTROL_COLLECTORS_PARTS_H

#include "base/list.h"
#include "config/config.h"
#include "control/collectors.h"

struct collector {
    struct list node; /* in the order of the configuration */
    struct collectors *all;
    uint32_t number;                  /* of this way to it, for notify */
    struct config_log_host wish;      /* a copy of its entry */
    struct config_address target;     /* family 0: not known so far */
    bool asking;                      /* the resolver */
    struct config_address source;     /* sent from there; family 0: as routed */
    char origin[CONFIG_ADDRESS_TEXT]; /* of `logging origin-id ip` */
    uint64_t source_until_ms;
    bool kept; /* while the configuration is looked through */
    enum collector_state state;
    struct list waiting; /* of struct waiting */
    size_t waiting_count;
    uint32_t handed; /* to notify, without a fate */
    uint64_t sent, dropped;
    uint64_t told; /* of `dropped`: in the log already */
};

/* A way to a collector that is used no more, until notify has told of it. */
struct ended_way {
    struct list node;
    uint32_t number;
    uint32_t handed;
    struct collector *of; /* NULL: is gone as well */
};

struct collectors {
    struct router *router;
    uv_timer_t ask_again;
    struct list list;
    struct list ended; /* of struct ended_way */
    size_t count;
    uint32_t last_number;
    uint64_t logged; /* records that went to collectors */
    uint64_t gone;   /* dropped for collectors that are no more */
};

/* A new one, at the end of the list; the log says that it begins. */
void collector_begin(struct collectors *all,
                     const struct config_log_host *wish);
/* Off the list, and the log says so. */
void collector_end(struct collector *c);
/* The same without a word. */
void collector_free(struct collector *c);

/* Its name, or its address. */
void collector_host(const struct collector *c, char *to, size_t room);
/* From time to time: where its lines are sent from. */
void collector_refresh_source(struct collector *c);
/* A line, framed: to notify, or it waits, or it is dropped and counted. */
void collector_send_line(struct collector *c, struct span line);
/* What has waited goes, if it can by now. */
void collector_send_waiting(struct collector *c);
/* What notify says of it; notify is gone. */
void collector_note(struct collector *c, const struct msg_syslog_fate *m);
void collector_lost(struct collector *c);
/* The same of a way that has ended; after the last word it is freed. */
void ended_way_note(struct collectors *all, struct ended_way *e,
                    const struct msg_syslog_fate *m);
void ended_way_lost(struct collectors *all, struct ended_way *e);

#endif
