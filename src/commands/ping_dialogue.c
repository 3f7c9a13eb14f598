/*
 * `ping` without an address: everything about it is asked.
 */
#include <stdlib.h>

#include "base/text.h"
#include "commands/ping_parts.h"

#define CLASS_MAX      255 /* type of service, a byte */
#define PRECEDENCE_MAX 7
#define DSCP_MAX       63

/* --- sizes that grow ---------------------------------------------------- */

static bool
take_least(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;

    ping->size = PING_SIZE_MIN;
    return dialogue_number(cmd, answer, PING_SIZE_MIN, PING_SIZE_MAX,
                           &ping->size);
}

static bool
take_most(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;

    ping->last_size = PING_SIZE_MAX;
    return dialogue_number(cmd, answer, ping->size, PING_SIZE_MAX,
                           &ping->last_size);
}

/* Each size as often as was wanted. */
static bool
take_interval(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;
    uint64_t all;

    ping->step = 1;
    if (!dialogue_number(cmd, answer, 1, PING_SIZE_MAX, &ping->step))
        return false;
    all = ((uint64_t)(ping->last_size - ping->size) / ping->step + 1) *
          ping->repeat;
    if (all > PING_REPEAT_MAX) {
        out_line(cmd, "%% More than %u echos", PING_REPEAT_MAX);
        dialogue_stop(cmd);
        return true;
    }
    ping->repeat = (uint32_t)all;
    return true;
}

static const struct question sizes[] = {
    {"Sweep min size [36]: ", take_least},
    {"Sweep max size [18024]: ", take_most},
    {"Sweep interval [1]: ", take_interval},
    {NULL, NULL},
};

static bool
take_sweep(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;
    bool yes;

    if (!dialogue_yes(cmd, answer, &yes))
        return false;
    if (yes)
        ping->probing.dialogue.next = sizes;
    return true;
}

/* --- extended commands -------------------------------------------------- */

static bool
take_service(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;

    return dialogue_number(cmd, answer, 0, CLASS_MAX, &ping->class);
}

static bool
take_precedence(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;
    uint32_t precedence = 0;

    if (!dialogue_number(cmd, answer, 0, PRECEDENCE_MAX, &precedence))
        return false;
    ping->class = precedence << 5;
    return true;
}

/* It has the same bits as the precedence, and more of them. */
static bool
take_dscp(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;
    uint32_t dscp = 0;

    if (!dialogue_number(cmd, answer, 0, DSCP_MAX, &dscp))
        return false;
    if (answer[0] != '\0' && dscp != 0)
        ping->class = dscp << 2;
    return true;
}

static bool
take_whole(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;

    return dialogue_yes(cmd, answer, &ping->whole);
}

static bool
take_validate(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;

    return dialogue_yes(cmd, answer, &ping->validate);
}

/* "0xABCD", "abcd" */
static bool
take_pattern(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;
    const char *digits = text_starts_nocase(answer, "0x") ? answer + 2 : answer;
    size_t len = strlen(digits);

    if (answer[0] == '\0')
        return true;
    if (len == 0 || len > 4 ||
        strspn(digits, "0123456789abcdefABCDEF") != len) {
        out_line(cmd, "%% A hexadecimal number between 0x0 and 0xFFFF.");
        return false;
    }
    ping->pattern = (uint32_t)strtoul(digits, NULL, 16);
    return true;
}

static const struct question sweep[] = {
    {"Sweep range of sizes [n]: ", take_sweep},
    {NULL, NULL},
};

static const struct question sweep_6[] = {
    {"Sweep range of sizes? [no]: ", take_sweep},
    {NULL, NULL},
};

static const struct question extended[] = {
    {"Source address or interface: ", probing_take_source},
    {"Type of service [0]: ", take_service},
    {"Set DF bit in IP header? [no]: ", take_whole},
    {"Validate reply data? [no]: ", take_validate},
    {"Data pattern [0xABCD]: ", take_pattern},
    {"Loose, Strict, Record, Timestamp, Verbose[none]: ", dialogue_take_none},
    {"Sweep range of sizes [n]: ", take_sweep},
    {NULL, NULL},
};

static const struct question extended_6[] = {
    {"Source address or interface: ", probing_take_source_6},
    {"UDP protocol? [no]: ", dialogue_take_no},
    {"Verbose? [no]: ", dialogue_take_no},
    {"Precedence [0]: ", take_precedence},
    {"DSCP [0]: ", take_dscp},
    {"Include hop by hop option? [no]: ", dialogue_take_no},
    {"Include destination option? [no]: ", dialogue_take_no},
    {"Sweep range of sizes? [no]: ", take_sweep},
    {NULL, NULL},
};

static bool
choose_extended(struct command *cmd, const char *answer,
                const struct question *more, const struct question *rest)
{
    struct pinging *ping = cmd->state;
    bool yes;

    if (!dialogue_yes(cmd, answer, &yes))
        return false;
    ping->probing.dialogue.next = yes ? more : rest;
    return true;
}

static bool
take_extended(struct command *cmd, const char *answer)
{
    return choose_extended(cmd, answer, extended, sweep);
}

static bool
take_extended_6(struct command *cmd, const char *answer)
{
    return choose_extended(cmd, answer, extended_6, sweep_6);
}

/* --- where to, how often, how long -------------------------------------- */

static bool
take_repeat(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;

    return dialogue_number(cmd, answer, 1, PING_REPEAT_MAX, &ping->repeat);
}

static bool
take_size(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;
    bool good =
        dialogue_number(cmd, answer, PING_SIZE_MIN, PING_SIZE_MAX, &ping->size);

    ping->last_size = ping->size;
    return good;
}

static bool
take_timeout(struct command *cmd, const char *answer)
{
    struct pinging *ping = cmd->state;

    return dialogue_number(cmd, answer, 1, PING_TIMEOUT_MAX, &ping->timeout_s);
}

static const struct question questions[] = {
    {"Target IP address: ", probing_take_target},
    {"Repeat count [5]: ", take_repeat},
    {"Datagram size [100]: ", take_size},
    {"Timeout in seconds [2]: ", take_timeout},
    {"Extended commands [n]: ", take_extended},
    {NULL, NULL},
};

static const struct question questions_6[] = {
    {"Target IPv6 address: ", probing_take_target},
    {"Repeat count [5]: ", take_repeat},
    {"Datagram size [100]: ", take_size},
    {"Timeout in seconds [2]: ", take_timeout},
    {"Extended commands? [no]: ", take_extended_6},
    {NULL, NULL},
};

static const struct probing_questions asked = {
    "ping",
    questions,
    questions_6,
};

void
ping_ask(struct command *cmd)
{
    ping_prepare(cmd);
    probing_ask(cmd, &asked);
}
