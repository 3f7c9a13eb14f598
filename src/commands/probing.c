#include "commands/probing.h"

#include <errno.h>
#include <unistd.h>

#include "base/text.h"
#include "commands/connecting.h"
#include "config/interface.h"
#include "control/network.h"
#include "control/resolver.h"

#define NO_HOST "Unrecognized host or address, or protocol not running."

/* --- ends --------------------------------------------------------------- */

void
probing_end(struct probing *probing)
{
    if (probing->probe != NULL)
        probe_stop(probing->probe);
    probing->probe = NULL;
}

static void
cancel(struct command *cmd)
{
    struct probing *probing = cmd->state;

    if (probing->resolving) {
        resolver_forget(cmd->router, cmd);
        if (probing->translating)
            out_line(cmd, "%s", "");
        cmd_done(cmd);
        return;
    }
    if (probing->probe == NULL)
        return;
    probing_end(probing);
    probing->stopped(cmd);
    cmd_done(cmd);
}

static void
resume(struct command *cmd)
{
    const struct probing *probing = cmd->state;

    if (probing->probe != NULL)
        probe_pause(probing->probe, false);
}

void
probing_done(struct command *cmd, bool whole)
{
    if (!whole)
        out_error(cmd, "The probe ended before it was done");
    cmd_done(cmd);
}

static void
refuse(struct command *cmd, const char *why)
{
    out_error(cmd, "%s", why);
    cmd_done(cmd);
}

/* --- where to ----------------------------------------------------------- */

static void
begin_probe(struct command *cmd)
{
    const struct probing *probing = cmd->state;

    if (probing->from.family != CONFIG_FAMILY_NONE &&
        probing->from.family != probing->to.family)
        refuse(cmd, "Invalid source address- it is of another protocol");
    else
        probing->start(cmd);
}

/* "Translating "far"...domain server (10.0.0.1) (10.0.0.2)", as it happens. */
static void
on_asked(void *owner, const struct config_address *server)
{
    struct command *cmd = owner;
    struct probing *probing = cmd->state;
    char text[CONFIG_ADDRESS_TEXT];

    if (!probing->translating)
        out(cmd, "Translating \"%s\"...domain server", probing->name);
    probing->translating = true;
    config_address_text(server, text);
    out(cmd, " (%s)", text);
    cmd_flush(cmd);
}

static void
on_answer(void *owner, const struct resolver_answer *answer)
{
    struct command *cmd = owner;
    struct probing *probing = cmd->state;

    probing->resolving = false;
    if (probing->translating)
        out_line(cmd, "%s", answer->result == RESOLVER_FOUND ? " [OK]\n" : "");
    probing->translating = false;
    if (answer->result == RESOLVER_FOUND) {
        probing->to = answer->addresses[0];
        begin_probe(cmd);
    } else if (answer->result == RESOLVER_BUSY) {
        refuse(cmd, "No probe can be started to ask the name servers");
    } else if (answer->result == RESOLVER_FAILED) {
        probing_done(cmd, false);
    } else {
        refuse(cmd, NO_HOST);
    }
}

static const struct resolver_events answers = {on_asked, on_answer};

/* To the address, or else to the name. */
static void
go(struct command *cmd, bool ipv4, bool ipv6)
{
    struct probing *probing = cmd->state;

    cmd->cancel = cancel;
    cmd->on_resume = resume;
    cmd_wait(cmd);
    if (probing->to.family != CONFIG_FAMILY_NONE) {
        begin_probe(cmd);
        return;
    }
    probing->resolving = true;
    /* The source decides of which protocol it is to be. */
    resolver_ask(cmd->router, probing->name,
                 ipv4 && probing->from.family != CONFIG_FAMILY_IPV6,
                 ipv6 && probing->from.family != CONFIG_FAMILY_IPV4, &answers,
                 cmd);
}

void
probing_begin(struct command *cmd, bool ipv4, bool ipv6)
{
    struct probing *probing = cmd->state;

    probing->from = cli_address(cmd->match, "from");
    probing->to = cli_address(cmd->match, "address");
    if (probing->to.family == CONFIG_FAMILY_NONE)
        text_copy(probing->name, sizeof(probing->name),
                  cli_text(cmd->match, "name"));
    go(cmd, ipv4, ipv6);
}

/* --- asked for ---------------------------------------------------------- */

static void
begin_asked(struct command *cmd, bool ipv4, bool ipv6)
{
    struct probing *probing = cmd->state;
    struct span where = span_text(probing->name);

    probing->to = (struct config_address){0};
    if ((ipv4 && config_address_parse_ipv4(where, &probing->to) == OK) ||
        (ipv6 && config_address_parse_ipv6(where, &probing->to) == OK))
        probing->name[0] = '\0';
    go(cmd, ipv4, ipv6);
}

static void
begin_ip(struct command *cmd)
{
    begin_asked(cmd, true, false);
}

