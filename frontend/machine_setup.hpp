// From what the user asked for to a machine: configuration, disks by content, connections.
#pragma once

#include <string>

#include "devices/board/machine.hpp"
#include "frontend/options.hpp"

namespace retrace {

struct MachineSetup {
    MachineConfig config;
    MachineDisks disks;
    std::string guest;  // for titles: the name of what is run
};

// Opens what the options name. Throws UsageError (a file that is not there or is nothing we can run) or HostError.
MachineSetup set_up_machine(const Options& options);

// Seconds since 1970 of an ISO 8601 date and time without zone ("2000-01-01T12:00:00", "2000-01-01"); "now" is the host's local time.
// Throws UsageError.
i64 parse_start_of_time(const std::string& text);

}  // namespace retrace
