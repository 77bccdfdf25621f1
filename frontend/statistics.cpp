#include "frontend/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace retrace {

std::string statistics_json(Machine& machine, double wall_seconds, int exit_code) {
    const double virtual_seconds = static_cast<double>(machine.now().step) / static_cast<double>(machine.rate().steps_per_second);
    std::string out = "{\n";
    out += fmt::format("  \"steps\": {},\n  \"digest\": \"{:016x}\",\n", machine.now().step, machine.digest());
    ExecutionEngine::Counter counters[ExecutionEngine::most_counters];
    const unsigned count = machine.engine().counters(counters);
    for (unsigned i = 0; i < count; ++i) {
        std::string name = counters[i].name;
        std::ranges::replace(name, ' ', '_');
        if (name != "steps") out += fmt::format("  \"{}\": {},\n", name, counters[i].value);
    }
    out += fmt::format("  \"wall_seconds\": {:.6f},\n  \"virtual_seconds\": {:.6f},\n  \"exit_code\": {}\n}}\n", wall_seconds, virtual_seconds, exit_code);
    return out;
}

}  // namespace retrace
