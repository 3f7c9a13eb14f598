#include "control/lines.h"

#include "config/vty.h"
#include "control/access.h"
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

bool
lines_take_ssh(const struct router *r)
{
    for (size_t i = 0; i < r->config.vtys.list.count; i++)
        if (takes_ssh(&range_at(r, i)->line))
            return true;
    return false;
}

bool
lines_permit(struct router *r, const struct net_address *peer)
{
    const struct config_address source = source_address(peer);
    const struct config_ace *entry, *decides = NULL;
    bool permitted = false;

    for (size_t i = 0; i < r->config.vtys.list.count && !permitted; i++) {
        const struct config_line *line = &range_at(r, i)->line;

        if (!takes_ssh(line))
            continue;
        permitted = access_permits(r, &line->access_in, &source, &entry);
        if (permitted || decides == NULL)
            decides = entry;
    }
    /* One connection counts once, for however many lines it was asked. */
    if (decides != NULL)
        access_count(r, decides);
    return permitted;
}

bool
line_permits(const struct router *r, unsigned vty,
             const struct net_address *peer)
{
    const struct config_line *line = config_vty_line(&r->config, vty);
    const struct config_address source = source_address(peer);
    const struct config_ace *entry;

    return line != NULL && access_permits(r, &line->access_in, &source, &entry);
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
