/*
 * `traceroute` without an address: everything about it is asked.
 */
#include "base/text.h"
#include "commands/traceroute_parts.h"

#define PORT_MAX     65535
#define PRIORITY_MAX 255

/* --- answers ------------------------------------------------------------ */

/* Routers are shown by their addresses, whatever is wanted. */
static bool
take_numeric(struct command *cmd, const char *answer)
{
    bool yes;

    return dialogue_yes(cmd, answer, &yes);
}

static bool
take_timeout(struct command *cmd, const char *answer)
{
    struct tracing *trace = cmd->state;

    return dialogue_number(cmd, answer, 1, TRACE_TIMEOUT_MAX,
                           &trace->timeout_s);
}

static bool
take_probes(struct command *cmd, const char *answer)
{
    struct tracing *trace = cmd->state;

    return dialogue_number(cmd, answer, 1, TRACE_PROBES_MAX, &trace->probes);
}

static bool
take_first(struct command *cmd, const char *answer)
{
    struct tracing *trace = cmd->state;

    return dialogue_number(cmd, answer, 1, TRACE_HOPS_MAX, &trace->first);
}

static bool
take_last(struct command *cmd, const char *answer)
{
    struct tracing *trace = cmd->state;

    /* What is usual may be too few. */
    if (trace->last < trace->first)
        trace->last = trace->first;
    return dialogue_number(cmd, answer, trace->first, TRACE_HOPS_MAX,
                           &trace->last);
}

static bool
take_priority(struct command *cmd, const char *answer)
{
    struct tracing *trace = cmd->state;

    return dialogue_number(cmd, answer, 0, PRIORITY_MAX, &trace->class);
}

/* Each datagram goes to a port of its own. */
static bool
take_port(struct command *cmd, const char *answer)
{
    struct tracing *trace = cmd->state;
    uint32_t datagrams = (trace->last - trace->first + 1) * trace->probes;

    if (datagrams > PORT_MAX - TRACE_PORT) {
        out_line(cmd, "%% More than %u datagrams", PORT_MAX - TRACE_PORT);
        dialogue_stop(cmd);
        return true;
    }
    return dialogue_number(cmd, answer, 1, PORT_MAX + 1 - datagrams,
                           &trace->port);
}

/* --- questions ---------------------------------------------------------- */

static const struct question questions[] = {
    {"Target IP address: ", probing_take_target},
    {"Source address: ", probing_take_source},
    {"Numeric display [n]: ", take_numeric},
    {"Timeout in seconds [3]: ", take_timeout},
    {"Probe count [3]: ", take_probes},
    {"Minimum Time to Live [1]: ", take_first},
    {"Maximum Time to Live [30]: ", take_last},
    {"Port Number [33434]: ", take_port},
    {"Loose, Strict, Record, Timestamp, Verbose[none]: ", dialogue_take_none},
    {NULL, NULL},
};

static const struct question questions_6[] = {
    {"Target IPv6 address: ", probing_take_target},
    {"Source address: ", probing_take_source_6},
    {"Insert source routing header? [no]: ", dialogue_take_no},
    {"Numeric display? [no]: ", take_numeric},
    {"Timeout in seconds [3]: ", take_timeout},
    {"Probe count [3]: ", take_probes},
    {"Minimum Time to Live [1]: ", take_first},
    {"Maximum Time to Live [30]: ", take_last},
    {"Priority [0]: ", take_priority},
    {"Port Number [33434]: ", take_port},
    {NULL, NULL},
};

static const struct probing_questions asked = {
    "traceroute",
    questions,
    questions_6,
};

void
trace_ask(struct command *cmd)
{
    trace_prepare(cmd);
    probing_ask(cmd, &asked);
}