static void
begin_ipv6(struct command *cmd)
{
    begin_asked(cmd, false, true);
}

static bool
take_protocol(struct command *cmd, const char *answer)
{
    struct probing *probing = cmd->state;
    bool ipv6 = text_equal_nocase(answer, "ipv6");
    char shown[4 * CLI_TYPED_MAX + 1];

    if (ipv6 || answer[0] == '\0' || text_equal_nocase(answer, "ip")) {
        probing->dialogue.next =
            ipv6 ? probing->asked->ipv6 : probing->asked->ip;
        probing->dialogue.done = ipv6 ? begin_ipv6 : begin_ip;
        return true;
    }
    text_escape(shown, sizeof(shown), span_text(answer));
    out_line(cmd, "%%Unknown protocol - \"%s\", type \"%s ?\" for help", shown,
             probing->asked->command);
    dialogue_stop(cmd);
    return true;
}

static const struct question protocols[] = {
    {"Protocol [ip]: ", take_protocol},
    {NULL, NULL},
};

void
probing_ask(struct command *cmd, const struct probing_questions *asked)
{
    struct probing *probing = cmd->state;

    probing->asked = asked;
    if (cli_given(cmd->match, "ipv6"))
        dialogue_begin(cmd, asked->ipv6, begin_ipv6);
    else
        dialogue_begin(cmd, cli_given(cmd->match, "ip") ? asked->ip : protocols,
                       begin_ip);
}

bool
probing_take_target(struct command *cmd, const char *answer)
{
    struct probing *probing = cmd->state;

    if (connecting_host_is_valid(answer)) {
        text_copy(probing->name, sizeof(probing->name), answer);
        return true;
    }
    out_line(cmd, "%% Bad IP address");
    dialogue_stop(cmd);
    return true;
}

static bool
take_source(struct command *cmd, const char *answer, uint8_t family)
{
    struct probing *probing = cmd->state;
    struct span text = span_text(answer);
    char loopback[CONFIG_INTERFACE_NAME_MAX + 1];

    probing->from = (struct config_address){0};
    if (text.len == 0 ||
        (family == CONFIG_FAMILY_IPV4
             ? config_address_parse_ipv4(text, &probing->from)
             : config_address_parse_ipv6(text, &probing->from)) == OK)
        return true;
    if (config_interface_name_is_valid(answer) &&
        (network_source(cmd->router, answer, family, &probing->from) ||
         (config_interface_loopback(answer, loopback) &&
          network_source(cmd->router, loopback, family, &probing->from))))
        return true;
    probing->from = (struct config_address){0};
    out_line(cmd, "%% Invalid source. Must use IP address or full interface "
                  "name without spaces");
    return false;
}

bool
probing_take_source(struct command *cmd, const char *answer)
{
    return take_source(cmd, answer, CONFIG_FAMILY_IPV4);
}

bool
probing_take_source_6(struct command *cmd, const char *answer)
{
    return take_source(cmd, answer, CONFIG_FAMILY_IPV6);
}

/* --- the probe ---------------------------------------------------------- */

const struct net_address *
probing_source(const struct probing *probing, struct net_address *room)
{
    if (probing->from.family == CONFIG_FAMILY_NONE)
        return NULL;
    probe_address_net(&probing->from, 0, room);
    return room;
}

void
probing_no_socket(struct command *cmd, enum err err)
{
    int error = errno;

    if (err == ERR_NOT_FOUND)
        out_error(cmd, "Invalid source address- IP address not on any of our "
                       "up interfaces");
    else if (err == ERR_REFUSED)
        out_error(cmd, "The router's process may not send ICMP echos");
    else if (error == EAFNOSUPPORT)
        out_error(cmd, NO_HOST);
    else
        out_error(cmd, "No socket can be had: %s", strerror(error));
    cmd_done(cmd);
}

bool
probing_start(struct command *cmd, const struct message *work, int fd,
              const struct probe_events *events)
{
    struct probing *probing = cmd->state;
    enum err err =
        probe_start(cmd->router, work, fd, events, cmd, &probing->probe);
    int error = errno;

    close(fd);
    if (err == OK)
        return true;
    if (err == ERR_LIMIT)
        out_error(cmd, "Too many probes run already (%u)", PROBES_MAX);
    else
        out_error(cmd, "A probe cannot be started: %s",
                  err == ERR_SYSTEM ? strerror(error) : err_text(err));
    cmd_done(cmd);
    return false;
}

/* --- what is shown ------------------------------------------------------ */

void
probing_show(struct command *cmd)
{
    const struct probing *probing = cmd->state;

    cmd_flush(cmd);
    if (cmd_paused(cmd) && probing->probe != NULL)
        probe_pause(probing->probe, true);
}

uint64_t
probing_ms(uint64_t us)
{
    return us / 1000 + (us % 1000 != 0);
}
