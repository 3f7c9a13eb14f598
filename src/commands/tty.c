/*
 * What is configured under `line N` and `line aux 0`: the serial port or the
 * TCP console behind the line, who may come to it, and what is kept of it.
 */
#include "config/tty.h"

#include "base/text.h"
#include "cli/cli.h"
#include "commands/line_methods.h"
#include "commands/rows.h"
#include "control/file_name.h"
#include "control/tty_plans.h"

#undef CLI_BASE
#define CLI_BASE struct config_tty

#define PATH_LEN_MAX 255
#define HOST_LEN_MAX                                                           \
    253                    /* RFC 1035 section 2.3.4: of a whole name, as text \
                            */
#define USERS_LEN_MAX 4096 /* all names of a line, with blanks between them */

/* --- the lines that a change is about ----------------------------------- */

struct chosen {
    const struct config_list *lines;
    uint32_t first, last;
};

static struct chosen
chosen_lines(const struct cli_change *change)
{
    const struct cli_context *at = &change->match->after;
    const struct cli_place *place = &at->path[at->depth - 1];
    const char *base = (const char *)change->config;
    struct chosen c = {
        .lines = (const void *)(base + place->row->offset),
        .first = place->keys[0].number,
        .last = place->keys[0].number,
    };

    if (place->keys[1].number > c.last)
        c.last = place->keys[1].number;
    return c;
}

/* The ranges among them: from `*i` on, which begins with 0. NULL: no more. */
static const struct config_tty *
next_chosen(const struct chosen *c, size_t *i)
{
    const struct config_tty_range *range;

    if (*i == 0)
        *i = config_range_index(c->lines, c->first);
    if (*i >= c->lines->count)
        return NULL;
    range = c->lines->items[(*i)++];
    return range->first <= c->last ? &range->tty : NULL;
}

static bool
is_one_line(const struct cli_change *change)
{
    struct chosen c = chosen_lines(change);

    return c.first == c.last;
}

/* Those of the section that was entered. */
static void
on_changed(const struct cli_change *change)
{
    struct chosen c = chosen_lines(change);

    if (c.lines == &change->config->aux.list)
        tty_plans_update_aux(change->owner);
    else
        tty_plans_update(change->owner, c.first, c.last);
}

/* --- device ------------------------------------------------------------- */

