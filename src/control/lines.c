#include "control/lines.h"

#include "config/vty.h"
#include "control/sessions.h"
#include "control/source.h"

static bool
takes_ssh(const struct config_line *line)
{
    return line->transport_input == CONFIG_TRANSPORT_ALL ||
           line->transport_input == CONFIG_TRANSPORT_SSH;
}

static const struct config_vty *
range_at(const struct router *r, size_t i)
{
    return r->config.vtys.list.items[i];
}

static bool
permits(const struct router *r, const struct config_line *line,
        const struct net_address *peer)
{
    struct config_address source;

    if (line->access_class == 0)
        return true;
    source = source_address(peer);
    return config_access_permits(&r->config, line->access_class, &source);
}

bool
lines_take_ssh(const struct router *r)
{
    for (size_t i = 0; i < r->config.vtys.list.count; i++)
        if (takes_ssh(&range_at(r, i)->line))
            return true;
    return false;
}

bool
lines_permit(const struct router *r, const struct net_address *peer)
{
    for (size_t i = 0; i < r->config.vtys.list.count; i++) {
        const struct config_line *line = &range_at(r, i)->line;

        if (takes_ssh(line) && permits(r, line, peer))
            return true;
    }
    return false;
}

bool
line_permits(const struct router *r, unsigned vty,
             const struct net_address *peer)
{
    const struct config_line *line = config_vty_line(&r->config, vty);

    return line != NULL && permits(r, line, peer);
}

enum err
lines_free_vty(const struct router *r, unsigned *vty)
{
    for (size_t i = 0; i < r->config.vtys.list.count; i++) {
        const struct config_vty *range = range_at(r, i);

        if (takes_ssh(&range->line) &&
            sessions_free_vty(r, range->first, range->last, vty) == OK)
            return OK;
    }
    return ERR_NOT_FOUND;
}
