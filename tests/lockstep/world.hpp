// A processor under any engine in a small world: a program of random instructions, an interrupt every so often, ports that count.
#pragma once

#include <memory>
#include <vector>

#include "core/engine/interpreter.hpp"
#include "core/isa/random_instruction.hpp"
#include "core/replay/input_gate.hpp"
#include "core/state/visitors.hpp"
#include "jit/jit_engine.hpp"

namespace retrace::test {

enum class Setting { Real, Flat, Based, Paged };

class World {
public:
    static constexpr u32 ram = u32{1} << 20;
    static constexpr u32 code_at = 0x10000, code_size = 0x2000, data_at = 0x20000, tables_at = 0x80000;
    static constexpr u32 handlers_at = code_size, handlers = 16, handler_size = 64;   // from the program's beginning

    template <class Make>
    World(Setting setting, u64 seed, Make&& make) : setting_{setting}, dice_{seed} {
        engine = make(cpu);
        cpu.connect(source_);
        ports.on_read(0, 0xffff, this, &World::in);
        ports.on_write(0, 0xffff, this, &World::out);
        fill();
        period_ = dice_.between(20, 5000);
        timer_.set_at({period_});
    }

    StopReason run(u64 steps) {
        const Moment until = scheduler.now() + steps;
        while (true) {
            const StopReason reason = engine->run(until);
            if (reason == StopReason::Reset) reset = true;
            if (reason != StopReason::Event) return reason;
            scheduler.run_due();
        }
    }
    void visit(StateVisitor& visitor) {
        retrace::visit(visitor, "scheduler", scheduler);
        retrace::visit(visitor, "cpu", cpu);
        retrace::visit(visitor, "memory", memory);
    }

    MmioMap windows;
    PhysicalMemory memory{ram, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu{memory, ports, scheduler, CpuModel::Pentium2};
    std::unique_ptr<ExecutionEngine> engine;
    bool reset = false;
    u64 transfers = 0;

private:
    struct Source : InterruptSource {
        explicit Source(World& w) : world{w} {}
        u8 acknowledge() override {
            world.pin_.lower();
            return 0x40;
        }
        World& world;
    };

    u8 in(u16 port) { return static_cast<u8>(port * 7 + ++transfers + scheduler.now().step); }
    void out(u16, u8 value) {
        ++transfers;
        if (value & 1) extra_.set_in(value);
    }

    void put(u32 address, const void* from, std::size_t bytes) { memory.write({address}, std::span{static_cast<const u8*>(from), bytes}); }
    void put32(u32 address, u32 value) { put(address, &value, 4); }
    void put64(u32 address, u64 value) { put(address, &value, 8); }
    [[nodiscard]] bool code32() const { return setting_ != Setting::Real; }

    void fill();
    void fill_program();
    void fill_handlers();
    bool harms_stack(const Instruction& i);
    void enter_protected_mode();

    Setting setting_;
    Dice dice_;
    std::vector<u32> starts_;            // of the program's instructions, from its beginning
    Source source_{*this};
    Line pin_ = cpu.interrupt_pin();
    u64 period_ = 0;
    Timer timer_{scheduler, "tick", [this] {
                     pin_.raise();
                     timer_.set_in(period_);
                 }};
    Timer extra_{scheduler, "extra", [this] { pin_.raise(); }};
};

}  // namespace retrace::test
