/*
 * A server by libssh's own calls:
 *
 *   libssh_server PORT USER PASSWORD AUTHORIZED HOSTKEY... [OPTION=VALUE...]
 *
 * on 127.0.0.1, a process for each connection. USER logs in with PASSWORD, by
 * two questions (the second one's answer is PASSWORD), or with a key of the
 * file AUTHORIZED, as OpenSSH writes it. A shell or a command is /bin/sh's, in
 * the directory where the server was started. OPTION: kex, ciphers, macs,
 * hostkeys (lists of names), methods (of login: p, i, k).
 */
#include <errno.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE 16384

struct guest {
    ssh_session session;
    ssh_channel channel;
    const char *user, *password, *authorized;
    int methods;
    bool logged_in, started, input_over;
    bool pty;
    struct winsize size;
    char terminal[64];
    pid_t program;
    int stream; /* of the program: a socket or its terminal */
    char *held; /* for it, not yet taken */
    size_t held_len;
};

static void
check(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

/* --- logging in ----------------------------------------------------------- */

static bool
is_authorized(const struct guest *g, ssh_key key)
{
    char line[16384], type[64], base64[16384];
    FILE *from = fopen(g->authorized, "r");
    bool found = false;

    while (from != NULL && !found && fgets(line, sizeof(line), from) != NULL) {
        ssh_key known = NULL;

        if (sscanf(line, "%63s %16383s", type, base64) != 2 ||
            ssh_pki_import_pubkey_base64(base64, ssh_key_type_from_name(type),
                                         &known) != SSH_OK)
            continue;
        found = ssh_key_cmp(known, key, SSH_KEY_CMP_PUBLIC) == 0;
        ssh_key_free(known);
    }
    if (from != NULL)
        fclose(from);
    return found;
}

static int
accept_user(struct guest *g, ssh_message m)
{
    g->logged_in = true;
    ssh_message_auth_reply_success(m, 0);
    return 0;
}

static int
on_key(struct guest *g, ssh_message m)
{
    enum ssh_publickey_state_e state = ssh_message_auth_publickey_state(m);

    if (!is_authorized(g, ssh_message_auth_pubkey(m)))
        return 1;
    if (state == SSH_PUBLICKEY_STATE_VALID)
        return accept_user(g, m);
    if (state != SSH_PUBLICKEY_STATE_NONE)
        return 1;
    ssh_message_auth_reply_pk_ok_simple(m);
    return 0;
}

static int
on_questions(struct guest *g, ssh_message m)
{
    const char *prompts[] = {"Colour: ", "Secret: "};
    char echo[] = {1, 0};

    if (!ssh_message_auth_kbdint_is_response(m)) {
        ssh_message_auth_interactive_request(m, "Two factors", "Look up", 2,
                                             prompts, echo);
        return 0;
    }
    if (ssh_userauth_kbdint_getnanswers(g->session) == 2 &&
        strcmp(ssh_userauth_kbdint_getanswer(g->session, 0), "blue") == 0 &&
        strcmp(ssh_userauth_kbdint_getanswer(g->session, 1), g->password) == 0)
        return accept_user(g, m);
    return 1;
}

static int
on_login(struct guest *g, ssh_message m)
{
    const char *user = ssh_message_auth_user(m);

    ssh_message_auth_set_methods(m, g->methods);
    /* Answers to our questions come without a name. */
    if ((user != NULL && strcmp(user, g->user) != 0) ||
        (ssh_message_subtype(m) & g->methods) == 0)
        return 1;
    switch (ssh_message_subtype(m)) {
    case SSH_AUTH_METHOD_PASSWORD:
        return strcmp(ssh_message_auth_password(m), g->password) == 0
                   ? accept_user(g, m)
                   : 1;
    case SSH_AUTH_METHOD_PUBLICKEY:
        return on_key(g, m);
    case SSH_AUTH_METHOD_INTERACTIVE:
        return on_questions(g, m);
    default:
        return 1;
    }
}

/* --- the program ---------------------------------------------------------- */

static void
run(const struct guest *g, const char *command)
{
    if (g->pty)
        setenv("TERM", g->terminal, 1);
    setenv("PS1", "libssh$ ", 1);
    if (command == NULL)
        execl("/bin/sh", "sh", "-i", (char *)NULL);
    else
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static void
start(struct guest *g, const char *command)
{
    int ends[2];

    if (g->pty) {
        g->program = forkpty(&g->stream, NULL, NULL, &g->size);
        check(g->program >= 0, "forkpty");
        if (g->program == 0)
            run(g, command);
    } else {
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
        g->program = fork();
        check(g->program >= 0, "fork");
        if (g->program == 0) {
            dup2(ends[1], 0);
            dup2(ends[1], 1);
            dup2(ends[1], 2);
            close(ends[0]);
            close(ends[1]);
            run(g, command);
        }
        close(ends[1]);
        g->stream = ends[0];
    }
    fcntl(g->stream, F_SETFL, fcntl(g->stream, F_GETFL) | O_NONBLOCK);
    g->started = true;
}

static int
on_terminal(struct guest *g, ssh_message m, bool first)
{
    g->size.ws_col = (unsigned short)ssh_message_channel_request_pty_width(m);
    g->size.ws_row = (unsigned short)ssh_message_channel_request_pty_height(m);
    if (first) {
        g->pty = true;
        snprintf(g->terminal, sizeof(g->terminal), "%s",
                 ssh_message_channel_request_pty_term(m));
    } else if (g->started) {
        ioctl(g->stream, TIOCSWINSZ, &g->size);
    }
    ssh_message_channel_request_reply_success(m);
    return 0;
}

static int
on_request(struct guest *g, ssh_message m)
{
    switch (ssh_message_subtype(m)) {
    case SSH_CHANNEL_REQUEST_PTY:
        return on_terminal(g, m, true);
    case SSH_CHANNEL_REQUEST_WINDOW_CHANGE:
        return on_terminal(g, m, false);
    case SSH_CHANNEL_REQUEST_SHELL:
        start(g, NULL);
        break;
    case SSH_CHANNEL_REQUEST_EXEC:
        start(g, ssh_message_channel_request_command(m));
        break;
    default:
        return 1;
    }
    ssh_message_channel_request_reply_success(m);
    return 0;
}

/* 1: libssh answers with its refusal. */
static int
on_message(ssh_session session, ssh_message m, void *owner)
{
    struct guest *g = owner;

    (void)session;
    switch (ssh_message_type(m)) {
    case SSH_REQUEST_SERVICE:
        ssh_message_service_reply_success(m);
        return 0;
    case SSH_REQUEST_AUTH:
        return g->logged_in ? 1 : on_login(g, m);
    case SSH_REQUEST_CHANNEL_OPEN:
        if (!g->logged_in || g->channel != NULL ||
            ssh_message_subtype(m) != SSH_CHANNEL_SESSION)
            return 1;
        g->channel = ssh_message_channel_request_open_reply_accept(m);
        return 0;
    case SSH_REQUEST_CHANNEL:
        return g->channel == NULL ? 1 : on_request(g, m);
    default:
        return 1;
    }
}

/* --- bytes ---------------------------------------------------------------- */

/* What the user typed, as far as the program takes it. */
static void
feed(struct guest *g)
{
    while (g->held_len > 0) {
        ssize_t done = write(g->stream, g->held, g->held_len);

        if (done <= 0) {
            if (errno != EAGAIN)
                g->held_len = 0;
            return;
        }
        g->held_len -= (size_t)done;
        memmove(g->held, g->held + done, g->held_len);
    }
    if (g->input_over && !g->pty)
        shutdown(g->stream, SHUT_WR);
}

static void
take(struct guest *g)
{
    char piece[PIECE];
    int got;

    while (g->held_len < 4 * PIECE && (got = ssh_channel_read_nonblocking(
                                           g->channel, piece, PIECE, 0)) > 0) {
        g->held = realloc(g->held, g->held_len + (size_t)got);
        memcpy(g->held + g->held_len, piece, (size_t)got);
        g->held_len += (size_t)got;
    }
    g->input_over = ssh_channel_is_eof(g->channel);
    feed(g);
}

/* False: it has ended. */
static bool
show(struct guest *g)
{
    char piece[PIECE];
    ssize_t got = read(g->stream, piece, sizeof(piece));

    if (got < 0 && errno == EAGAIN)
        return true;
    return got > 0 &&
           ssh_channel_write(g->channel, piece, (uint32_t)got) == got;
}

static int
on_output(socket_t fd, int revents, void *owner)
{
    (void)fd;
    (void)revents;
    *(bool *)owner = true;
    return 0;
}

static void
pump(struct guest *g, ssh_event event)
{
    bool readable = false;

    ssh_event_add_fd(event, g->stream, POLLIN, on_output, &readable);
    while (ssh_channel_is_open(g->channel)) {
        if (ssh_event_dopoll(event, g->held_len > 0 ? 5 : 50) == SSH_ERROR)
            break;
        take(g);
        if (readable && !show(g))
            break;
        readable = false;
    }
    ssh_event_remove_fd(event, g->stream);
    close(g->stream);
}

static void
finish(struct guest *g, ssh_event event)
{
    int status = 0;

    waitpid(g->program, &status, 0);
    if (WIFEXITED(status))
        ssh_channel_request_send_exit_status(g->channel, WEXITSTATUS(status));
    else
        ssh_channel_request_send_exit_signal(g->channel, "TERM", 0, "", "");
    ssh_channel_send_eof(g->channel);
    ssh_channel_close(g->channel);
    for (int i = 0; i < 100 && ssh_is_connected(g->session); i++)
        if (ssh_event_dopoll(event, 50) == SSH_ERROR)
            break;
}

static void
serve(struct guest *g)
{
    ssh_event event = ssh_event_new();

    /* First: the client's first request may come with its last key message. */
    ssh_set_auth_methods(g->session, g->methods);
    ssh_set_message_callback(g->session, on_message, g);
    check(ssh_handle_key_exchange(g->session) == SSH_OK,
          ssh_get_error(g->session));
    ssh_event_add_session(event, g->session);
    while (!g->started)
        if (ssh_event_dopoll(event, 60000) != SSH_OK)
            return;
    pump(g, event);
    finish(g, event);
    ssh_disconnect(g->session);
}

/* --- options -------------------------------------------------------------- */

static int
methods_of(const char *letters)
{
    return (strchr(letters, 'p') ? SSH_AUTH_METHOD_PASSWORD : 0) |
           (strchr(letters, 'i') ? SSH_AUTH_METHOD_INTERACTIVE : 0) |
           (strchr(letters, 'k') ? SSH_AUTH_METHOD_PUBLICKEY : 0);
}

static void
set_both(ssh_bind bind, enum ssh_bind_options_e in, enum ssh_bind_options_e out,
         const char *names)
{
    check(ssh_bind_options_set(bind, in, names) == 0 &&
              ssh_bind_options_set(bind, out, names) == 0,
          names);
}

static void
set_option(ssh_bind bind, struct guest *g, char *option)
{
    char *value = strchr(option, '=') + 1;

    value[-1] = '\0';
    if (strcmp(option, "methods") == 0)
        g->methods = methods_of(value);
    else if (strcmp(option, "kex") == 0)
        check(ssh_bind_options_set(bind, SSH_BIND_OPTIONS_KEY_EXCHANGE,
                                   value) == 0,
              value);
    else if (strcmp(option, "hostkeys") == 0)
        check(ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS,
                                   value) == 0,
              value);
    else if (strcmp(option, "ciphers") == 0)
        set_both(bind, SSH_BIND_OPTIONS_CIPHERS_C_S,
                 SSH_BIND_OPTIONS_CIPHERS_S_C, value);
    else if (strcmp(option, "macs") == 0)
        set_both(bind, SSH_BIND_OPTIONS_HMAC_C_S, SSH_BIND_OPTIONS_HMAC_S_C,
                 value);
    else
        exit(2);
}

int
main(int count, char **args)
{
    struct guest guest = {.methods = methods_of("pik")};
    ssh_bind bind = ssh_bind_new();
    bool no = false;

    if (count < 6)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    guest.user = args[2];
    guest.password = args[3];
    guest.authorized = args[4];
    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_BINDADDR, "127.0.0.1");
    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_BINDPORT_STR, args[1]);
    for (int i = 5; i < count; i++)
        if (strchr(args[i], '=') != NULL)
            set_option(bind, &guest, args[i]);
        else
            check(ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HOSTKEY,
                                       args[i]) == 0,
                  args[i]);
    check(ssh_bind_listen(bind) == 0, ssh_get_error(bind));
    for (;;) {
        guest.session = ssh_new();
        if (ssh_bind_accept(bind, guest.session) != SSH_OK)
            return 1;
        if (fork() == 0) {
            ssh_bind_free(bind);
            serve(&guest);
            _exit(0);
        }
        ssh_disconnect(guest.session);
        ssh_free(guest.session);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}
