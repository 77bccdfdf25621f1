// A bare processor for tests: RAM, ports, a clock and an interpreter. Code is put in as bytes.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "core/bus/mmio_map.hpp"
#include "core/cpu/cpu.hpp"
#include "core/engine/interpreter.hpp"
#include "core/state/visitors.hpp"

namespace retrace::test {

struct ProcessorBench {
    explicit ProcessorBench(CpuModel model = CpuModel::I486, Interpreter::Tuning tuning = {}, u64 ram = u64{2} << 20)
        : memory{ram, windows}, cpu{memory, ports, scheduler, model}, engine{cpu, tuning} {
        for (const unsigned segment : {0u, 1u, 2u, 3u, 4u, 5u}) cpu.set_real_segment(segment, 0);
        cpu.state.eip = 0x1000;
        cpu.state.gpr[Esp] = 0x8000;
    }

    void put(u32 address, std::span<const u8> bytes) { memory.write({address}, bytes); }
    void put(u32 address, std::initializer_list<int> bytes) {
        std::vector<u8> all;
        for (const int byte : bytes) all.push_back(static_cast<u8>(byte));
        put(address, all);
    }
    void put_word(u32 address, u16 value) { put(address, {value & 0xff, value >> 8}); }
    [[nodiscard]] u8 byte(u32 address) { return static_cast<u8>(memory.read({address}, 1)); }
    [[nodiscard]] u16 word(u32 address) { return static_cast<u16>(memory.read({address & ~1u}, 1) | memory.read({address | 1u}, 1) << 8); }
    [[nodiscard]] u32 dword(u32 address) { return static_cast<u32>(memory.read({address}, 4)); }

    // The code at 0:1000 from now on.
    void code(std::initializer_list<int> bytes) {
        put(0x1000, bytes);
        cpu.state.eip = 0x1000;
    }
    StopReason run(u64 steps) {
        const Moment until = scheduler.now() + steps;
        while (true) {
            const StopReason reason = engine.run(until);
            if (reason != StopReason::Event) return reason;
            scheduler.run_due();
        }
    }
    [[nodiscard]] u32& reg(GeneralRegister index) { return cpu.state.gpr[index]; }
    [[nodiscard]] u32 eflags() { return cpu.registers().eflags; }
    [[nodiscard]] u32 eip() const { return cpu.state.eip; }
    void set_eflags(u32 value) { cpu.set_eflags(value); }

    void visit(StateVisitor& visitor) {
        retrace::visit(visitor, "scheduler", scheduler);
        retrace::visit(visitor, "cpu", cpu);
        retrace::visit(visitor, "memory", memory);
    }

    MmioMap windows;
    PhysicalMemory memory;
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu;
    Interpreter engine;
};

}  // namespace retrace::test
