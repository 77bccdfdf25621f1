// What an engine has counted, by name (ExecutionEngine::counters).
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/engine/execution_engine.hpp"

namespace retrace::test {

// Throws if there is no such counter.
inline u64 counter(const ExecutionEngine& engine, std::string_view name) {
    ExecutionEngine::Counter all[ExecutionEngine::most_counters];
    const unsigned count = engine.counters(all);
    for (unsigned n = 0; n < count; ++n)
        if (name == all[n].name) return all[n].value;
    throw std::logic_error("the engine does not count " + std::string{name});
}

}  // namespace retrace::test
