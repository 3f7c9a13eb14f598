/*
 * vtyssh: the client as a Unix program. One process: it reads its files and
 * connects, then puts itself behind a filter, then speaks to the far side.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/wiped_memory.h"
#include "os/sandbox.h"
#include "vtyssh/algorithms.h"
#include "vtyssh/connect.h"
#include "vtyssh/login.h"
#include "vtyssh/say.h"
#include "vtyssh/session.h"
#include "vtyssh/signals.h"

#define STATUS_USAGE 2

/* The one context. */
static struct program {
    struct options options;
    char user[OPTIONS_USER_MAX + 1];
    char *home; /* owned; NULL: nobody knows */
    struct stream in, out, error;
    struct terminal terminal;
    struct hosts hosts;
    struct keys keys;
    struct link link;
} program;

/* Nothing of ours may be taken for a standard stream that is closed. */
static bool
fill_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

/* Whose keys and hosts, and under which name to log in. */
static bool
find_user(struct program *p)
{
    const struct passwd *entry = getpwuid(getuid());
    const char *home = getenv("HOME");
    const char *user = p->options.user;

    if (home == NULL || home[0] != '/')
        home = entry == NULL ? NULL : entry->pw_dir;
    p->home = home == NULL ? NULL : text_dup(home);
    if (user == NULL && entry != NULL)
        user = entry->pw_name;
    if (user == NULL || !text_copy(p->user, sizeof(p->user), user)) {
        say("who you are is not known here; say it with -l");
        return false;
    }
    return true;
}

/* What can be done before any byte of a stranger is read. */
static bool
prepare(struct program *p)
{
    int signals_fd;

    stream_open(&p->in, STDIN_FILENO);
    stream_open(&p->out, STDOUT_FILENO);
    stream_open(&p->error, STDERR_FILENO);
    if (sandbox_prepare() != OK || signals_open(&signals_fd) != OK) {
        say("%s", strerror(errno));
        return false;
    }
    terminal_open(&p->terminal, signals_fd);
    if (wiped_memory_begin() != OK || crypto_warm_up() != OK) {
        say("libcrypto lacks an algorithm");
        return false;
    }
    hosts_open(&p->hosts, p->home, p->options.host, p->options.port,
               p->terminal.ask_fd >= 0);
    keys_open(&p->keys, &p->options, p->home, getenv("SSH_AUTH_SOCK"),
              &p->terminal);
    return true;
}

static const char *
list_text(struct buf *list, void (*put)(struct buf *to), const char *only)
{
    buf_init(list, ALGORITHMS_MAX);
    if (only != NULL)
        buf_printf(list, "%s", only);
    else
        put(list);
    return buf_text(list);
}

/* A host that is known with version 2 is not tried with 1 unless -v says so. */
static bool
choose_versions(struct program *p)
{
    if (p->options.version_named || !hosts_know_version_2(&p->hosts))
        return true;
    p->hosts.refuses_version_1 = true;
    p->options.versions &= ~SSH_VERSION_1;
    if (p->options.versions == 0)
        hosts_say_downgrade(&p->hosts);
    return p->options.versions != 0;
}

static void
open_link(struct program *p, int fd)
{
    bool is_interactive = session_wants_terminal(&p->options, &p->terminal);
    struct buf kex, host_keys, ciphers, macs, known;
    struct ssh_setup setup = {
        .role = SSH_CLIENT,
        .software = "vtyssh_" VTYD_VERSION,
        .kex = list_text(&kex, algorithms_put_kex, NULL),
        .ciphers =
            list_text(&ciphers, algorithms_put_ciphers, p->options.cipher),
        .macs = list_text(&macs, algorithms_put_macs, p->options.mac),
        .versions = p->options.versions,
        .v1_ciphers =
            p->options.v1_cipher != NULL ? p->options.v1_cipher : "3des,des",
        .window = is_interactive ? 0 : SSH_CHANNEL_WINDOW,
    };

    buf_init(&known, KNOWN_TYPES_MAX);
    buf_init(&host_keys, ALGORITHMS_MAX);
    hosts_put_key_types(&p->hosts, &known);
    algorithms_put_host_keys(buf_span(&known), &host_keys);
    setup.host_key_algorithms = buf_text(&host_keys);
    link_open(&p->link, fd, &setup);
    buf_clear(&kex);
    buf_clear(&host_keys);
    buf_clear(&ciphers);
    buf_clear(&macs);
    buf_clear(&known);
}

/* The program's exit status. */
static int
talk(struct program *p)
{
    const struct login_parts login = {
        .link = &p->link,
        .hosts = &p->hosts,
        .keys = &p->keys,
        .terminal = &p->terminal,
        .options = &p->options,
        .user = p->user,
    };
    const struct session_parts session = {
        .link = &p->link,
        .terminal = &p->terminal,
        .options = &p->options,
        .in = &p->in,
        .out = &p->out,
        .error = &p->error,
    };

    if (login_run(&login) != OK)
        return STATUS_FAILED;
    /* What was needed for the login alone is not kept for the session. */
    keys_close(&p->keys);
    hosts_close(&p->hosts);
    return session_run(&session);
}

static int
run(struct program *p)
{
    int fd;

    if (!choose_versions(p))
        return STATUS_FAILED;
    if (connect_to(p->options.host, p->options.port, p->terminal.signals_fd,
                   &fd, p->hosts.address) != OK)
        return STATUS_FAILED;
    open_link(p, fd);
    if (sandbox_vtyssh() != OK) {
        say("the sandbox cannot be entered: %s", strerror(errno));
        return STATUS_FAILED;
    }
    return talk(p);
}

int
main(int argc, char **argv)
{
    struct program *p = &program;
    int status = STATUS_FAILED;

    if (!fill_standard_streams())
        return STATUS_FAILED;
    if (options_parse(argc, argv, &p->options) != OK)
        return STATUS_USAGE;
    if (p->options.action == ACTION_HELP) {
        options_print_help();
        return 0;
    }
    if (p->options.action == ACTION_VERSION) {
        options_print_version();
        return 0;
    }
    p->link.fd = -1;
    if (find_user(p) && prepare(p)) {
        status = run(p);
        keys_close(&p->keys);
        hosts_close(&p->hosts);
        if (p->link.ssh != NULL)
            link_close(&p->link);
        terminal_close(&p->terminal);
    }
    options_clear(&p->options);
    free(p->home);
    return status;
}
