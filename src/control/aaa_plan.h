/*
 * Which servers a group of the configuration means, and how each is asked.
 */
#ifndef CONTROL_AAA_PLAN_H
#define CONTROL_AAA_PLAN_H

#include "config/config.h"
#include "ipc/aaa.h"
#include "ipc/messages.h"

/* One server; pointers are the configuration's. */
struct aaa_target {
    enum aaa_protocol protocol;
    struct config_address address;
    uint32_t auth_port, acct_port; /* TACACS+ has one: both the same */
    uint32_t timeout_s;
    uint32_t tries; /* transmissions */
    bool single_connection;
    uint32_t key_type;
    const char *key; /* as stored; NULL: there is none */
};

#define AAA_ALL_RADIUS "radius" /* the groups of all of them */
#define AAA_ALL_TACACS "tacacs+"

struct aaa_plan {
    enum aaa_protocol protocol;
    const char *source_interface; /* NULL: as routed */
    uint32_t deadtime_min;
    size_t count;
    struct aaa_target targets[AAA_SERVERS_MAX]; /* in the order of asking */
};

/*
 * The servers of the group; "radius" and "tacacs+" have all of that kind.
 * False: there is no such group.
 */
MUST_CHECK bool aaa_plan_make(const struct config *config, const char *group,
                              struct aaa_plan *plan);

#endif
