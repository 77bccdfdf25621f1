// MachineConfig: which machine, as plain data; MachineHost: the outside, as interfaces.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/isa/model.hpp"
#include "devices/boot/boot_payload.hpp"
#include "devices/host/audio.hpp"
#include "devices/host/serial_port.hpp"

namespace retrace {

struct MachineConfig {
    CpuModel cpu = CpuModel::Max;
    u64 steps_per_second = name_of(CpuModel::Max).steps_per_second;
    u32 memory_mib = 64;              // 1 to 3072
    i64 start_of_time = 946'728'000;  // what the clock shows at power-on, as seconds since 1970-01-01T00:00:00; 2000-01-01T12:00:00
    std::string boot;                 // letters a c d; "" is disk type by what there is: a, then c
    std::vector<u8> bios, vgabios;    // other firmware; empty is the built-in one
    std::vector<u8> rom;              // in place of all firmware, if there is one
    BootPayload kernel;               // booted directly, if there is one
    std::optional<u16> debugcon_port, debug_exit_port;
};

// What a machine wants from outside. Null and empty ones are not connected.
struct MachineHost {
    AudioSink* audio = nullptr;
    std::array<SerialPort*, 4> serial{};
    SerialPort* printer = nullptr;
    std::function<void(u8)> debug_console;
};

}  // namespace retrace
