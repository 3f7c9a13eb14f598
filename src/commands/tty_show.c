#include "commands/tty_show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "config/tty.h"
#include "control/sessions.h"
#include "control/tty.h"
#include "control/tty_plans.h"
#include "control/tty_users.h"

const struct config_tty *
tty_show_settings(struct command *cmd, const struct line_place *place)
{
    if (place->id.kind == CONFIG_LINE_TTY)
        return config_tty_line(cmd->config, place->id.number);
    return place->id.kind == CONFIG_LINE_AUX ? config_aux_line(cmd->config)
                                             : NULL;
}

/* --- one line ----------------------------------------------------------- */

static void
put_port(struct command *cmd, const struct config_tty *tty)
{
    static const char *const parities[] = {
        [CONFIG_PARITY_EVEN] = "even",   [CONFIG_PARITY_MARK] = "mark",
        [CONFIG_PARITY_NONE] = "no",     [CONFIG_PARITY_ODD] = "odd",
        [CONFIG_PARITY_SPACE] = "space",
    };
    static const char *const stops[] = {
        [CONFIG_STOPBITS_1] = "1",
        [CONFIG_STOPBITS_1_5] = "1.5",
        [CONFIG_STOPBITS_2] = "2",
    };

    if (tty->device == NULL && !tty->telnet)
        return;
    out_line(cmd,
             "Baud rate (TX/RX) is %u/%u, %s parity, %s stopbits, %u databits",
             tty->speed, tty->speed, parities[tty->parity],
             stops[tty->stopbits], tty->databits);
}

static void
put_timers(struct command *cmd, const struct config_tty *tty)
{
    char idle[DURATION_MAX], session[DURATION_MAX];

    duration_text((uint64_t)tty->exec_timeout_min * 60 + tty->exec_timeout_s,
                  "never", idle);
    duration_text((uint64_t)tty->line.session_timeout_min * 60, "never",
                  session);
    out_line(cmd, "Timeouts:      Idle EXEC    Idle Session   Modem Answer  "
                  "Session   Dispatch");
    out_line(cmd,
             "               %-8s        %-8s                     "
             "none     not set",
             idle, session);
}

/* What it is wired to, and whether that is there. */
static void
put_device(struct command *cmd, unsigned number, const struct config_tty *tty)
{
    bool ready = tty_state(cmd->router, number) == TTY_READY;
    const char *why = tty_absence(cmd->router, number);

    if (tty->device == NULL && tty->host == NULL) {
        out_line(cmd, "No device is configured.");
        return;
    }
    if (tty->device != NULL)
        out(cmd, "Device is %s, ", tty->device);
    else
        out(cmd, "Device is %s port %u%s, ", tty->host, tty->port,
            tty->telnet ? " (telnet)" : "");
    out_line(cmd, "%s%s%s.", ready ? "ready" : "absent",
             ready || why[0] == '\0' ? "" : ": ", ready ? "" : why);
}

static void
put_counters(struct command *cmd, unsigned number)
{
    struct tty_counters c = tty_counters(cmd->router, number);

    out_line(cmd,
             "%" PRIu64 " bytes input, %" PRIu64 " bytes output, %" PRIu64
             " bytes lost, %" PRIu64 " breaks sent",
             c.bytes_in, c.bytes_out, c.lost, c.breaks);
}

static void
put_users(struct command *cmd, unsigned number)
{
    const struct tty_guest *g = NULL;
    uint64_t now_ms = router_now_ms(cmd->router);

    while ((g = tty_users_next(cmd->router, number, g)) != NULL) {
        char since[DURATION_MAX];

        duration_text((now_ms - g->since_ms) / 1000, "00:00:00", since);
        out_line(cmd, "User %s %s for %s, from %s", g->user,
                 g->state == TTY_GUEST_WRITES ? "writes" : "watches", since,
                 g->session->peer_text);
    }
}

