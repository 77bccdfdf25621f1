// Stores that pass the VGA's window by: an interpreter whose VGA sees every access against engines whose VGA lets stores through.
#include <catch2/catch.hpp>

#include <memory>

#include "core/engine/interpreter.hpp"
#include "core/state/visitors.hpp"
#include "devices/video/vga.hpp"
#include "jit/jit_engine.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Dice;

namespace {

constexpr u32 code_at = 0x1000;

// A program that draws, reads back, copies and turns the registers that say what drawing means.
std::vector<u8> program(Dice& dice, bool flat) {
    std::vector<u8> code;
    const auto put = [&](std::initializer_list<int> bytes) { for (const int byte : bytes) code.push_back(static_cast<u8>(byte)); };
    const auto put32 = [&](u32 value) { for (unsigned n = 0; n < 4; ++n) code.push_back(static_cast<u8>(value >> (8 * n))); };
    const auto out = [&](u16 port, int index, int value) {
        if (flat) put({0x66});
        put({0xba, port & 0xff, port >> 8});
        if (flat) put({0x66});
        put({0xb8, index, value});
        if (flat) put({0x66});
        put({0xef});
    };
    // The distance of [DI], [SI] is small; they themselves move.
    const auto memory = [&](int opcode, unsigned reg) {
        const bool source = dice.one_in(2);
        if (flat) put({opcode, static_cast<int>(0x40 | reg << 3 | (source ? 6 : 7)), static_cast<int>(dice.below(128))});
        else put({opcode, static_cast<int>(0x40 | reg << 3 | (source ? 4 : 5)), static_cast<int>(dice.below(128))});
    };
    const unsigned length = static_cast<unsigned>(dice.between(20, 120));
    for (unsigned n = 0; n < length; ++n) {
        switch (dice.below(flat ? 13 : 12)) {
            case 0: case 1: memory(0x88, static_cast<unsigned>(dice.below(4))); break;
            case 2: case 3: memory(0x89, static_cast<unsigned>(dice.below(4))); break;
            case 4: memory(dice.one_in(2) ? 0x8a : 0x8b, static_cast<unsigned>(dice.below(4))); break;
            case 5: memory(dice.one_in(2) ? 0x00 : 0x31, static_cast<unsigned>(dice.below(4))); break;
            case 6: memory(0x86, static_cast<unsigned>(dice.below(4))); break;
            case 7: put({dice.one_in(2) ? 0xaa : 0xab}); break;
            case 8: put({static_cast<int>(0xa4 + dice.below(2))}); break;
            case 9: {   // REP with a small count
                put({0xb9, static_cast<int>(dice.below(100)), 0});
                if (flat) put({0, 0});
                put({0xf3, static_cast<int>(dice.one_in(2) ? 0xa4 + dice.below(2) : 0xaa + dice.below(2))});
                break;
            }
            case 10: {  // elsewhere, within the window
                const bool source = dice.one_in(2);
                const u32 to = static_cast<u32>(dice.one_in(3) ? dice.below(64) : dice.below(0xf000));
                put({source ? 0xbe : 0xbf});
                if (flat) put32(0xa0000 + to);
                else put({static_cast<int>(to & 0xff), static_cast<int>(to >> 8)});
                if (dice.one_in(4)) put({dice.one_in(2) ? 0xfd : 0xfc});
                break;
            }
            case 11:
                if (dice.one_in(8)) {          // banks of the linear frame buffer, and back
                    out(0x1ce, static_cast<int>(dice.one_in(2) ? 4 : 5), 0);
                    out(0x1cf, static_cast<int>(dice.below(3)), 0);
                } else if (dice.one_in(3)) {   // as mode 13h has it
                    out(0x3c4, 4, 0x0e);
                    out(0x3c4, 2, 0x0f);
                    out(0x3ce, 5, 0x40);
                    out(0x3ce, 8, 0xff);
                    out(0x3ce, 3, 0);
                    out(0x3ce, 1, 0);
                } else if (dice.one_in(2)) {
                    out(0x3c4, dice.one_in(2) ? 2 : 4, dice.byte());
                } else {
                    out(0x3ce, static_cast<int>(dice.below(9)), dice.one_in(8) ? dice.byte() : 0);
                    out(0x3ce, 6, 5);
                }
                break;
            default:   // several stores around one register
                for (int at = 0; at < 4; ++at) put({0x89, 0x47, at * 4});
                break;
        }
    }
    put({0xe9});
    const u32 back = 0u - static_cast<u32>(code.size()) - (flat ? 4 : 2);
    if (flat) put32(back);
    else put({static_cast<int>(back & 0xff), static_cast<int>(back >> 8 & 0xff)});
    return code;
}

struct Picture {
    template <class Make>
    Picture(u64 seed, bool flat, bool direct, Make&& make) {
        engine = make(cpu);
        vga.attach(ports);
        vga.attach(windows);
        memory.map_window({0xa0000}, 0x20000);
        if (direct) vga.connect(memory);
        ports.write8(0x3c2, 0x63);
        Dice dice{seed};
        memory.write({code_at}, program(dice, flat));
        for (unsigned segment = 0; segment < 6; ++segment) cpu.set_real_segment(segment, segment == 1 || segment == 2 ? 0 : 0xa000);
        cpu.state.eip = code_at;
        cpu.state.gpr[Esp] = 0x8000;
        if (flat) {
            cpu.state.cr0 |= cr0::PE;
            for (unsigned segment = 0; segment < 6; ++segment) cpu.state.segment[segment] = {8, 0, 0xffffffff, static_cast<u16>(segment == 1 ? 0xc09b : 0xc093)};
            cpu.state.gpr[Esi] = cpu.state.gpr[Edi] = 0xa0000;
        }
        cpu.restored();
    }
    void run(u64 steps) {
        const Moment until = scheduler.now() + steps;
        while (engine->run(until) == StopReason::Event) scheduler.run_due();
    }
    void visit(StateVisitor& visitor) {
        retrace::visit(visitor, "scheduler", scheduler);
        retrace::visit(visitor, "cpu", cpu);
        retrace::visit(visitor, "memory", memory);
        retrace::visit(visitor, "vga", vga);
    }

