#include "vtyssh/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "os/file.h"
#include "vtyssh/keeper.h"
#include "vtyssh/signals.h"
#include "vtyssh/terminal_modes.h"

void
terminal_open(struct terminal *t, int signals_fd)
{
    int of_modes = STDIN_FILENO;

    *t = (struct terminal){.signals_fd = signals_fd, .keeper_fd = -1};
    t->ask_fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    t->has_input = isatty(STDIN_FILENO) != 0;
    if (t->ask_fd < 0 && t->has_input)
        t->ask_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (!t->has_input)
        of_modes = t->ask_fd;
    if (of_modes < 0 || tcgetattr(of_modes, &t->saved) != 0)
        return;
    /* Without a keeper nothing is lost but its help. */
    if (keeper_start(of_modes, &t->saved, &t->keeper_fd) != OK)
        t->keeper_fd = -1;
}

void
terminal_close(struct terminal *t)
{
    terminal_set_back(t);
    if (t->keeper_fd >= 0)
        keeper_dismiss(t->keeper_fd);
    if (t->ask_fd >= 0)
        close(t->ask_fd);
    t->keeper_fd = t->ask_fd = -1;
}

/* --- questions ---------------------------------------------------------- */

/* What the terminal gives: a line, for it is in canonical mode. */
enum waited { WAITED_INPUT, WAITED_AGAIN, WAITED_END };

static enum waited
wait_for_line(struct terminal *t, const struct termios *modes,
              const struct termios *before)
{
    struct pollfd fds[2] = {{.fd = t->ask_fd, .events = POLLIN},
                            {.fd = t->signals_fd, .events = POLLIN}};

    if (poll(fds, 2, -1) < 0)
        return errno == EINTR ? WAITED_AGAIN : WAITED_END;
    if (fds[1].revents == 0)
        return fds[0].revents & (POLLIN | POLLHUP) ? WAITED_INPUT : WAITED_END;
    switch (signals_next(t->signals_fd)) {
    case SIGNAL_END:
        return WAITED_END;
    case SIGNAL_SUSPEND:
        (void)tcsetattr(t->ask_fd, TCSAFLUSH, before);
        signals_stop_self();
        (void)tcsetattr(t->ask_fd, TCSAFLUSH, modes);
        return WAITED_AGAIN;
    default:
        return WAITED_AGAIN;
    }
}

/* Up to the end of the line; what does not fit is read and forgotten. */
static enum err
read_line(struct terminal *t, const struct termios *modes,
          const struct termios *before, struct secret *answer)
{
    enum err err = OK;

    answer->len = 0;
    for (;;) {
        enum waited waited = wait_for_line(t, modes, before);
        size_t room = SECRET_MAX - answer->len;
        uint8_t *to = answer->bytes + answer->len;
        ssize_t got;

        if (waited == WAITED_END)
            return ERR_CLOSED;
        if (waited == WAITED_AGAIN)
            continue;
        if (room == 0) {
            err = ERR_LENGTH;
            answer->len = 0;
            continue;
        }
        got = read(t->ask_fd, to, room);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return ERR_CLOSED;
        answer->len += (size_t)got;
        if (to[got - 1] == '\n') {
            answer->len--;
            return err;
        }
    }
}

enum err
terminal_ask(struct terminal *t, const char *prompt, bool echo,
             struct secret *answer)
{
    struct termios before, modes;
    enum err err;

    if (t->ask_fd < 0 || tcgetattr(t->ask_fd, &before) != 0)
        return ERR_NOT_FOUND;
    modes = before;
    modes.c_lflag |= ICANON | ISIG;
    if (echo)
        modes.c_lflag |= ECHO;
    else
        modes.c_lflag &= (tcflag_t)~ECHO;
    /* Not flushed: a script may type ahead. */
    if (tcsetattr(t->ask_fd, TCSADRAIN, &modes) != 0)
        return ERR_NOT_FOUND;
    (void)!file_write_all(t->ask_fd, span_text(prompt));
    err = read_line(t, &modes, &before, answer);
    if (!echo || err != OK)
        (void)!file_write_all(t->ask_fd, span_text("\n"));
    (void)tcsetattr(t->ask_fd, TCSADRAIN, &before);
    if (err != OK)
        secret_clear(answer);
    return err;
}

/* --- modes and size ----------------------------------------------------- */

void
terminal_set_raw(struct terminal *t)
{
    struct termios raw = t->saved;

    if (!t->has_input)
        return;
    cfmakeraw(&raw);
    t->is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void
terminal_set_back(struct terminal *t)
{
    if (t->is_raw)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
    t->is_raw = false;
}

void
terminal_suspend(struct terminal *t)
{
    bool was_raw = t->is_raw;

    terminal_set_back(t);
    signals_stop_self();
    if (was_raw)
        terminal_set_raw(t);
}

void
terminal_size(const struct terminal *t, uint32_t *columns, uint32_t *rows)
{
    struct winsize size = {0};

    *columns = *rows = 0;
    if (!t->has_input || ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0)
        return;
    *columns = size.ws_col;
    *rows = size.ws_row;
}

void
terminal_put_modes(const struct terminal *t, struct buf *to)
{
    if (t->has_input)
        terminal_modes_put(&t->saved, to);
}
