#include "config/vty.h"
#include "control/session.h"

#define PRIVILEGE_USUAL 1 /* of a user for whom nothing else is configured */

struct config_line_id
session_line_id(const struct session *s)
{
    return s->kind == SESSION_CONSOLE
               ? (struct config_line_id){.kind = CONFIG_LINE_CONSOLE}
               : (struct config_line_id){CONFIG_LINE_VTY, s->vty};
}

const struct config_line *
session_line(const struct session *s)
{
    return config_line_of(&s->router->config, s->kind == SESSION_CONSOLE,
                          s->vty);
}

unsigned
session_privilege(const struct session *s, const struct config_user *user)
{
    if (user != NULL && user->privilege != PRIVILEGE_USUAL)
        return user->privilege;
    return session_line(s)->privilege;
}
