// Code that is written while it runs: by itself, by a bus master, or by becoming other memory. The oracle is an interpreter that runs
// single steps and forgets everything it decoded after each.
#include <catch2/catch.hpp>

#include <functional>
#include <memory>

#include "core/engine/interpreter.hpp"
#include "core/state/visitors.hpp"
#include "jit/jit_engine.hpp"
#include "tests/lockstep/tunings.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Dice;
using retrace::test::single_tunings;

namespace {

constexpr u32 start = 0x10000;

struct Machine {
    using Make = std::function<std::unique_ptr<ExecutionEngine>(Cpu&)>;
    Machine(const std::function<void(Machine&)>& story, const Make& make) {
        engine = make(cpu);
        ports.on_write<&Machine::gate>(0x92, this);
        put(gdt_at + 8, {0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0, 0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0});
        put(gdt_at + 0x18, {0xff, 0xff, 0, 0, 1, 0x9b, 0, 0});   // 16 bits, base 10000
        auto& r = cpu.state;
        for (unsigned segment = 0; segment < 6; ++segment)
            r.segment[segment] = {static_cast<u16>(segment == 1 ? 8 : 16), 0, 0xffffffff, static_cast<u16>(segment == 1 ? 0xc09b : 0xc093)};
        r.gdtr = {gdt_at, 0x1f};
        r.cr0 |= cr0::PE;
        r.gpr[Esp] = 0x20000;
        r.eip = start;
        story(*this);
        cpu.restored();
    }
    void put(u32 at, std::initializer_list<int> bytes) {
        for (const int byte : bytes) memory.write({at++}, 1, static_cast<u8>(byte));
    }
    // A bus master writes a byte every so many steps.
    void write_every(u64 steps, u32 at) {
        period_ = steps;
        target_ = at;
        timer_.set_in(steps);
    }
    void run(u64 steps) {
        const Moment until = scheduler.now() + steps;
        while (engine->run(until) == StopReason::Event) scheduler.run_due();
    }
    void visit(StateVisitor& visitor) {
        retrace::visit(visitor, "scheduler", scheduler);
        retrace::visit(visitor, "cpu", cpu);
        retrace::visit(visitor, "memory", memory);
    }

    MmioMap windows;
    PhysicalMemory memory{u64{4} << 20, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu{memory, ports, scheduler, CpuModel::Pentium2};
    std::unique_ptr<ExecutionEngine> engine;

private:
    static constexpr u32 gdt_at = 0x1b000;
    void gate(u8 value) { a20_.set((value & 2) != 0); }
    Line a20_ = cpu.a20_pin();
    u64 period_ = 0;
    u32 target_ = 0;
    u8 value_ = 0;
    Timer timer_{scheduler, "master", [this] {
                     memory.write({target_}, std::span{&++value_, 1});
                     timer_.set_in(period_);
                 }};
};

void compare(const std::function<void(Machine&)>& story) {
    const Machine::Make plain_engine = [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); };
    for (u64 seed = 1; seed <= 3; ++seed) {
        Machine oracle{story, plain_engine}, plain{story, plain_engine};
        std::vector<std::unique_ptr<Machine>> translated;
        for (const auto& one : single_tunings) translated.push_back(std::make_unique<Machine>(story, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, one.tuning); }));
        Dice dice{seed};
        for (unsigned round = 0; round < 25; ++round) {
            const u64 budget = dice.one_in(2) ? dice.between(1, 15) : dice.between(1, 700);
            for (u64 n = 0; n < budget; ++n) {
                oracle.run(1);
                oracle.engine->restored();
            }
            INFO("seed " << seed << ", round " << round << ", before step " << oracle.scheduler.now().step);
            const auto check = [&](Machine& each) {
                each.run(budget);
                REQUIRE(difference(inspect(oracle.cpu), inspect(each.cpu)) == "");
                REQUIRE(digest(oracle) == digest(each));
            };
            check(plain);
            for (std::size_t n = 0; n < single_tunings.size(); ++n) {
                INFO(single_tunings[n].name);
                check(*translated[n]);
            }
        }
        REQUIRE(oracle.cpu.state.gpr[Ebx] != 0);   // the story happened
    }
}

}  // namespace

