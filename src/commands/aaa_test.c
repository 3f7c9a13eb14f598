/*
 * `test aaa group`: does a server of that group know the user?
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "commands/rows.h"
#include "control/aaa_servers.h"
#include "control/command.h"

#define LIMIT_MS 300000 /* more than any server is given */

/* The request that the command waits for. */
struct test {
    uint64_t request;
};

static void
show_attributes(struct command *cmd, struct span attributes)
{
    struct reader r = reader_over(attributes);

    if (attributes.len == 0 || !cli_given(cmd->match, "new-code"))
        return;
    out_line(cmd, "%s", "");
    out_line(cmd, "USER ATTRIBUTES");
    out_line(cmd, "%s", "");
    while (read_ok(&r) && !read_done(&r)) {
        char text[256];

        text_escape(text, sizeof(text), read_string(&r));
        out_line(cmd, "%s", text);
    }
}

static void
on_result(void *owner, enum aaa_outcome outcome, struct span attributes,
          const char *text)
{
    struct command *cmd = owner;

    if (text[0] != '\0')
        out_line(cmd, "%s", text);
    if (outcome == AAA_PASS) {
        out_line(cmd, "User was successfully authenticated.");
        show_attributes(cmd, attributes);
    } else {
        cmd->failed = true;
        out_line(cmd, outcome == AAA_FAIL
                          ? "User authentication request was rejected by "
                            "server."
                          : "No authoritative response from any server.");
    }
    cmd_done(cmd);
}

static void
on_answer(struct command *cmd, const char *text)
{
    const struct test *test = cmd->state;

    aaa_group_answer(cmd->router, test->request, text != NULL,
                     text == NULL ? SPAN_EMPTY : span_text(text));
    cmd_wait(cmd);
}

static void
on_asked(void *owner, const char *text, const char *prompt, bool echo)
{
    struct command *cmd = owner;

    if (text[0] != '\0')
        out_line(cmd, "%s", text);
    cmd_ask(cmd, prompt, echo ? ASK_LINE : ASK_SECRET, 0, on_answer);
}

static const struct aaa_events events = {on_asked, on_result};

/* ^C; what a server says now is of no use any more. */
static void
cancel(struct command *cmd)
{
    aaa_forget(cmd->router, cmd);
    cmd_done(cmd);
}

static void
test_group(struct command *cmd)
{
    const char *group = cli_text(cmd->match, "group-name");
    const char *remote = cmd->session->peer_text;
    char port[16];
    struct test *test = alloc_zero(1, sizeof(*test));
    const struct aaa_ask ask = {
        .kind = AAA_AUTHENTICATE,
        .user = span_text(cli_text(cmd->match, "user")),
        .has_given = true,
        .given = span_text(cli_text(cmd->match, "password")),
        .service = AAA_LOGIN,
        .port = port,
        .remote = remote[0] != '\0' ? remote : "async",
        .limit_ms = LIMIT_MS,
    };
    struct aaa_plan plan;

    snprintf(port, sizeof(port), "tty%u", cmd->session->line);
    cmd->state = test;
    cmd->free_state = free;
    if (!aaa_plan_make(cmd->config, group, &plan)) {
        out_error(cmd, "Server group %s is not defined", group);
        return;
    }
    out_line(cmd, "Attempting authentication test to server-group %s using %s",
             group, plan.protocol == AAA_RADIUS ? "radius" : "tacacs+");
    cmd_flush(cmd);
    cmd->cancel = cancel;
    cmd_wait(cmd);
    test->request = aaa_group_ask(cmd->router, group, &ask, &events, cmd);
}

const struct cli_row aaa_test_rows[] = {
    GROUP("test", "Test subsystems, memory, and interfaces"),
    GROUP("test aaa", "AAA Authentication, Authorization and Accounting"),
    {ROW_EXEC("test aaa group WORD:group-name WORD:user WORD:password "
              "{legacy|new-code}",
              15, test_group, "AAA server group", "Name of the server group",
              "Name of the user", "The user's password",
              "What the servers say, and nothing else",
              "And what they allow the user"),
     .secret = true},
    ROWS_END,
};
