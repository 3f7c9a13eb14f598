#include "control/command_rights.h"

#include "control/method_list.h"

#define ARGUMENTS_MAX 4096 /* bytes: a line, and a length for each word */

static unsigned
level_of(const struct command *cmd, const struct cli_context *context)
{
    return cli_level(context, cmd->match);
}

const char *
command_rights_methods(const struct command *cmd,
                       const struct cli_context *context)
{
    const struct config *config = cmd->config;
    const struct session *s = cmd->session;
    const struct config_methods *m;

    if (!config->aaa.new_model || s->attached ||
        (s->kind == SESSION_CONSOLE && !config->aaa.authorize_console))
        return NULL;
    /* A mode that is somebody's child configures. */
    if (cmd->match->mode->parent != NULL &&
        !config->aaa.authorize_configuration)
        return NULL;
    m = config_methods_for(config, session_line(s), CONFIG_AAA_COMMANDS,
                           level_of(cmd, context));
    return m == NULL ? NULL : m->methods;
}

/* Each word by itself, and how the line ends (10.4). */
static void
put_arguments(struct span line, struct buf *to)
{
    const char *name = "cmd=";

    while (line.len > 0) {
        size_t length = 0, mark;

        while (length < line.len && line.ptr[length] != ' ')
            length++;
        mark = buf_begin_string(to);
        buf_printf(to, "%s", name);
        buf_put(to, line.ptr, length);
        buf_end_string(to, mark);
        name = "cmd-arg=";
        while (length < line.len && line.ptr[length] == ' ')
            length++;
        line = span_of(line.ptr + length, line.len - length);
    }
    buf_put_text(to, "cmd-arg=<cr>");
}

void
command_rights_ask(struct command *cmd, const char *methods,
                   const struct cli_context *context,
                   const struct method_events *events)
{
    struct method_request request = {.session = cmd->session,
                                     .methods = methods,
                                     .service = METHOD_LOGIN,
                                     .level = level_of(cmd, context),
                                     .user = span_text(cmd->session->user)};
    struct buf arguments;

    buf_init(&arguments, ARGUMENTS_MAX);
    put_arguments(buf_span(&cmd->match->masked), &arguments);
    request.arguments = buf_span(&arguments);
    method_authorize(&request, events, cmd, &cmd->walk);
    buf_clear(&arguments);
}
