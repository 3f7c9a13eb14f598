/*
 * `telemetry prometheus`: a page of numbers for programs. The word is ours.
 */
#include "control/telemetry.h"
#include "commands/rows.h"

static void
telemetry_changed(const struct cli_change *change)
{
    telemetry_update(change->owner);
}

const struct cli_row telemetry_rows[] = {
    GROUP("telemetry", "Numbers for programs"),
    {ROW_SET_NUMBER("telemetry prometheus <1-65535>", telemetry_port, 0,
                    "Serve a page in the text format of Prometheus",
                    "TCP port, on 127.0.0.1 and ::1 only"),
     .changed = telemetry_changed},
    ROWS_END,
};