    MmioMap windows;
    PhysicalMemory memory{u64{1} << 20, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu{memory, ports, scheduler, CpuModel::Pentium2};
    std::vector<u8> frame_buffer = std::vector<u8>(u32{1} << 20);
    Vga vga{scheduler, frame_buffer};
    std::unique_ptr<ExecutionEngine> engine;
};

void compare(u64 seed, bool flat, JitEngine::Tuning tuning) {
    Picture reference{seed, flat, false, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }};
    Picture plain{seed, flat, true, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }};
    Picture translated{seed, flat, true, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, tuning); }};
    Dice dice{seed};
    for (unsigned round = 0; round < 12; ++round) {
        const u64 budget = dice.one_in(3) ? dice.between(1, 20) : dice.between(1, 2000);
        for (Picture* each : {&reference, &plain, &translated}) each->run(budget);
        INFO("seed " << seed << ", round " << round);
        REQUIRE(difference(inspect(reference.cpu), inspect(plain.cpu)) == "");
        REQUIRE(difference(inspect(reference.cpu), inspect(translated.cpu)) == "");
        REQUIRE(digest(reference.vga) == digest(plain.vga));
        REQUIRE(digest(reference.vga) == digest(translated.vga));
    }
    REQUIRE(digest(reference) == digest(translated));
}

}  // namespace

TEST_CASE("stores past the VGA's window, loads and latches: all engines agree in real mode") {
    for (u64 seed = 1; seed <= 60; ++seed) compare(seed, false, {.threshold = 0});
}
TEST_CASE("stores past the VGA's window, loads and latches: all engines agree in flat mode") {
    for (u64 seed = 1; seed <= 60; ++seed) compare(seed, true, {.threshold = 0});
    for (u64 seed = 1; seed <= 20; ++seed) {
        compare(seed, true, {.threshold = 0, .spans = false});
        compare(seed, true, {.threshold = 0, .window_after = 0});
    }
}
