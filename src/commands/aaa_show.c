/*
 * What is known of AAA servers: `show aaa servers`, `show radius statistics`.
 */
#include <inttypes.h>
#include <stdio.h>

#include "commands/rows.h"
#include "control/aaa_servers.h"
#include "control/command.h"

#define MS_PER_S 1000
#define INDENT   "     "

/* --- show aaa servers --------------------------------------------------- */

static uint64_t
since_s(const struct command *cmd, uint64_t then_ms)
{
    return (router_now_ms(cmd->router) - then_ms) / MS_PER_S;
}

static uint64_t
mean_ms(const struct aaa_counts *c)
{
    return c->answers == 0 ? 0 : c->delay_us / c->answers / 1000;
}

static void
show_requests(struct command *cmd, const char *what, const struct aaa_counts *c)
{
    out_line(cmd,
             INDENT "%s: request %" PRIu64 ", timeouts %" PRIu64
                    ", failover %" PRIu64 ", retransmission %" PRIu64,
             what, c->requests, c->timeouts, c->failovers, c->retransmitted);
}

static void
show_answers(struct command *cmd, const struct aaa_counts *c)
{
    out_line(cmd,
             INDENT INDENT "   Response: unexpected %" PRIu64
                           ", server error %" PRIu64 ", incorrect %" PRIu64
                           ", time %" PRIu64 "ms",
             c->unexpected, c->malformed, c->bad, mean_ms(c));
    out_line(cmd,
             INDENT INDENT "   Transaction: success %" PRIu64
                           ", failure %" PRIu64,
             c->answered, c->unanswered);
}

static void
show_state(struct command *cmd, struct aaa_state *state)
{
    bool dead = aaa_state_is_dead(cmd->router, state);
    uint64_t dead_s = state->dead_ms / MS_PER_S;

    if (dead)
        dead_s += since_s(cmd, state->since_ms);
    out_line(cmd,
             INDENT "State: current %s, duration %" PRIu64
                    "s, previous duration %" PRIu64 "s",
             dead ? "DEAD" : "UP", since_s(cmd, state->since_ms),
             state->previous_ms / MS_PER_S);
    out_line(cmd, INDENT "Dead: total time %" PRIu64 "s, count %u", dead_s,
             state->dead_count);
}

static void
show_server(struct command *cmd, unsigned id, const struct aaa_target *target)
{
    struct aaa_states *states = aaa_servers_states(cmd->router);
    struct aaa_state *state = aaa_state_of(cmd->router, states, target);
    uint64_t minutes = since_s(cmd, states->cleared_ms) / 60;
    char address[CONFIG_ADDRESS_TEXT];

    config_address_text(&target->address, address);
    out_line(cmd, "%s", "");
    if (target->protocol == AAA_RADIUS)
        out_line(
            cmd,
            "RADIUS: id %u, priority %u, host %s, auth-port %u, acct-port %u",
            id, id, address, target->auth_port, target->acct_port);
    else
        out_line(cmd, "TACACS+: id %u, priority %u, host %s, port %u", id, id,
                 address, target->auth_port);
    show_state(cmd, state);
    show_requests(cmd, "Authen", &state->auth);
    out_line(cmd,
             INDENT INDENT "   Response: accept %" PRIu64 ", reject %" PRIu64
                           ", challenge %" PRIu64,
             state->auth.accepts, state->auth.rejects, state->auth.challenges);
    show_answers(cmd, &state->auth);
    show_requests(cmd, "Account", &state->acct);
    show_answers(cmd, &state->acct);
    out_line(cmd,
             INDENT "Elapsed time since counters last cleared: %" PRIu64
                    "d%" PRIu64 "h%" PRIu64 "m",
             minutes / 1440, minutes / 60 % 24, minutes % 60);
}

static void
show_all(struct command *cmd, const char *group)
{
    struct aaa_plan plan;

    if (!aaa_plan_make(cmd->config, group, &plan))
        return;
    for (unsigned i = 0; i < plan.count; i++)
        show_server(cmd, i + 1, &plan.targets[i]);
}

static void
show_servers(struct command *cmd)
{
    show_all(cmd, AAA_ALL_RADIUS);
    show_all(cmd, AAA_ALL_TACACS);
}

/* --- show radius statistics --------------------------------------------- */

static void
add(struct aaa_counts *sum, const struct aaa_counts *c)
{
    sum->answers += c->answers;
    sum->answered += c->answered;
    sum->unanswered += c->unanswered;
    sum->rejects += c->rejects;
    sum->delay_us += c->delay_us;
    if (c->delay_most_us > sum->delay_most_us)
        sum->delay_most_us = c->delay_most_us;
    sum->timeouts += c->timeouts;
    sum->malformed += c->malformed;
    sum->bad += c->bad;
    sum->unexpected += c->unexpected;
}

static void
show_row(struct command *cmd, const char *what, uint64_t auth, uint64_t acct,
         uint64_t both)
{
    out_line(cmd, "%28s:%11" PRIu64 "%11" PRIu64 "%11" PRIu64, what, auth, acct,
             both);
}

static void
show_statistics(struct command *cmd)
{
    const struct aaa_states *states = aaa_servers_states(cmd->router);
    struct aaa_counts a = {0}, c = {0}, both = {0};

    LIST_EACH(node, &states->list)
    {
        const struct aaa_state *state = LIST_ITEM(node, struct aaa_state, node);

        if (state->protocol != AAA_RADIUS)
            continue;
        add(&a, &state->auth);
        add(&c, &state->acct);
    }
    add(&both, &a);
    add(&both, &c);
    out_line(cmd, "%40s%11s%11s", "Auth.", "Acct.", "Both");
#define ROW(what, field) show_row(cmd, what, a.field, c.field, both.field)
    ROW("Total responses seen", answers);
    ROW("Packets with responses", answered);
    ROW("Packets without responses", unanswered);
    ROW("Access Rejects", rejects);
    show_row(cmd, "Average response delay(ms)", mean_ms(&a), mean_ms(&c),
             mean_ms(&both));
    show_row(cmd, "Maximum response delay(ms)", a.delay_most_us / 1000,
             c.delay_most_us / 1000, both.delay_most_us / 1000);
    ROW("Number of Radius timeouts", timeouts);
    ROW("Malformed Responses", malformed);
    ROW("Bad Authenticators", bad);
    ROW("Unknown Responses", unexpected);
#undef ROW
    out_line(cmd, "%s", "");
    out_line(cmd, "Elapsed time since counters last cleared: %" PRIu64 "m",
             since_s(cmd, states->cleared_ms) / 60);
}

/* --- clear -------------------------------------------------------------- */

static void
clear_counters(struct command *cmd)
{
    aaa_states_reset(cmd->router, aaa_servers_states(cmd->router));
}

const struct cli_row aaa_show_rows[] = {
    GROUP("show aaa", "Show AAA values"),
    SHOW("show aaa servers", 1, show_servers,
         "Show AAA Servers' state and statistics"),
    GROUP("show radius", "Shows radius information"),
    SHOW("show radius statistics", 1, show_statistics,
         "Shows statistics for client and server"),
    GROUP("clear aaa", "Clear AAA values"),
    GROUP("clear aaa counters", "Clear AAA counters"),
    EXEC("clear aaa counters servers all", 15, clear_counters,
         "Clear AAA server counters", "Of all AAA servers"),
    GROUP("clear radius", "Clear radius information"),
    EXEC("clear radius statistics", 15, clear_counters,
         "Clear RADIUS statistics"),
    ROWS_END,
};
