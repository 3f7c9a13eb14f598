/*
 * Who gets the next place: connections that wait for a worker, and workers
 * that have not logged in yet, counted by source (IPv4 /32, IPv6 /64).
 *
 * A free place goes to the waiting source that holds fewest. A waiting source
 * that holds none takes the place of the oldest one, a second old or more, of
 * the source that holds most; so nobody can lock others out by coming often.
 *
 * No I/O, no clock; the listener acts on what this says.
 */
#ifndef CONTROL_ADMISSION_H
#define CONTROL_ADMISSION_H

#include "base/list.h"
#include "os/net.h"

#define ADMISSION_WAITING_MAX 1024 /* connections that wait */
#define ADMISSION_PLACES_MAX  1024 /* ip ssh maxstartups, at most */
#define ADMISSION_MIN_AGE_MS  1000 /* nobody loses a younger place */

struct admission;
struct source; /* private */
struct session;

enum applicant_state {
    APPLICANT_WAITS,
    APPLICANT_PLACED,
    APPLICANT_LEAVING, /* told to go; the place is not free yet */
};

/* One connection that has not logged in. */
struct applicant {
    struct list node; /* in its source: waiting, or placed */
    struct list age;  /* waiting: among all, in order of arrival */
    struct source *source;
    enum applicant_state state;
    uint64_t accepted_ms, placed_ms;
    struct net_address peer;
    uint32_t rotary;         /* group of the port he came by; 0: none */
    int fd;                  /* while it waits; the listener's to close */
    struct session *session; /* once it has a place */
};

struct admission *admission_new(void);
/* Frees the applicants that are left; their descriptors are not closed. */
void admission_free(struct admission *a);

/*
 * A new connection waits. When the waiting room is full, `*crowded_out` is
 * the one that has to go instead: the newest of the source that has most
 * waiting, which may be the new one itself. It is the caller's to remove.
 */
struct applicant *admission_wait(struct admission *a, int fd,
                                 const struct net_address *peer,
                                 uint64_t now_ms,
                                 struct applicant **crowded_out);

/* Who is next; NULL when nobody waits. Of equals, who came first. */
struct applicant *admission_next(const struct admission *a);
/* The one that has waited longest; NULL when nobody waits. */
struct applicant *admission_oldest(const struct admission *a);

void admission_place(struct admission *a, struct applicant *p, uint64_t now_ms);
/*
 * Whose place is to be taken for a waiting source that has none; it is then
 * LEAVING. NULL: nobody's now; `*again_ms` is when to ask again, UINT64_MAX
 * for never.
 */
struct applicant *admission_victim(struct admission *a, uint64_t now_ms,
                                   uint64_t *again_ms);
/* It logged in, ended, or was turned away: freed. */
void admission_remove(struct admission *a, struct applicant *p);

size_t admission_waiting(const struct admission *a);
/* Places that are held, those of the leaving included. */
size_t admission_places(const struct admission *a);

#endif
