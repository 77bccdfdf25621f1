// A processor under any engine in a small world: a program of random instructions, an interrupt every so often, ports that count.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "core/engine/interpreter.hpp"
#include "core/isa/random_instruction.hpp"
#include "core/replay/input_gate.hpp"
#include "core/state/visitors.hpp"
#include "jit/jit_engine.hpp"

namespace retrace::test {

// Real, Flat, Based, Paged and Protected16 run in ring 0. V86 and User run in ring 3, in pages that are absent until touched, and each that comes in
// drives an older one out: nearly every access faults once.
//
// Every third seed makes a program of mostly x87, MMX and SSE instructions, as far as the model has them.
enum class Setting { Real, Flat, Based, Paged, Protected16, V86, User };
inline constexpr std::array everywhere{Setting::Real, Setting::Flat, Setting::Based, Setting::Paged, Setting::Protected16, Setting::V86, Setting::User};

class World {
public:
    // `program`: instead of a random one; it never ends.
    static constexpr u32 ram = u32{1} << 20, filled = 0x50000;
    static constexpr u32 code_at = 0x10000, code_size = 0x2000, data_at = 0x20000, tables_at = 0x80000;
    static constexpr u32 directory_at = tables_at + 0x2000, table_at = tables_at + 0x3000, tss_at = tables_at + 0x4000, ring0_stack = tables_at + 0x7000;
    static constexpr u32 handlers_at = code_size, handlers = 16, handler_size = 64;   // from the program's beginning
    [[nodiscard]] static bool is_floating(u64 seed) { return seed % 3 == 0; }
    static constexpr u32 pager_at = handlers_at + handlers * handler_size;

    template <class Make>
    World(Setting setting, u64 seed, Make&& make, CpuModel model = CpuModel::Pentium2, std::span<const u8> program = {})
        : cpu{memory, ports, scheduler, model}, setting_{setting}, dice_{seed}, floating_{is_floating(seed)} {
        engine = make(cpu);
        cpu.connect(source_);
        ports.on_read<&World::in>(0, 0xffff, this);
        ports.on_write<&World::out>(0, 0xffff, this);
        fill(program);
        period_ = dice_.between(20, 5000);
        // Short ones lead random programs, which soon run in a circle, to more of their places.
        if (program.empty() && period_ % 4 != 0) period_ = 20 + period_ % 200;
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
    // Instead of an interrupt every so often: one at this step, or a non-maskable one.
    void interrupt_only_at(u64 step, bool maskable) {
        period_ = u64{1} << 40;
        maskable_ = maskable;
        timer_.set_at({step});
    }
    // The A20 gate opens and closes.
    void toggle_a20_every(u64 steps) {
        a20_period_ = steps;
        a20_timer_.set_in(steps);
    }
    // Bit 1 of port 92h is the gate, as on a PS/2.
    void listen_to_a20_port() { has_a20_port_ = true; }
    void visit(StateVisitor& visitor) {
        retrace::visit(visitor, "scheduler", scheduler);
        retrace::visit(visitor, "cpu", cpu);
        retrace::visit(visitor, "memory", memory);
        retrace::visit(visitor, "transfers", transfers);
        retrace::visit(visitor, "requested", requested_);
    }
    // After loading.
    void restored() {
        cpu.restored();
        engine->restored();
        pin_.set(requested_);
    }

    MmioMap windows;
    PhysicalMemory memory{ram, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu;
    std::unique_ptr<ExecutionEngine> engine;
    bool reset = false;
    u64 transfers = 0;

private:
    struct Source : InterruptSource {
        explicit Source(World& w) : world{w} {}
        u8 acknowledge() override {
            world.request(false);
            return 0x40;
        }
        World& world;
    };

    void request(bool high) {
        requested_ = high;
        pin_.set(high);
    }
    u8 in(u16 port) { return static_cast<u8>(port * 7 + ++transfers + scheduler.now().step); }
    void out(u16 port, u8 value) {
        ++transfers;
        if (port == 0x92 && has_a20_port_) a20_.set((value & 2) != 0);
        if (value & 1) extra_.set_in(value);
    }

    void put(u32 address, const void* from, std::size_t bytes) { memory.write({address}, std::span{static_cast<const u8*>(from), bytes}); }
    void put32(u32 address, u32 value) { memory.write({address}, 4, value); }
    void put64(u32 address, u64 value) { memory.write({address}, 8, value); }
    [[nodiscard]] bool code32() const { return setting_ == Setting::Flat || setting_ == Setting::Based || setting_ == Setting::Paged || setting_ == Setting::User; }
    [[nodiscard]] bool ring3() const { return setting_ == Setting::V86 || setting_ == Setting::User; }
    [[nodiscard]] bool paged() const { return setting_ == Setting::Paged || ring3(); }

    void fill(std::span<const u8> program);
    void fill_program();
    void fill_handlers();
    std::vector<u8> handler(u32 at);
    void fill_pager();
    void fill_units();
    void append_unit_instruction(std::vector<u8>& bytes);
    void append_unit_idiom(std::vector<u8>& bytes);
    void fill_page_table();
    bool harms_stack(const Instruction& i);
    void enter_protected_mode();

    Setting setting_;
    Dice dice_;
    bool floating_;
    u32 mix_ = 0;                        // of a floating program: only x87, only MMX and SSE, both
    std::vector<u32> starts_;            // of the program's instructions, from its beginning
    Source source_{*this};
    Line pin_ = cpu.interrupt_pin(), nmi_ = cpu.nmi_pin(), a20_ = cpu.a20_pin();
    bool requested_ = false, maskable_ = true;
    u64 period_ = 0, a20_period_ = 0;
    Timer timer_{scheduler, "tick", [this] {
                     if (maskable_) request(true);
                     else nmi_.raise();
                     timer_.set_in(period_);
                 }};
    bool a20_open_ = true, has_a20_port_ = false;
    Timer a20_timer_{scheduler, "a20", [this] {
                         a20_open_ = !a20_open_;
                         a20_.set(a20_open_);
                         a20_timer_.set_in(a20_period_);
                     }};
    Timer extra_{scheduler, "extra", [this] { request(true); }};
};

}  // namespace retrace::test