TEST_CASE("an immediate is patched in a hot loop: all engines agree at every cut") {
    compare([](Machine& m) {   // mov ecx,50; again: mov eax,0; add ebx,eax; inc dword [again+1]; dec ecx; jnz again; jmp start
        m.put(start, {0xb9, 50, 0, 0, 0, 0xb8, 0, 0, 0, 0, 0x01, 0xc3, 0xff, 0x05, 0x06, 0, 1, 0, 0x49, 0x75, 0xf0, 0xeb, 0xe9});
    });
}
TEST_CASE("the next instruction is patched by the one before it") {
    compare([](Machine& m) {   // inc byte [next+1]; next: mov al,0; movzx eax,al; add ebx,eax; jmp start
        m.put(start, {0xfe, 0x05, 0x07, 0, 1, 0, 0xb0, 0, 0x0f, 0xb6, 0xc0, 0x01, 0xc3, 0xeb, 0xf1});
    });
}
TEST_CASE("a packer unpacks code and calls it, again and again") {
    const std::vector<int> plain{0xb8, 1, 0, 0, 0, 0x01, 0xc3, 0xff, 0x05, 1, 0x40, 1, 0, 0xc3, 0x90, 0x90};   // mov eax,1; add ebx,eax; inc dword [its 1]; ret
    for (const bool at_once : {false, true}) compare([&](Machine& m) {
        const u8 key = at_once ? 0 : 0x5a;
        for (u32 n = 0; n < plain.size(); ++n) {
            m.put(0x12000 + n, {plain[n] ^ key});
            m.put(0x12100 + n, {(n == 1 ? 77 : plain[n]) ^ key});
        }
        m.put(0x13000, {0, 0x20, 1, 0});
        // mov esi,[13000]; xor dword [13000],100h; mov edi,14000; mov ecx,16; unpack; mov eax,14000; call eax; jmp start
        m.put(start, {0x8b, 0x35, 0, 0x30, 1, 0, 0x81, 0x35, 0, 0x30, 1, 0, 0, 1, 0, 0, 0xbf, 0, 0x40, 1, 0, 0xb9, 16, 0, 0, 0});
        if (at_once) m.put(start + 26, {0xf3, 0xa4, 0x90, 0x90, 0x90, 0x90});
        else m.put(start + 26, {0xac, 0x34, 0x5a, 0xaa, 0xe2, 0xfa});
        m.put(start + 32, {0xb8, 0, 0x40, 1, 0, 0xff, 0xd0, 0xeb, 0xd7});
    });
}
TEST_CASE("a boot loader overwrites itself while it runs") {
    compare([](Machine& m) {   // mov esi,15000; mov edi,start; mov ecx,32; rep movsb; add ebx,1; xor byte [in the copy],3; jmp start
        for (const u32 at : {start, u32{0x15000}})
            m.put(at, {0xbe, 0, 0x50, 1, 0, 0xbf, 0, 0, 1, 0, 0xb9, 32, 0, 0, 0, 0xf3, 0xa4, 0x81, 0xc3, 1, 0, 0, 0, 0x80, 0x35, 0x13, 0x50, 1, 0, 3, 0xeb, 0xe0});
    });
}
TEST_CASE("a bus master writes into a loop that runs") {
    for (const u64 period : {1u, 7u, 100u}) compare([&](Machine& m) {   // mov eax,0; add ebx,eax; inc ebx; jmp start
        m.put(start, {0xb8, 0, 0, 0, 0, 0x01, 0xc3, 0x43, 0xeb, 0xf6});
        m.write_every(period, start + 1);
    });
}
TEST_CASE("data beside code changes all the time") {
    compare([](Machine& m) {   // inc dword [behind]; add ebx,[behind]; mov [behind+4],ebx; mov [behind+70],bl; jmp start; behind:
        m.put(start, {0xff, 0x05, 0x1c, 0, 1, 0, 0x03, 0x1d, 0x1c, 0, 1, 0, 0x89, 0x1d, 0x20, 0, 1, 0, 0x88, 0x1d, 0x62, 0, 1, 0, 0xeb, 0xe6});
    });
}
TEST_CASE("code behind the A20 gate becomes other code and comes back") {
    compare([](Machine& m) {
        for (const u32 at : {u32{0x010100}, u32{0x110100}}) m.put(at, {0xb8, at >> 20 ? 1 : 100, 0, 0, 0, 0x01, 0xc3, 0xff, 0x05, 1, 1, 0x11, 0, 0xc3});
        // mov eax,110100; call eax; mov al,[13000]; xor al,2; mov [13000],al; out 92,al; jmp start
        m.put(start, {0xb8, 0, 1, 0x11, 0, 0xff, 0xd0, 0xa0, 0, 0x30, 1, 0, 0x34, 2, 0xa2, 0, 0x30, 1, 0, 0xe6, 0x92, 0xeb, 0xe9});
    });
}
TEST_CASE("the same bytes run as 32-bit and as 16-bit code, and change") {
    compare([](Machine& m) {
        m.put(0x14000, {0x81, 0xc3, 1, 0, 0x90, 0x90, 0xc3});   // add ebx,90900001 or add bx,1; nop; nop
        // mov eax,14000; call eax; inc byte [14002]; jmp 18:6000
        m.put(start, {0xb8, 0, 0x40, 1, 0, 0xff, 0xd0, 0xfe, 0x05, 2, 0x40, 1, 0, 0xea, 0, 0x60, 0, 0, 0x18, 0});
        m.put(0x16000, {0xe8, 0xfd, 0xdf, 0x66, 0xea, 0, 0, 1, 0, 8, 0});   // call 4000; jmp 8:start
    });
}
TEST_CASE("an instruction lies on two pages, and its second half is patched") {
    compare([](Machine& m) {
        m.put(start, {0xe9, 0xf8, 0x0f, 0, 0});                  // jmp 10ffd
        // mov eax,imm over the boundary; add ebx,eax; inc byte [11000]; inc ebx; jmp start
        m.put(0x10ffd, {0xb8, 1, 0, 0, 0, 0x01, 0xc3, 0xfe, 0x05, 0, 0x10, 1, 0, 0x43, 0xe9, 0xf0, 0xef, 0xff, 0xff});
    });
}
