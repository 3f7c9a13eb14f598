/*
 * Serial lines: opened without touching their modem lines more than Linux does
 * by itself, taken against everybody else, set, and broken. A terminal of
 * another kind (/dev/pts/N) will do.
 */
#ifndef OS_TTY_H
#define OS_TTY_H

#include "base/err.h"
#include "base/span.h"
#include "os/controlled.h"

#define TTY_LOCK_MAX   96
#define TTY_HOLDER_MAX 64
#define TTY_STOPBITS_1 2 /* stop bits are counted in halves */

enum tty_parity {
    TTY_PARITY_NONE = 0,
    TTY_PARITY_ODD = 1,
    TTY_PARITY_EVEN = 2,
    TTY_PARITY_MARK = 3,
    TTY_PARITY_SPACE = 4,
};

enum tty_flow {
    TTY_FLOW_NONE = 0,
    TTY_FLOW_SOFTWARE = 1,
    TTY_FLOW_HARDWARE = 2,
};

struct tty_settings {
    uint32_t speed; /* bits a second, any number */
    uint8_t databits;
    uint8_t parity;   /* enum tty_parity */
    uint8_t stopbits; /* in halves: 2, 3, 4; 3 with five data bits only */
    uint8_t flow;     /* enum tty_flow */
    bool hang_up;     /* DTR falls with the last close */
};

/* One that is open, and what keeps others away from it. */
struct tty_port {
    int fd; /* -1: none */
    /* What it sends waits in it while nobody reads, without flow control, too:
       a pseudo-terminal. */
    bool held;
    char lock[TTY_LOCK_MAX]; /* the file that says so to others; "": none */
};

/*
 * Open `path` (a link is followed), raw, non-blocking, close-on-exec, and set
 * it. Opening may wait for a device that is being removed: for a thread.
 * ERR_NOT_FOUND: it is not there, or has no device behind it. ERR_REFUSED: it
 * is no terminal. ERR_BUSY: somebody has it: `holder` says who, as far as that
 * can be known. ERR_SYSTEM.
 */
MUST_CHECK enum err tty_port_open(const char *path,
                                  const struct tty_settings *settings,
                                  struct controlled *controlled,
                                  struct tty_port *port,
                                  char holder[TTY_HOLDER_MAX]);
/* Let others have it. Closing may wait for what the device still takes: for a
   thread. One that is closed already is passed over. */
void tty_port_close(struct tty_port *port);

/* Without opening it anew; what is on its way is not lost. ERR_SYSTEM. */
MUST_CHECK enum err tty_port_set(int fd, const struct tty_settings *settings);
/* Bytes that the device has not sent yet; 0 if that cannot be known. */
unsigned tty_port_unsent(int fd);
/* Forget those. */
void tty_port_forget_unsent(int fd);
/*
 * Begin or end a break. Beginning waits until all is sent: see
 * tty_port_unsent(). ERR_SYSTEM: ENOTTY, a pseudo-terminal has none.
 */
MUST_CHECK enum err tty_port_break(int fd, bool on);
/*
 * What the driver has counted since it was loaded: bytes with a wrong stop or
 * parity bit, and those that it, or the kernel behind it, had no room for. All
 * 0 where nothing of that kind can be: a pseudo-terminal.
 */
struct tty_errors {
    uint32_t noise, hardware, software;
};
struct tty_errors tty_port_errors(int fd);
/* DTR up or down. ERR_SYSTEM: likewise. */
MUST_CHECK enum err tty_port_ready(int fd, bool on);

#endif
