#include "control/router.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "control/aaa_servers.h"
#include "control/access.h"
#include "control/accounting.h"
#include "control/archive.h"
#include "control/children.h"
#include "control/clock.h"
#include "control/collectors.h"
#include "control/config_file.h"
#include "control/config_log.h"
#include "control/console.h"
#include "control/debug.h"
#include "control/files.h"
#include "control/guard.h"
#include "control/helpers.h"
#include "control/identity.h"
#include "control/journal.h"
#include "control/judge.h"
#include "control/keys.h"
#include "control/known_hosts.h"
#include "control/listener.h"
#include "control/load.h"
#include "control/metrics.h"
#include "control/network.h"
#include "control/outgoing.h"
#include "control/probe.h"
#include "control/rates.h"
#include "control/reload.h"
#include "control/replace.h"
#include "control/resolver.h"
#include "control/rollback.h"
#include "control/server_key.h"
#include "control/service.h"
#include "control/sessions.h"
#include "control/setup.h"
#include "control/snmp.h"
#include "control/snmp_users.h"
#include "control/stays.h"
#include "control/storage.h"
#include "control/telemetry.h"
#include "control/tty.h"
#include "control/tty_plans.h"
#include "control/workers.h"
#include "os/priority.h"
#include "os/sandbox.h"

#define CONFIG_TEXT_MAX (16 * 1024 * 1024) /* bytes of startup-config */

uint64_t
router_now_ms(const struct router *r)
{
    return uv_now(&r->loop);
}

/* --- the beginning ------------------------------------------------------ */

void
router_init(struct router *r)
{
    uv_loop_init(&r->loop);
    config_init(&r->config);
    clock_start(r);
    r->identity = identity_new();
    r->load = load_new(r);
    r->reload = reload_new(r);
    r->archive = archive_new(r);
    r->rollback = rollback_new(r);
    r->journal = journal_new(r);
    r->collectors = collectors_new(r);
    r->debug = debug_new(r);
    r->metrics = metrics_new();
    r->sessions = sessions_new(r);
    r->judge = judge_new(r);
    r->aaa_servers = aaa_servers_new(r);
    r->keys = keys_new(r);
    r->server_key = server_key_new(r);
    r->snmp = snmp_new(r);
    r->listener = listener_new(r);
    r->setup = setup_new();
    guard_start(r);
}

/* A line of startup-config that is refused: its number and why. */
static void
on_bad_line(void *owner, unsigned line, const char *text)
{
    struct router *r = owner;
    const char *end = strchr(text, '\n');
    size_t len = end == NULL ? strlen(text) : (size_t)(end - text);
    char why[128];

    text_escape(why, sizeof(why), span_of(text, len));
    journal_message(r, "SYS", LOG_ERROR, "CONFIG_LINE",
                    "startup-config line %u is not understood: %s", line, why);
}

static enum err
load_config(struct router *r)
{
    struct buf text;
    const char *from = "";
    enum err err;

    buf_init_secret(&text, CONFIG_TEXT_MAX);
    err = storage_read_config(r->storage, &text, &from);
    snmp_users_open(r, storage_fd(r->storage));
    r->network = network_new();
    if (err == OK)
        cli_load(r->language, &r->config, buf_span(&text), on_bad_line, r);
    network_settle(r);
    network_loaded(r);
    buf_clear(&text);
    r->config_changed = false;
    return err;
}

/* One line for what stops a start. */
static enum err
step(struct router *r, const char *what, enum err err)
{
    if (err != OK)
        journal_message(r, "SYS", LOG_ALERT, "START",
                        "The router cannot start: %s: %s", what,
                        err == ERR_SYSTEM ? strerror(errno) : err_text(err));
    return err;
}

