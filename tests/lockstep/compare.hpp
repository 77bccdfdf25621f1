// One random program under both engines, cut into random budgets.
#pragma once

#include <string>

#include "tests/lockstep/world.hpp"

namespace retrace::test {

// What differs first, with the seed and the step before which it was seen; nothing: equal all the way.
std::string compare_engines(u64 seed, Setting setting, JitEngine::Tuning tuning, u64 steps, CpuModel model = CpuModel::Pentium2,
                            std::span<const u8> program = {}, void (*prepare)(World&, u64 seed) = nullptr);

// Random breakpoints near what the program uses, and now and then TF.
void arm_breakpoints(World& world, u64 seed);

// Small blocks that go on among themselves (flow.hpp), for World.
std::vector<u8> flow_of(u64 seed, Setting setting);
// The same for such a program.
std::string compare_flow(u64 seed, Setting setting, JitEngine::Tuning tuning, u64 steps, CpuModel model = CpuModel::Pentium2);

}  // namespace retrace::test
