// The ways in which the JIT can be tuned, each alone: what law 1 is tested with.
#pragma once

#include <array>

#include "jit/jit_engine.hpp"

namespace retrace::test {

constexpr std::size_t small_cache = 1 << 10;   // overflows after some blocks

struct NamedTuning {
    const char* name;
    JitEngine::Tuning tuning;
};

// Everything is translated at the first execution; then each switch of JitEngine::Tuning turned, alone.
inline constexpr std::array single_tunings{
    NamedTuning{"all on", {.threshold = 0}},
    NamedTuning{"everything is called", {.threshold = 0, .emit = false}},
    NamedTuning{"every access checked for itself", {.threshold = 0, .spans = false}},
    NamedTuning{"windows at once", {.threshold = 0, .window_after = 0}},
    NamedTuning{"windows soon, and given up at the first miss", {.threshold = 0, .window_after = 60, .window_turns = 1, .window_misses = 1}},
    NamedTuning{"windows that are soon closed", {.threshold = 0, .window_after = 20, .window_event = 30, .window_loan = 3}},
    NamedTuning{"no recipes", {.threshold = 0, .recipes = false}},
    NamedTuning{"blocks of one trace", {.threshold = 0, .extend = false}},
    NamedTuning{"what crosses pages is interpreted", {.threshold = 0, .crossing = false}},
    NamedTuning{"no links", {.threshold = 0, .link = false}},
    NamedTuning{"stores beside code are called", {.threshold = 0, .beside = false}},
    NamedTuning{"faults are delivered outside", {.threshold = 0, .deliveries = false}},
    NamedTuning{"loads of segment registers are called", {.threshold = 0, .reloads = false}},
    NamedTuning{"functions of the x87 are called", {.threshold = 0, .functions = false}},
    NamedTuning{"a host with SSE2 only", {.threshold = 0, .extensions = false}},
    NamedTuning{"a small code cache", {.threshold = 0, .cache_bytes = small_cache}},
    NamedTuning{"no block outlives the next", {.threshold = 0, .cache_bytes = 0}},
    NamedTuning{"short traces", {.threshold = 0, .trace_length = 3}},
    NamedTuning{"single instructions", {.threshold = 0, .trace_length = 1}},
    NamedTuning{"copied, and translated late", {.threshold = 200, .copy_after = 1, .copy_least = 1}},
    NamedTuning{"copied, never translated", {.threshold = 60'000, .copy_after = 0, .copy_least = 1}},
    NamedTuning{"no copies", {.threshold = 30, .copies = false}},
    NamedTuning{"translated after some executions", {.threshold = 4}},
    NamedTuning{"translated earlier later on", {.threshold = 8, .later_threshold = 2, .later = 500}},
};

}  // namespace retrace::test