void
tty_show_block(struct command *cmd, const struct line_place *place)
{
    const struct config_tty *tty = tty_show_settings(cmd, place);
    unsigned number = tty_number(place->id);
    bool used = line_place_session(cmd, place) != NULL;
    bool ready = tty_state(cmd->router, number) == TTY_READY;

    out_line(cmd, "Line %u, Location: \"%s\", Type: \"\"", place->line,
             tty->line.location != NULL ? tty->line.location : "");
    put_port(cmd, tty);
    out_line(cmd, "Status: %s%sNo Exit Banner", ready ? "Ready, " : "",
             used ? "Active, " : "");
    out_line(cmd, "Capabilities: %s",
             tty->line.exec ? "none" : "EXEC Suppressed");
    out_line(cmd, "Modem state: %s", ready ? "Ready" : "Idle");
    put_timers(cmd, tty);
    out_line(cmd, "Modem type is unknown.");
    out_line(cmd, "Session limit is not set.");
    out_line(cmd, "Allowed input transports are %s.",
             tty->transport != CONFIG_TRANSPORT_NONE ? "ssh" : "none");
    put_users(cmd, number);
    put_device(cmd, number, tty);
    if (tty->device != NULL || tty->host != NULL)
        put_counters(cmd, number);
}

/* --- buffer ------------------------------------------------------------- */

/* All of it is printable: the console of another machine may say anything. */
static void
put_buffer(struct command *cmd, struct span bytes)
{
    struct buf text;

    buf_init(&text, bytes.len * 4 + 1);
    text_escape_lines(&text, bytes);
    out_span(cmd, buf_span(&text));
    if (buf_len(&text) > 0 && buf_text(&text)[buf_len(&text) - 1] != '\n')
        out(cmd, "\n");
    buf_clear(&text);
}

static void
on_buffer(void *owner, int fd, uint64_t bytes)
{
    struct command *cmd = owner;
    uint8_t *copy;
    ssize_t got;

    if (fd < 0 || bytes > (uint64_t)CONFIG_TTY_BUFFER_MAX_KB * 1024) {
        out_error(cmd, "The line's process has ended, and its buffer with it");
        cmd_done(cmd);
        return;
    }
    copy = alloc_zero(1, (size_t)bytes + 1);
    got = pread(fd, copy, (size_t)bytes, 0);
    if (got > 0)
        put_buffer(cmd, span_of(copy, (size_t)got));
    wipe(copy, (size_t)bytes);
    free(copy);
    cmd_done(cmd);
}

void
tty_show_buffer(struct command *cmd)
{
    struct line_place place;

    if (!line_place_named(cmd, &place))
        return;
    if (tty_number(place.id) == 0 ||
        tty_buffer(cmd->router, tty_number(place.id), on_buffer, cmd) != OK)
        out_error(cmd, "Line %u has no buffer", place.line);
    else
        cmd_wait(cmd);
}

/* --- summary ------------------------------------------------------------ */

#define SUMMARY_ROW   60 /* lines */
#define SUMMARY_GROUP 10

enum condition { IN_USE, NEVER_USED, FREE, ABSENT, CONDITIONS };

static enum condition
condition_of(struct command *cmd, const struct line_place *place)
{
    unsigned number = tty_number(place->id);

    if (line_place_session(cmd, place) != NULL)
        return IN_USE;
    if (number != 0 && tty_state(cmd->router, number) == TTY_ABSENT)
        return ABSENT;
    return sessions_uses(cmd->router, place->id) == 0 ? NEVER_USED : FREE;
}

/* What stands before the sign of this number, which follows `last`. */
static void
put_gap(struct command *cmd, uint32_t last, uint32_t number)
{
    for (uint32_t n = last; n <= number; n++) {
        if (n % SUMMARY_ROW == 0)
            out(cmd, "%s%5u: ", n == 0 ? "" : "\n", n);
        else if (n % SUMMARY_GROUP == 0)
            out(cmd, " ");
        if (n < number)
            out(cmd, " ");
    }
}

void
tty_show_summary(struct command *cmd)
{
    static const char signs[] = "U-.x";
    struct line_place place = line_place_of(
        cmd, (struct config_line_id){.kind = CONFIG_LINE_CONSOLE});
    unsigned counts[CONDITIONS] = {0};
    uint32_t next = 0;

    do {
        uint32_t number = config_line_number(cmd->config, place.id);
        enum condition condition = condition_of(cmd, &place);

        put_gap(cmd, next, number);
        out(cmd, "%c", signs[condition]);
        counts[condition]++;
        next = number + 1;
    } while (line_place_next(cmd, &place));
    out_line(cmd,
             "\n\n%5u lines in use                  (U)\n"
             "%5u lines never used              (-)\n"
             "%5u lines used before, free now   (.)\n"
             "%5u lines whose device is absent  (x)",
             counts[IN_USE], counts[NEVER_USED], counts[FREE], counts[ABSENT]);
}
