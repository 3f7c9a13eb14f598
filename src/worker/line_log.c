/*
 * The log of a line: what the device sends, byte for byte or each line behind
 * the time of its first byte, in a file that control has opened. While control
 * opens the next one the ring keeps what comes.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "os/file.h"
#include "worker/line_parts.h"

#define LOG_PIECE 4096                  /* bytes written at once */
#define LOG_CHECK (UINT64_C(256) << 10) /* bytes between looks at the disk */
#define LOG_SPARE (UINT64_C(2) << 20)   /* of the disk that stay free */
#define NEXT_MS   5000                  /* for control to open the next one */
#define STAMP_MAX 32
#define DAY_S     86400

void
log_open(struct line *l, int fd, uint64_t room)
{
    struct line_log *log = &l->log;

    if (log->fd >= 0)
        close(log->fd);
    /* A first one begins with what comes from now on. */
    if (!log->wanted)
        log->at = l->ring.end;
    log->fd = fd;
    log->wanted = fd >= 0;
    log->room = room;
    log->checked = 0;
    log->in_line = false;
}

/* It waits for the next one. */
static void
full(struct line *l, int error)
{
    struct message m = {.type = MSG_LINE_LOG_FULL};

    close(l->log.fd);
    l->log.fd = -1;
    /* A failure takes longer than anything should wait. */
    l->log.next_by_ms = error == 0 ? l->now_ms + NEXT_MS : 0;
    m.line_log_full.error = (uint32_t)error;
    uplink_send(l->up, &m);
}

/* --- time ----------------------------------------------------------------- */

/* Days since 1970-01-01 to a date of the Gregorian calendar, in years that
   begin with March. */
static void
date_of(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    uint64_t since = days + 719468; /* days from 0000-03-01 */
    uint64_t era = since / 146097, in_era = since % 146097;
    uint64_t of_era =
        (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    uint64_t in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    uint64_t from_march = (5 * in_year + 2) / 153;

    *day = (unsigned)(in_year - (153 * from_march + 2) / 5 + 1);
    *month = (unsigned)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year = (unsigned)(era * 400 + of_era + (*month <= 2 ? 1 : 0));
}

/* UTC; a time zone is a file that cannot be opened here. */
static void
put_stamp(struct buf *to)
{
    unsigned year, month, day, second;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    date_of((uint64_t)now.tv_sec / DAY_S, &year, &month, &day);
    second = (unsigned)((uint64_t)now.tv_sec % DAY_S);
    buf_printf(to, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ ", year, month, day,
               second / 3600, second / 60 % 60, second % 60,
               (unsigned)(now.tv_nsec / 1000000));
}

/* --- writing -------------------------------------------------------------- */

static void
put_stamped(struct line *l, struct span bytes, struct buf *to)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (!l->log.in_line)
            put_stamp(to);
        buf_put_u8(to, bytes.ptr[i]);
        l->log.in_line = bytes.ptr[i] != '\n';
    }
}

/* False: the disk is full, or as good as. */
static bool
has_room(struct line_log *log, size_t len)
{
    struct statfs disk;

    if (log->checked >= len) {
        log->checked -= len;
        return true;
    }
    if (fstatfs(log->fd, &disk) != 0)
        return false;
    if ((uint64_t)disk.f_bavail * (uint64_t)disk.f_bsize < LOG_SPARE) {
        errno = ENOSPC;
        return false;
    }
    log->checked = LOG_CHECK;
    return true;
}

static void
skip_lost(struct line *l, struct buf *to)
{
    struct line_log *log = &l->log;
    uint64_t lost;

    if (log->at >= l->ring.first)
        return;
    lost = l->ring.first - log->at;
    l->lost += lost;
    log->at = l->ring.first;
    buf_printf(to, "\r\n[%llu bytes lost]\r\n", (unsigned long long)lost);
}

static void
write_piece(struct line *l)
{
    struct line_log *log = &l->log;
    struct span piece;
    struct buf text;

    buf_init(&text, LOG_PIECE * (STAMP_MAX + 1) + LOG_PIECE);
    skip_lost(l, &text);
    piece = ring_read(&l->ring, log->at);
    if (piece.len > LOG_PIECE)
        piece.len = LOG_PIECE;
    if (piece.len > log->room)
        piece.len = (size_t)log->room;
    if (l->timestamps)
        put_stamped(l, piece, &text);
    else
        buf_put_span(&text, piece);
    if (!has_room(log, buf_len(&text)) ||
        file_write_all(log->fd, buf_span(&text)) != OK) {
        full(l, errno);
    } else {
        log->at += piece.len;
        log->room -= buf_len(&text) < log->room ? buf_len(&text) : log->room;
        if (log->room == 0)
            full(l, 0);
    }
    buf_clear(&text);
}

bool
log_holds(const struct line *l)
{
    return l->log.wanted && l->log.fd < 0 &&
           l->ring.end - l->log.at > l->ring.size / 2 &&
           l->now_ms < l->log.next_by_ms;
}

void
log_pump(struct line *l)
{
    while (l->log.fd >= 0 && l->log.at < l->ring.end)
        write_piece(l);
}