/* Not the names that mean something else to each process that opens them. */
static bool
path_is_good(const char *path)
{
    const char *part = path;

    if (path[0] != '/' || strlen(path) > PATH_LEN_MAX ||
        strcmp(path, "/dev/tty") == 0 || strcmp(path, "/dev/ptmx") == 0)
        return false;
    while (part != NULL) {
        size_t length = strcspn(part + 1, "/");

        if (length == 0 || (length == 1 && part[1] == '.') ||
            (length == 2 && memcmp(part + 1, "..", 2) == 0))
            return false;
        part = strchr(part + 1, '/');
    }
    for (const char *c = path; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return false;
    return true;
}

static bool
host_is_good(const char *host)
{
    size_t length = strlen(host);

    return length <= HOST_LEN_MAX && host[0] != '-' &&
           strspn(host, "abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:") == length;
}

static const char *
check_device(struct cli_change *change)
{
    const struct cli_match *match = change->match;

    if (cli_restores(match))
        return NULL;
    if (!is_one_line(change))
        return "% A device belongs to one line";
    if (cli_given(match, "tcp"))
        return host_is_good(cli_text(match, "host"))
                   ? NULL
                   : "% That is no name or address of a host";
    return path_is_good(cli_text(match, "device-path"))
               ? NULL
               : "% A device is an absolute path, such as /dev/ttyS0";
}

static const char *
set_device(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    struct config_tty *tty = change->section;
    bool restores = cli_restores(match);
    bool tcp = !restores && cli_given(match, "tcp");

    config_text_set(&tty->device,
                    restores || tcp ? NULL : cli_text(match, "device-path"));
    config_text_set(&tty->host, tcp ? cli_text(match, "host") : NULL);
    tty->port = tcp ? cli_number(match, "port") : 0;
    tty->telnet = tcp && cli_given(match, "telnet");
    return NULL;
}

static void
write_device(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_tty *tty = section;

    if (tty->device != NULL)
        cli_write_line(writer, "device %s", tty->device);
    else if (tty->host != NULL)
        cli_write_line(writer, "device tcp %s %u%s", tty->host, tty->port,
                       tty->telnet ? " telnet" : "");
    else if (all)
        cli_write_line(writer, "no device");
}

/* --- who may come ------------------------------------------------------- */

/*
 * In front of AAA the line says by itself how its users prove who they are,
 * and nothing is the default: enum config_login.
 */
static const char *
set_login(struct cli_change *change)
{
    struct config_tty *tty = change->section;

    if (change->config->aaa.new_model && !cli_restores(change->match))
        return "AAA is enabled. Command not supported. "
               "Use an aaa authentication methodlist instead";
    tty->line.login =
        cli_restores(change->match) ? CONFIG_LOGIN_DEFAULT : CONFIG_LOGIN_LOCAL;
    return NULL;
}

static void
write_login(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_tty *tty = section;

    if (tty->line.login == CONFIG_LOGIN_LOCAL)
        cli_write_line(writer, "login local");
    else if (all)
        cli_write_line(writer, "no login local");
}

/* The next name of a text; its end is moved on. Empty: there is none. */
static struct span
next_name(const char **text)
{
    const char *start = *text + strspn(*text, " \t");
    size_t length = strcspn(start, " \t");

    *text = start + length;
    return span_of((const uint8_t *)start, length);
}

static bool
has_name(const char *names, struct span name)
{
    struct span other;

    while ((other = next_name(&names)).len > 0)
        if (span_equal(other, name))
            return true;
    return false;
}

static void
add_name(struct buf *names, struct span name)
{
    if (buf_len(names) > 0)
        buf_put_u8(names, ' ');
    buf_put_span(names, name);
}

/* Those of `names` that are not in `without`, behind what `to` has. */
static void
add_names(struct buf *to, const char *names, const char *without)
{
    struct span name;

    while ((name = next_name(&names)).len > 0)
        if (!has_name(without, name))
            add_name(to, name);
}

/* `no access-user` without names: nobody. */
static const char *
set_access_users(struct cli_change *change)
{
    const char *typed = cli_text(change->match, "names");
    struct config_tty *tty = change->section;
    const char *had = tty->access_users == NULL ? "" : tty->access_users;
    struct buf names;
    bool fits;

    buf_init(&names, USERS_LEN_MAX);
    if (!cli_restores(change->match)) {
        add_names(&names, had, "");
        add_names(&names, typed, had);
    } else if (typed != NULL && typed[0] != '\0') {
        add_names(&names, had, typed);
    }
    fits = buf_ok(&names);
    if (fits)
        config_text_set(&tty->access_users,
                        buf_len(&names) == 0 ? NULL : buf_text(&names));
    buf_clear(&names);
    return fits ? NULL : "% Too many users";
}

/* A name on each line: it can go without the others. */
static void
write_access_users(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_tty *tty = section;
    const char *names = tty->access_users == NULL ? "" : tty->access_users;
    struct span name;

    if (names[0] == '\0' && all)
        cli_write_line(writer, "no access-user");
    while ((name = next_name(&names)).len > 0)
        cli_write_line(writer, "access-user %.*s", (int)name.len,
                       (const char *)name.ptr);
}

/* --- the serial port ---------------------------------------------------- */

static const char *
check_speed(struct cli_change *change)
{
    uint32_t speed = cli_number(change->match, "bits-per-second");

    if (cli_restores(change->match))
        return NULL;
    for (size_t i = 0; config_tty_speeds[i] != 0; i++)
        if (config_tty_speeds[i] == speed)
            return NULL;
    return "% There is no such speed";
}

#define NO_HALF_BIT "% One and a half stop bits go with five data bits only"

static const char *
check_databits(struct cli_change *change)
{
    struct chosen c = chosen_lines(change);
    const struct config_tty *tty;

    if (!cli_restores(change->match) && cli_given(change->match, "5"))
        return NULL;
    for (size_t i = 0; (tty = next_chosen(&c, &i)) != NULL;)
        if (tty->stopbits == CONFIG_STOPBITS_1_5)
            return NO_HALF_BIT;
    return NULL;
}

/* What CSTOPB means to a UART (16550): with five bits, one and a half. */
static const char *
check_stopbits(struct cli_change *change)
{
    struct chosen c = chosen_lines(change);
    const struct config_tty *tty;

    if (cli_restores(change->match) || !cli_given(change->match, "1.5"))
        return NULL;
    for (size_t i = 0; (tty = next_chosen(&c, &i)) != NULL;)
        if (tty->databits != 5)
            return NO_HALF_BIT;
    return NULL;
}

/* --- the log of what it says -------------------------------------------- */

/* Without the device, which has several names, and the slash behind it. */
static const char *
path_of(const char *file)
{
    file += strcspn(file, ":") + 1;
    return file + strspn(file, "/");
}

/* Two lines would take each other's files away. */
static bool
is_taken(const struct config_list *lines, const char *file, const void *own)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct config_tty_range *range = lines->items[i];

        if (range->tty.log_file != NULL && &range->tty != own &&
            strcmp(path_of(range->tty.log_file), path_of(file)) == 0)
            return true;
    }
    return false;
}

static const char *
check_log(struct cli_change *change)
{
    const char *file = cli_text(change->match, "flash-file");
    struct file_name name;
    int reason;

    if (cli_restores(change->match))
        return NULL;
    if (!is_one_line(change))
        return "% A log belongs to one line";
    if (file_name_parse(file, "flash:/", &name, &reason) != OK ||
        name.system != FILE_FLASH || name.relative || name.as_directory ||
        name.path[0] == '\0')
        return "% The log is no file of flash:";
    if (is_taken(&change->config->ttys.list, file, change->section) ||
        is_taken(&change->config->aux.list, file, change->section))
        return "% That file is the log of another line";
    return NULL;
}

