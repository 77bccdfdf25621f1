// The counters of --stats, as JSON.
#pragma once

#include <string>

#include "devices/board/machine.hpp"

namespace retrace {

std::string statistics_json(Machine& machine, double wall_seconds, int exit_code);

}  // namespace retrace
