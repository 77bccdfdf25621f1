// A whole machine for tests, in this process.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/engine/interpreter.hpp"
#include "core/state/visitors.hpp"
#include "devices/board/machine.hpp"
#include "devices/storage/image.hpp"

namespace retrace::test {

struct MachineOptions {
    CpuModel cpu = CpuModel::Max;
    u32 memory_mib = 2;                       // small: tests take many fingerprints
    u64 steps_per_second = 20'000'000;
    std::optional<std::string> floppy;        // image file, read-only
    Interpreter::Tuning tuning{};
};

inline std::unique_ptr<Machine> make_machine(const MachineOptions& options) {
    MachineConfig config;
    config.cpu = options.cpu;
    config.memory_mib = options.memory_mib;
    config.steps_per_second = options.steps_per_second;
    MachineDisks disks;
    if (options.floppy) disks.floppy[0] = open_image(*options.floppy, TakenFor::Floppy, false);
    return std::make_unique<Machine>(config, std::move(disks), MachineHost{},
                                     [tuning = options.tuning](Cpu& cpu) { return std::make_unique<Interpreter>(cpu, tuning); });
}

inline Moment after(const Machine& machine, double seconds) {
    return machine.now() + static_cast<u64>(seconds * static_cast<double>(machine.rate().steps_per_second));
}

}  // namespace retrace::test
