/*
 * From a notice to a request of notify: who signs it, where it comes from,
 * and what it says.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "control/clock.h"
#include "control/helpers.h"
#include "control/network.h"
#include "control/probe.h"
#include "control/snmp_parts.h"
#include "ipc/pipe.h"

/* --- version 3 ---------------------------------------------------------- */

/* More protects more. */
static unsigned
rank(unsigned level)
{
    if (level == CONFIG_SNMP_PRIV)
        return 2;
    return level == CONFIG_SNMP_AUTH ? 1 : 0;
}

static unsigned
user_rank(const struct snmp_user *user)
{
    if (user->auth == SNMP_AUTH_NONE)
        return 0;
    return user->priv == SNMP_PRIV_NONE ? 1 : 2;
}

/* RFC 3415: a group's users may use it from its level on. */
static bool
group_allows(const struct config *config, const char *group, unsigned level)
{
    const struct config_list *groups = &config->snmp.groups.list;

    for (size_t i = 0; i < groups->count; i++) {
        const struct config_snmp_group *one = groups->items[i];

        if (strcmp(one->name, group) == 0 && rank(one->level) <= rank(level))
            return true;
    }
    return false;
}

bool
snmp_request_security(struct router *r, const struct notice *n,
                      struct snmp_security *security, char *why, size_t room)
{
    const struct config_snmp_host *entry = &n->target->entry;
    const struct snmp_engine *engine = &security->engine;

    *security = (struct snmp_security){.user = NULL};
    if (entry->version != CONFIG_SNMP_V3)
        return true;
    snmp_local_engine(r, &r->config, &security->engine);
    if (entry->informs) {
        engine = &security->far_engine;
        if (!snmp_remote_engine(&r->config, &n->address, entry->port,
                                &security->far_engine)) {
            snprintf(why, room, "its engineID is not configured");
            return false;
        }
    }
    security->user = snmp_user_find(r, entry->community.text, engine);
    if (security->user == NULL ||
        user_rank(security->user) < rank(entry->level)) {
        snprintf(why, room, "there is no such user of that security level");
        return false;
    }
    if (!group_allows(&r->config, security->user->group, entry->level)) {
        snprintf(why, room, "the user's group does not allow it");
        return false;
    }
    return true;
}

static void
put_security(struct router *r, const struct notice *n,
             const struct snmp_security *security, struct msg_notify_trap *m)
{
    const struct snmp_user *user = security->user;

    if (user == NULL)
        return;
    m->engine = span_of(security->engine.bytes, security->engine.len);
    m->far_engine =
        span_of(security->far_engine.bytes, security->far_engine.len);
    m->boots = snmp_engine_boots(r);
    m->time_s = (uint32_t)clock_uptime_s(r);
    m->level = (uint8_t)rank(n->target->entry.level);
    m->auth = user->auth == SNMP_AUTH_MD5 ? TRAP_AUTH_MD5 : TRAP_AUTH_SHA;
    m->auth_key = span_of(user->auth_key, snmp_user_auth_length(user));
    m->priv = user->priv == SNMP_PRIV_DES ? TRAP_PRIV_DES : TRAP_PRIV_AES128;
    m->priv_key = span_of(user->priv_key, SNMP_PRIV_KEY_BYTES);
}

/* --- addresses ---------------------------------------------------------- */

/* That of `snmp-server trap-source`, if it has one of that family. */
static bool
configured_source(const struct router *r, const struct notice *n,
                  struct config_address *source)
{
    const char *interface = r->config.snmp.source_interface;

    return interface != NULL &&
           network_source(r, interface, n->address.family, source);
}

static struct config_address
address_of(struct span bytes)
{
    struct config_address address = {
        .family = bytes.len == 4 ? CONFIG_FAMILY_IPV4 : CONFIG_FAMILY_IPV6,
    };

    memcpy(address.bytes, bytes.ptr, bytes.len);
    return address;
}

struct config_address
snmp_request_source(const struct router *r, const struct notice *n)
{
    struct config_address source = {.family = CONFIG_FAMILY_NONE};
    struct net_address to, local;
    int fd;

    if (configured_source(r, n, &source))
        return source;
    /* What the kernel chooses for the way there. */
    if (!net_from_bytes(probe_address_bytes(&n->address),
                        (uint16_t)n->target->entry.port, &to) ||
        net_connect_datagrams(&to, NULL, &fd) != OK)
        return source;
    if (net_local(fd, &local) == OK && net_bytes(&local).len > 0)
        source = address_of(net_bytes(&local));
    close(fd);
    return source;
}

/* --- the message -------------------------------------------------------- */

static uint8_t
protocol_version(const struct notice *n)
{
    switch (n->target->entry.version) {
    case CONFIG_SNMP_V3:
        return 3;
    case CONFIG_SNMP_V2C:
        return 2;
    default:
        return 1;
    }
}

static void
put_inform(const struct router *r, const struct notice *n,
           struct msg_notify_trap *m)
{
    m->inform = n->target->entry.informs;
    m->timeout_ms = r->config.snmp.inform_wait_s * 1000;
    m->retries = r->config.snmp.inform_tries;
}

bool
snmp_request_send(struct router *r, const struct notice *n,
                  const struct snmp_security *security)
{
    struct message m = {.type = MSG_NOTIFY_TRAP};
    struct config_address source, agent = snmp_request_source(r, n);
    struct snmp_notice notice;
    struct snmp_oid enterprise;
    struct buf variables, oid;
    bool sent;

    buf_init(&variables, PIPE_MESSAGE_MAX);
    buf_init(&oid, PIPE_MESSAGE_MAX);
    m.notify_trap.id = n->id;
    m.notify_trap.address = probe_address_bytes(&n->address);
    m.notify_trap.port = n->target->entry.port;
    if (configured_source(r, n, &source))
        m.notify_trap.source = probe_address_bytes(&source);
    m.notify_trap.version = protocol_version(n);
    put_inform(r, n, &m.notify_trap);
    m.notify_trap.name = span_text(n->target->entry.community.text);
    put_security(r, n, security, &m.notify_trap);
    snmp_notice_enterprise(&enterprise);
    snmp_oid_put(&oid, &enterprise);
    m.notify_trap.enterprise = buf_span(&oid);
    m.notify_trap.uptime = n->end.uptime;
    m.notify_trap.specific = SNMP_NOTICE_SPECIFIC;
    /* RFC 1157 knows IPv4 alone: 0.0.0.0 for others (RFC 3584 section 3.1). */
    m.notify_trap.agent = span_of(
        agent.family == CONFIG_FAMILY_IPV4 ? agent.bytes : (uint8_t[4]){0}, 4);
    snmp_notice_make(&notice, &n->end, m.notify_trap.version == 1);
    for (size_t i = 0; i < notice.count; i++)
        snmp_variable_put(&variables, &notice.variables[i]);
    m.notify_trap.variables = buf_span(&variables);
    sent = notify_send(r, &m, -1);
    buf_clear(&variables);
    buf_clear(&oid);
    return sent;
}
