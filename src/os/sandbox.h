/*
 * What each program may do for the rest of its life: seccomp filters (default:
 * the process is killed with SIGSYS), no_new_privs, limits, not dumpable.
 * One function for each program; there is no switch to run without.
 * The only includer of libseccomp.
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/err.h"
#include "base/span.h"

/*
 * For every program, first of all: not dumpable, no core, umask 077, SIGPIPE
 * and SIGXFSZ ignored, no_new_privs. ERR_SYSTEM here and below: the process
 * must end.
 */
MUST_CHECK enum err sandbox_prepare(void);

/*
 * The nursery: what a worker may, and clone, prctl, prlimit64, dup3,
 * close_range, seccomp. Limits: NOFILE 320, CORE 0, AS 256 MiB. Workers
 * inherit all of it.
 */
MUST_CHECK enum err sandbox_nursery(void);
/*
 * In the nursery's child, after its descriptors are in place: NPROC 0, then a
 * short filter that takes away what only the nursery needed: prctl(2), and
 * with it title_set(), is over then. Only a `line` keeps os/tty.h's calls.
 */
MUST_CHECK enum err sandbox_worker(bool line);
/*
 * A probe: what every program may, on the sockets it is handed; no prctl, so
 * after title_set(). Limits: NOFILE 320, NPROC 0, AS 256 MiB.
 */
MUST_CHECK enum err sandbox_probe(void);
/* Keys; no files, no network; clone for the children that make keys. */
MUST_CHECK enum err sandbox_signer(void);
/* A signer's child that makes one key and writes it to one descriptor. */
MUST_CHECK enum err sandbox_key_maker(void);
/*
 * aaa, the instance for local proofs: its pipe and the threads it has already
 * started (the filter is put on each of them); no network.
 */
MUST_CHECK enum err sandbox_aaa_local(void);
/*
 * aaa, the instance that asks servers: its pipe, and sockets of IPv4 and IPv6
 * that it makes itself. Limit: NPROC 0.
 */
MUST_CHECK enum err sandbox_aaa_servers(void);
/*
 * notify: its pipe, and sockets of IPv4 and IPv6 that it makes itself, with
 * what a connection needs to be noticed dead; who comes to a socket that it
 * is handed. Limit: NPROC 0.
 */
MUST_CHECK enum err sandbox_notify(void);
/*
 * vtyssh, when its files are read and its connection is made: what a worker
 * may, and stopping itself.
 */
MUST_CHECK enum err sandbox_vtyssh(void);
/* control: everything it needs, but no ptrace, no bpf, no module loading. */
MUST_CHECK enum err sandbox_control(void);

/*
 * As root: an empty root directory, no supplementary groups, this group, this
 * user, and no way back (checked); a death signal of the parent is kept. Not
 * as root: nothing to do. ERR_REFUSED: root itself was asked for, or a way
 * back is left. ERR_CLOSED: the parent died meanwhile. ERR_SYSTEM.
 */
MUST_CHECK enum err drop_privileges(unsigned uid, unsigned gid);

#endif