enum err
router_start(struct router *r)
{
    enum err err = step(r, "sandbox", sandbox_control());

    service_raise_limits();
    priority_prompt(); /* and so are all whom we start */
    if (err == OK)
        err = step(r, "signals", service_start(r));
    if (err == OK)
        err = step(r, "children", children_start(r));
    if (err == OK)
        err = step(r, "state directory", storage_open(r, &r->storage));
    if (err == OK)
        err = step(r, "configuration", load_config(r));
    if (err == OK) {
        files_open(r, storage_fd(r->storage));
        known_hosts_open(r, storage_fd(r->storage));
    }
    if (err == OK)
        err = step(r, "helpers", helpers_start(r));
    if (err == OK) {
        aaa_servers_changed(r, &r->config);
        collectors_changed(r, &r->config);
    }
    if (err == OK)
        snmp_changed(r, &r->config);
    if (err == OK)
        err = step(r, "nursery", workers_start(r));
    if (err != OK)
        return err;
    restart_begin(r);
    identity_log_restart(r);
    keys_load(r);
    listener_update(r);
    telemetry_update(r);
    tty_plans_start(r);
    return step(r, "console", console_start(r));
}

void
router_run(struct router *r)
{
    service_begin(r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
}

/* --- the end ------------------------------------------------------------ */

/* Nobody is here any more; what he did is recorded, and told. */
static void
stop(struct router *r)
{
    uv_stop(&r->loop);
}

static void
tell_managers(struct router *r)
{
    snmp_finish(r, stop);
}

void
router_end(struct router *r, int status)
{
    if (r->ending)
        return;
    r->ending = true;
    r->status = status;
    service_notify("STOPPING=1");
    listener_stop(r);
    console_stop(r);
    LIST_EACH(node, sessions_all(r))
    {
        session_disconnect(LIST_ITEM(node, struct session, node),
                           CAUSE_SHUTDOWN, SSH_REASON_BY_APPLICATION,
                           "The router is ending");
    }
    if (list_empty(sessions_all(r)))
        accounting_finish(r, tell_managers);
}

void
router_session_ended(struct router *r)
{
    if (r->ending && list_empty(sessions_all(r)))
        accounting_finish(r, tell_managers);
}

void
router_clear(struct router *r)
{
    r->ending = true;
    replace_stop(r);
    rollback_free(r->rollback);
    r->rollback = NULL;
    archive_free(r->archive);
    r->archive = NULL;
    rates_free(r);
    config_files_clear(r);
    files_close(r);
    known_hosts_close(r);
    restart_finish(r);
    snmp_users_close(r);
    storage_close(r->storage);
    r->storage = NULL;
    console_free(r);
    listener_free(r->listener);
    r->listener = NULL;
    outgoings_stop(r);
    ttys_stop(r);
    workers_stop(r);
    stays_stop(r);
    collectors_free(r->collectors);
    r->collectors = NULL;
    resolver_stop(r);
    probes_stop(r);
    guard_stop(r);
    accounting_stop(r);
    telemetry_stop(r);
    helpers_stop(r);
    judge_free(r->judge);
    r->judge = NULL;
    aaa_servers_free(r->aaa_servers);
    r->aaa_servers = NULL;
    snmp_free(r->snmp);
    r->snmp = NULL;
    keys_free(r->keys);
    server_key_free(r->server_key);
    r->keys = NULL;
    children_stop(r);
    service_stop(r);
    reload_free(r->reload);
    r->reload = NULL;
    load_free(r->load);
    access_free(r);
    r->load = NULL;
    debug_free(r->debug);
    r->debug = NULL;
    config_log_free(r);
    journal_free(r->journal);
    r->journal = NULL;
    /* Everything that was closed is freed by the loop's last turns. */
    uv_run(&r->loop, UV_RUN_DEFAULT);
    sessions_free(r->sessions);
    r->sessions = NULL;
    setup_free(r->setup);
    r->setup = NULL;
    network_free(r->network);
    r->network = NULL;
    uv_loop_close(&r->loop);
    config_clear(&r->config);
    identity_free(r->identity);
    r->identity = NULL;
    metrics_free(r->metrics);
    r->metrics = NULL;
}
