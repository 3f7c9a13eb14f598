/*
 * `show version`, `show inventory`: what the router tells about itself.
 */
#include "commands/rows.h"
#include "control/clock.h"
#include "control/command.h"
#include "control/identity.h"

#define HEAD_MAX 1024

/*
 * The meaning of 0x2102 is what the router does: the system is booted from
 * its file, startup-config is read. There is no other register to choose.
 */
#define REGISTER "0x2102"

static const char *
or_unknown(const char *text)
{
    return text[0] == '\0' ? "unknown" : text;
}

/* --- show version ------------------------------------------------------- */

static void
show_head(struct command *cmd)
{
    struct buf head;

    buf_init(&head, HEAD_MAX);
    identity_put_head(cmd->router, &head);
    out_span(cmd, buf_span(&head));
    buf_clear(&head);
    /* What started us: Linux. */
    out_line(cmd, "\nROM: Linux %s\n", cmd->router->identity->machine.kernel);
}

static void
show_run(struct command *cmd)
{
    const struct restart *restart = &cmd->router->restart;
    uint64_t up_s = clock_uptime_s(cmd->router);
    char text[CLOCK_TEXT_MAX];

    clock_uptime_words(up_s, text);
    out_line(cmd, "%s uptime is %s", cmd->config->hostname, text);
    out_line(cmd, "System returned to ROM by %s", restart->how);
    clock_text(cmd->config, (uint64_t)time(NULL) - up_s, CLOCK_DATE, text);
    out_line(cmd, "System restarted at %s", text);
    /* IOS on Unix names its file so. */
    if (cmd->router->identity->image[0] != '\0')
        out_line(cmd, "System image file is \"unix:%s\"",
                 cmd->router->identity->image);
    out_line(cmd, "Last reload reason: %s\n", restart->reason);
}

/*
 * The name of a processor without its "(R)" and "(TM)": those who parse the
 * line take the first closing bracket for the end of the name.
 */
static void
processor_name(const char *name, char text[MACHINE_TEXT_MAX])
{
    size_t length = 0;
    unsigned depth = 0;

    for (; *name != '\0' && length + 1 < MACHINE_TEXT_MAX; name++) {
        if (*name == '(')
            depth++;
        else if (*name == ')')
            depth -= depth > 0;
        else if (depth == 0)
            text[length++] = *name;
    }
    text[length] = '\0';
}

static void
show_machine(struct command *cmd)
{
    const struct machine *machine = &cmd->router->identity->machine;
    struct machine_memory memory;
    char model[MACHINE_TEXT_MAX], processor[MACHINE_TEXT_MAX];

    identity_model(cmd->router, model);
    processor_name(machine->cpu, processor);
    out(cmd, "%s%s (%s) processor",
        cmd->config->show_version_ios ? "Cisco " : "", model,
        or_unknown(processor));
    if (machine->cpu_revision >= 0)
        out(cmd, " (revision 0x%lx)", (unsigned long)machine->cpu_revision);
    if (machine_memory_read("", &memory) == OK)
        out(cmd, " with %lluK/%lluK bytes of memory.",
            (unsigned long long)memory.total / 1024,
            (unsigned long long)memory.swap / 1024);
    out(cmd, "\nProcessor board ID %s\n\n", or_unknown(machine->serial));
}

static void
show_links(struct command *cmd)
{
    static const char *const names[MACHINE_LINKS] = {
        [MACHINE_LINK_ETHERNET] = "Ethernet",
        [MACHINE_LINK_WIRELESS] = "Wireless",
        [MACHINE_LINK_VIRTUAL] = "Virtual Ethernet",
        [MACHINE_LINK_LOOPBACK] = "Loopback",
        [MACHINE_LINK_OTHER] = "other",
    };
    unsigned counts[MACHINE_LINKS];

    machine_links_count("", counts);
    for (unsigned i = 0; i < MACHINE_LINKS; i++)
        if (counts[i] > 0)
            out_line(cmd, "%u %s interface%s", counts[i], names[i],
                     counts[i] == 1 ? "" : "s");
}

static void
show_version(struct command *cmd)
{
    show_head(cmd);
    show_run(cmd);
    show_machine(cmd);
    show_links(cmd);
    out_line(cmd, "\nConfiguration register is " REGISTER "\n");
}

/* --- show inventory ----------------------------------------------------- */

static void
show_inventory(struct command *cmd)
{
    const struct machine *machine = &cmd->router->identity->machine;
    char model[MACHINE_TEXT_MAX];

    identity_model(cmd->router, model);
    out_line(cmd, "NAME: \"Chassis\", DESCR: \"%s%s%s\"", machine->vendor,
             machine->vendor[0] == '\0' ? "" : " ",
             machine->product[0] == '\0' ? model : machine->product);
    out_line(cmd, "PID: %-18s, VID: %-5s, SN: %s\n", model,
             or_unknown(machine->version), or_unknown(machine->serial));
}

const struct cli_row version_rows[] = {
    SHOW("show version", 1, show_version,
         "System hardware and software status"),
    SHOW("show inventory", 1, show_inventory, "Show the physical inventory"),
    ROWS_END,
};
