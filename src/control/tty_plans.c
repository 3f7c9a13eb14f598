#include "control/tty_plans.h"

#include "config/tty.h"
#include "control/tty.h"

unsigned
tty_number(struct config_line_id id)
{
    if (id.kind == CONFIG_LINE_AUX)
        return TTY_NUMBER_AUX;
    return id.kind == CONFIG_LINE_TTY ? id.number : 0;
}

unsigned
tty_number_at(const struct config *config, uint32_t line)
{
    struct config_line_id id;

    return config_line_at(config, line, &id) ? tty_number(id) : 0;
}

const struct config_tty *
tty_number_settings(const struct config *config, unsigned number)
{
    return number == TTY_NUMBER_AUX ? config_aux_line(config)
                                    : config_tty_line(config, number);
}

static struct tty_settings
settings_of(const struct config_tty *tty)
{
    static const uint8_t parities[] = {
        [CONFIG_PARITY_EVEN] = TTY_PARITY_EVEN,
        [CONFIG_PARITY_MARK] = TTY_PARITY_MARK,
        [CONFIG_PARITY_NONE] = TTY_PARITY_NONE,
        [CONFIG_PARITY_ODD] = TTY_PARITY_ODD,
        [CONFIG_PARITY_SPACE] = TTY_PARITY_SPACE,
    };
    static const uint8_t flows[] = {
        [CONFIG_FLOW_HARDWARE] = TTY_FLOW_HARDWARE,
        [CONFIG_FLOW_NONE] = TTY_FLOW_NONE,
        [CONFIG_FLOW_SOFTWARE] = TTY_FLOW_SOFTWARE,
    };
    static const uint8_t halves[] = {
        [CONFIG_STOPBITS_1] = 2,
        [CONFIG_STOPBITS_1_5] = 3,
        [CONFIG_STOPBITS_2] = 4,
    };

    return (struct tty_settings){
        .speed = tty->speed,
        .databits = (uint8_t)tty->databits,
        .parity = parities[tty->parity],
        .stopbits = halves[tty->stopbits],
        .flow = flows[tty->flowcontrol],
        .hang_up = tty->autohangup,
    };
}

static void
configure(struct router *r, unsigned number, const struct config_tty *tty)
{
    struct tty_plan plan;

    if (tty == NULL || (tty->device == NULL && tty->host == NULL)) {
        tty_configure(r, number, NULL);
        return;
    }
    plan = (struct tty_plan){
        .device = tty->device,
        .host = tty->host,
        .port = (uint16_t)tty->port,
        .telnet = tty->telnet,
        .settings = settings_of(tty),
        .buffer = tty->buffer_kb * 1024,
        .log_file = tty->log_file,
        .log_bytes = (uint64_t)tty->log_kb * 1024,
        .log_files = tty->log_files,
        .timestamps = tty->log_timestamps,
    };
    tty_configure(r, number, &plan);
}

/* What is loaded first is carried out when it is all there. */
static bool
is_early(const struct router *r)
{
    return r->workers == NULL || r->ending;
}

void
tty_plans_update(struct router *r, uint32_t first, uint32_t last)
{
    for (uint32_t n = first; n <= last && !is_early(r); n++)
        configure(r, n, config_tty_line(&r->config, n));
}

void
tty_plans_update_aux(struct router *r)
{
    if (!is_early(r))
        configure(r, TTY_NUMBER_AUX, config_aux_line(&r->config));
}

void
tty_plans_start(struct router *r)
{
    tty_plans_update(r, 1, config_tty_last(&r->config));
    tty_plans_update_aux(r);
}
