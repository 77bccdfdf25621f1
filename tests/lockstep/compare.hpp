// One random program under both engines, cut into random budgets.
#pragma once

#include <string>

#include "tests/lockstep/world.hpp"

namespace retrace::test {

// What differs first, with the seed and the step before which it was seen; nothing: equal all the way.
std::string compare_engines(u64 seed, Setting setting, JitEngine::Tuning tuning, u64 steps, CpuModel model = CpuModel::Pentium2,
                            std::span<const u8> program = {});

}  // namespace retrace::test
