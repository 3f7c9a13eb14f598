#include "os/huge_text.h"

#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t)2 << 20)
#define WORTH_IT  (HUGE_PAGE / 4) /* bytes; less is not given a huge page */

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1, younger than the C library */
#endif

static size_t
round_up(size_t len, size_t to)
{
    return (len + to - 1) / to * to;
}

/*
 * Room at a multiple of the huge page; the rest of what had to be taken to
 * find it is given back. NULL: no memory.
 */
static uint8_t *
aligned_room(size_t room)
{
    uint8_t *all = mmap(NULL, room + HUGE_PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t before;

    if (all == MAP_FAILED)
        return NULL;
    before = round_up((uintptr_t)all, HUGE_PAGE) - (uintptr_t)all;
    if (before > 0)
        munmap(all, before);
    munmap(all + before + room, HUGE_PAGE - before);
    return all + before;
}

/*
 * The addresses from the end of a segment to the end of its last huge page
 * become ours, if nothing else lies there.
 */
static bool
reserve(uint8_t *from, size_t len)
{
    return len == 0 || mmap(from, len, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
                            -1, 0) == from;
}

static bool
make_huge(uint8_t *start, size_t len, int protection)
{
    size_t mapped = round_up(len, (size_t)sysconf(_SC_PAGESIZE));
    size_t room = round_up(len, HUGE_PAGE);
    uint8_t *copy;

    if (!reserve(start + mapped, room - mapped))
        return false;
    copy = aligned_room(room);
    if (copy != NULL) {
        /* Huge at the first touch, or collapsed behind the last. */
        (void)madvise(copy, room, MADV_HUGEPAGE);
        memcpy(copy, start, len);
        if (madvise(copy, room, MADV_COLLAPSE) == 0 &&
            mprotect(copy, room, protection) == 0 &&
            /* In one step, under the feet of this very function. */
            mremap(copy, room, room, MREMAP_MAYMOVE | MREMAP_FIXED, start) ==
                start)
            return true;
        munmap(copy, room);
    }
    if (room > mapped)
        munmap(start + mapped, room - mapped);
    return false;
}

static bool
is_candidate(const ElfW(Phdr) * segment)
{
    return segment->p_type == PT_LOAD && (segment->p_flags & PF_W) == 0 &&
           segment->p_vaddr % HUGE_PAGE == 0 && segment->p_align >= HUGE_PAGE &&
           segment->p_memsz >= WORTH_IT;
}

struct outcome {
    size_t made, left; /* segments */
};

/* The program itself comes first, and is all that is looked at. */
static int
visit_program(struct dl_phdr_info *program, size_t size, void *result)
{
    struct outcome *outcome = result;

    (void)size;
    for (size_t i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        uintptr_t start = program->dlpi_addr + segment->p_vaddr;
        int protection =
            PROT_READ | ((segment->p_flags & PF_X) ? PROT_EXEC : 0);

        if (!is_candidate(segment))
            continue;
        if (start % HUGE_PAGE == 0 &&
            make_huge((uint8_t *)start, segment->p_memsz, protection))
            outcome->made++;
        else
            outcome->left++;
    }
    return 1;
}

bool
huge_text(void)
{
    struct outcome outcome = {0, 0};

    dl_iterate_phdr(visit_program, &outcome);
    return outcome.made > 0 && outcome.left == 0;
}