/* --- rows, in the order of show running-config -------------------------- */

const struct cli_row tty_device_rows[] = {
    {ROW_SET_BY(
         "device {tcp WORD:host <1-65535>:port [telnet]|WORD:device-path}",
         set_device, write_device, "What the line is wired to",
         "A console that is reached over the network",
         "Name or address of the host", "TCP port",
         "It speaks TELNET, with RFC 2217 if it can",
         "Path of the serial port"),
     .check = check_device, .changed = on_changed},
    ROWS_END,
};

const struct cli_row tty_timeout_rows[] = {
    SET("exec-timeout <0-35791>:minutes [<0-2147483>:seconds]!",
        BINDS(BIND_NUMBER(CLI_BASE, exec_timeout_min, 0),
              BIND_NUMBER(CLI_BASE, exec_timeout_s, 0)),
        "Set the EXEC timeout", "Timeout in minutes", "Timeout in seconds"),
    ROWS_END,
};

const struct cli_row tty_rows[] = {
    GROUP("login", "Enable password checking"),
    SET_BY("login local", set_login, write_login, "Local password checking"),
    SET_BY("login authentication {default|WORD:list}", line_set_login_list,
           line_write_login_list, "Authentication parameters of this line",
           "Use the default list", "Use a list with this name"),
    SET_BY("authorization reverse-access {default|WORD:list}",
           line_set_reverse_access, line_write_reverse_access,
           "Authorization parameters", "For reverse access connections",
           "Use the default list", "Use a list with this name"),
    SET_BY("accounting connection {default|WORD:list}",
           line_set_connection_records, line_write_connection_records,
           "Accounting parameters", "For connections to this line",
           "Use the default list", "Use a list with this name"),
    SET_BY("access-user LINE:names", set_access_users, write_access_users,
           "Users who may connect to the line", "Names of users"),
    SET_FLAG("share", share, false, "Let others watch who is connected"),
    SET_NUMBER("rotary <0-127>", rotary, 0, "Set line to rotary group",
               "Rotary group to add line to"),
    SET_FLAG("exec", line.exec, true, "Configure EXEC"),
    SET_CHOICE("transport input {all|none|ssh}", transport,
               CONFIG_TRANSPORT_NONE, "Define transport protocols for line",
               "Define which protocols to use when connecting to the "
               "terminal server",
               "All protocols", "No protocols", "TCP/IP SSH protocol"),
    {ROW_SET_FLAG("autohangup", autohangup, false,
                  "Automatically hangup when last connection closes"),
     .changed = on_changed},
    {ROW_SET("databits {5|6|7|8}", BINDS(BIND_NUMBER(CLI_BASE, databits, 8)),
             "Set number of data bits per character",
             "Number of data bits per character",
             "Number of data bits per character",
             "Number of data bits per character",
             "Number of data bits per character"),
     .check = check_databits, .changed = on_changed},
    SET_CHOICE("parity {even|mark|none|odd|space}", parity, CONFIG_PARITY_NONE,
               "Set terminal parity", "Even parity", "Mark parity", "No parity",
               "Odd parity", "Space parity"),
    {ROW_SET_CHOICE("stopbits {1|1.5|2}", stopbits, CONFIG_STOPBITS_2,
                    "Set async line stop bits", "One stop bit",
                    "One and one-half stop bits", "Two stop bits"),
     .check = check_stopbits, .changed = on_changed},
    {ROW_SET_NUMBER("speed <300-4000000>:bits-per-second", speed, 9600,
                    "Set the transmit and receive speeds",
                    "Transmit and receive speeds"),
     .check = check_speed, .changed = on_changed},
    {ROW_SET_CHOICE("flowcontrol {hardware|none|software}", flowcontrol,
                    CONFIG_FLOW_NONE, "Set the flow control",
                    "Set hardware flow control", "Set no flow control",
                    "Set software flow control"),
     .changed = on_changed},
    {ROW_SET_NUMBER("buffer size <4-4096>", buffer_kb, CONFIG_TTY_BUFFER_KB,
                    "What the line keeps of its output",
                    "How much of it, the latest", "Kilobytes"),
     .changed = on_changed},
    {ROW_SET("logging WORD:flash-file [size <64-1048576>] [files <1-99>] "
             "[timestamps]",
             BINDS(BIND_TEXT(CLI_BASE, log_file, NULL),
                   BIND_NUMBER(CLI_BASE, log_kb, CONFIG_TTY_LOG_KB),
                   BIND_NUMBER(CLI_BASE, log_files, CONFIG_TTY_LOG_FILES),
                   BIND_FLAG(CLI_BASE, log_timestamps, false)),
             "Write the line's output to a file",
             "File below flash:", "When the next file begins",
             "Kilobytes of a file", "How many files are kept",
             "Number of files", "Stamp each line with the time"),
     .check = check_log, .changed = on_changed},
    ROWS_END,
};
