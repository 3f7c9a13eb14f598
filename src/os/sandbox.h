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
 * ignored, no_new_privs. As root, `empty_root`: chroot into an empty place
 * and give up the root user for uid/gid (checked that there is no way back).
 */
MUST_CHECK enum err sandbox_prepare(void);

/*
 * The nursery: what a worker may, and clone, prctl, prlimit64, dup3,
 * close_range, seccomp. Workers inherit it.
 */
MUST_CHECK enum err sandbox_nursery(void);
/*
 * In the child, after its descriptors are in place: limits (NOFILE 64,
 * NPROC 0, CORE 0, AS 256 MiB), then a short filter that takes away what only
 * the nursery needed.
 */
MUST_CHECK enum err sandbox_worker(void);
/* Keys; no files, no network; clone for the children that make keys. */
MUST_CHECK enum err sandbox_signer(void);
/* A signer's child that makes one key and writes it to one descriptor. */
MUST_CHECK enum err sandbox_key_maker(void);
/* aaa, the instance for local proofs: threads, its pipe; no network. */
MUST_CHECK enum err sandbox_aaa_local(void);
/* control: everything it needs, but no ptrace, no bpf, no module loading. */
MUST_CHECK enum err sandbox_control(void);

/*
 * As root: an empty root directory, no supplementary groups, this group, this
 * user, and no way back (checked). Not as root: nothing to do.
 */
MUST_CHECK enum err drop_privileges(unsigned uid, unsigned gid);

#endif
