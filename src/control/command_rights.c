#include "control/command_rights.h"

#include "ipc/aaa.h"

const char *
command_rights_methods(const struct session *s, unsigned level, bool configures)
{
    const struct config *config = &s->router->config;
    const struct config_methods *m;

    if (!config->aaa.new_model || s->attached ||
        (s->kind == SESSION_CONSOLE && !config->aaa.authorize_console))
        return NULL;
    if (configures && !config->aaa.authorize_configuration)
        return NULL;
    m = config_methods_for(config, session_line(s), CONFIG_AAA_COMMANDS, level);
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
command_rights_ask(struct session *s, const char *methods, unsigned level,
                   struct span line, const struct method_events *events,
                   void *owner, struct method_walk **place)
{
    struct method_request request = {.session = s,
                                     .methods = methods,
                                     .service = METHOD_LOGIN,
                                     .level = level,
                                     .user = span_text(s->user)};
    struct buf arguments;

    buf_init(&arguments, AAA_ARGUMENTS_MAX);
    put_arguments(line, &arguments);
    request.arguments = buf_span(&arguments);
    /* Nobody agrees to a part of a command. */
    if (!buf_ok(&arguments))
        request.methods = "";
    method_authorize(&request, events, owner, place);
    buf_clear(&arguments);
}
