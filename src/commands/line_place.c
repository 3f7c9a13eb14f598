#include "commands/line_place.h"

#include "config/tty.h"
#include "config/vty.h"
#include "control/shell.h"
#include "control/tty_plans.h"
#include "control/tty_users.h"

struct line_place
line_place_of_session(const struct session *s)
{
    return (struct line_place){.id = session_line_id(s), .line = s->line};
}

/* Whose worker is not only leaving. */
static struct session *
holder_of(struct command *cmd, struct config_line_id id)
{
    if (id.kind == CONFIG_LINE_VTY)
        return session_on_vty(cmd->router, id.number);
    return id.kind == CONFIG_LINE_CONSOLE ? session_on_console(cmd->router)
                                          : NULL;
}

/* Likewise, on a tty line, who has a vty of his own. */
static const struct tty_guest *
guest_of(struct command *cmd, struct config_line_id id)
{
    unsigned tty = tty_number(id);

    return tty == 0 ? NULL : tty_users_next(cmd->router, tty, NULL);
}

struct line_place
line_place_of(struct command *cmd, struct config_line_id id)
{
    const struct session *s = holder_of(cmd, id);
    const struct tty_guest *g = guest_of(cmd, id);

    if (s != NULL)
        return line_place_of_session(s);
    return (struct line_place){
        .id = id,
        .line = g != NULL ? g->line : config_line_number(cmd->config, id),
    };
}

/*
 * Of lines that share a number because sessions keep theirs, it is the tty
 * line, which that number leads to from outside as well; then the session's.
 */
static bool
find_number(struct command *cmd, uint32_t number, struct config_line_id *id)
{
    const struct config_line_id aux = {.kind = CONFIG_LINE_AUX};
    const struct tty_guest *g = guest_of(cmd, aux);

    if (config_line_at(cmd->config, number, id) && tty_number(*id) != 0)
        return true;
    if (g != NULL && g->line == number) {
        *id = aux;
        return true;
    }
    LIST_EACH(node, sessions_all(cmd->router))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);

        if (s->line == number && !s->off_line) {
            *id = session_line_id(s);
            return true;
        }
    }
    return config_line_at(cmd->config, number, id);
}

static bool
find_line(struct command *cmd, struct config_line_id *id)
{
    const struct cli_match *match = cmd->match;

    if (cli_given(match, "absolute"))
        return find_number(cmd, cli_number(match, "absolute"), id);
    if (cli_given(match, "vty"))
        *id = (struct config_line_id){CONFIG_LINE_VTY,
                                      cli_number(match, "number")};
    else if (cli_given(match, "tty"))
        *id = (struct config_line_id){CONFIG_LINE_TTY,
                                      cli_number(match, "tty-number")};
    else if (cli_given(match, "aux"))
        *id = (struct config_line_id){.kind = CONFIG_LINE_AUX};
    else
        *id = (struct config_line_id){.kind = CONFIG_LINE_CONSOLE};
    /* A vty may have been removed under its user. */
    return config_line_exists(cmd->config, *id) || holder_of(cmd, *id) != NULL;
}

bool
line_place_named(struct command *cmd, struct line_place *place)
{
    struct config_line_id id;

    if (find_line(cmd, &id)) {
        *place = line_place_of(cmd, id);
        return true;
    }
    cmd_refuse_last_word(cmd);
    return false;
}

bool
line_place_is_absent(const struct command *cmd)
{
    static const char *const ways[] = {"absolute", "aux", "console", "tty",
                                       "vty"};

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (cli_given(cmd->match, ways[i]))
            return false;
    return true;
}

struct session *
line_place_session(struct command *cmd, const struct line_place *place)
{
    const struct tty_guest *g = guest_of(cmd, place->id);
    struct session *s = holder_of(cmd, place->id);

    if (g != NULL)
        return g->session;
    return s == NULL || s->kind != SESSION_CONSOLE || shell_is_started(s)
               ? s
               : NULL;
}

const struct config_line *
line_place_settings(struct command *cmd, const struct line_place *place)
{
    const struct config *config = cmd->config;
    const struct config_tty *tty = NULL;

    if (place->id.kind == CONFIG_LINE_TTY)
        tty = config_tty_line(config, place->id.number);
    else if (place->id.kind == CONFIG_LINE_AUX)
        tty = config_aux_line(config);
    if (tty != NULL)
        return &tty->line;
    return config_line_of(config, place->id.kind == CONFIG_LINE_CONSOLE,
                          place->id.number);
}

/* The next line that a range has; 0: there is none. */
static uint32_t
next_tty(const struct config *config, uint32_t number)
{
    const struct config_list *ttys = &config->ttys.list;
    size_t i = config_range_index(ttys, number + 1);
    uint32_t first;

    if (i == ttys->count)
        return 0;
    first = config_range_first(ttys->items[i]);
    return first > number ? first : number + 1;
}

bool
line_place_next(struct command *cmd, struct line_place *place)
{
    const struct config *config = cmd->config;
    struct config_line_id id = place->id;

    if (id.kind == CONFIG_LINE_CONSOLE || id.kind == CONFIG_LINE_TTY) {
        uint32_t tty = next_tty(config, id.number);

        if (tty != 0)
            id = (struct config_line_id){CONFIG_LINE_TTY, tty};
        else if (config_aux_line(config) != NULL)
            id = (struct config_line_id){.kind = CONFIG_LINE_AUX};
        else
            id = (struct config_line_id){.kind = CONFIG_LINE_VTY};
    } else if (id.kind == CONFIG_LINE_AUX) {
        id = (struct config_line_id){.kind = CONFIG_LINE_VTY};
    } else if (++id.number >= config_vty_count(config)) {
        return false;
    }
    *place = line_place_of(cmd, id);
    return true;
}
