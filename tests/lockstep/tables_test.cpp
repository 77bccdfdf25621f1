// Page tables that change under a running program. The oracle is an interpreter that runs single steps and forgets every translation
// after each: what the caches of the others keep must not be seen.
#include <catch2/catch.hpp>

#include <memory>

#include "core/engine/interpreter.hpp"
#include "core/state/visitors.hpp"
#include "jit/jit_engine.hpp"
#include "jit/x64/faults.hpp"
#include "tests/lockstep/tunings.hpp"
#include "tests/support/counter.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Dice;
using retrace::test::counter;
using retrace::test::single_tunings;

namespace {

// Physical memory, which is also its own identity map: code, data and functions in it are remapped; all else stays.
constexpr u32 code_at = 0x10000, handler_at = 0x18000, idt_at = 0x1a000, gdt_at = 0x1b000, stack_top = 0x20000;
constexpr u32 data_page = 0x40, data_pages = 8, function_page = 0x50, function_pages = 4;
constexpr u32 tables[]{0x81000, 0x82000};
// More directories than contexts are kept.
constexpr u32 directory_count = 20;
constexpr u32 directory(u64 number) { return 0x90000 + static_cast<u32>(number) * 0x1000; }

class Program {
public:
    Program(Dice& dice) : dice_{dice} {
        const unsigned length = static_cast<unsigned>(dice.between(30, 150));
        for (unsigned n = 0; n < length; ++n) one();
        put({0xe9});
        put32(0u - static_cast<u32>(code.size()) - 4);
    }
    std::vector<u8> code;

private:
    void put(std::initializer_list<int> bytes) { for (const int byte : bytes) code.push_back(static_cast<u8>(byte)); }
    void put32(u32 value) { for (unsigned n = 0; n < 4; ++n) code.push_back(static_cast<u8>(value >> (8 * n))); }
    u32 entry_place() { return tables[dice_.below(2)] + 4 * page(); }
    u32 page() { return static_cast<u32>(dice_.one_in(3) ? function_page + dice_.below(function_pages) : data_page + dice_.below(data_pages)); }
    u32 entry() { return page() << 12 | static_cast<u32>(dice_.one_in(6) ? dice_.below(0x80) : 0x03 | (dice_.below(4) << 5)); }
    u32 data() { return data_page * 0x1000 + static_cast<u32>(dice_.one_in(5) ? dice_.below(data_pages) * 0x1000 + 0xffe : dice_.below(data_pages * 0x1000 - 8)); }

    void one() {
        switch (dice_.below(15)) {
            case 0: case 1: put({0xc7, 0x05}), put32(entry_place()), put32(entry()); break;                     // mov dword [entry], value
            case 2: put({0xc6, 0x05}), put32(entry_place() + static_cast<u32>(dice_.below(2))), put({dice_.byte() | 3}); break;
            case 3: put({0x80, 0x25}), put32(entry_place()), put({0x9f}); break;                                  // and byte [entry], not (A | D)
            case 4: put({0x8b, 0x05}), put32(entry_place()), put({0x01, 0xc3}); break;                            // mov eax, [entry]; add ebx, eax
            case 5: put({0xc7, 0x05}), put32(directory(dice_.below(directory_count))), put32(tables[dice_.below(2)] | 7); break;
            case 6: put({0xb8}), put32(directory(dice_.below(directory_count))), put({0x0f, 0x22, 0xd8}); break;              // mov cr3, eax
            case 7: put({0x0f, 0x01, 0x3d}), put32(data()); break;                                                // invlpg
            case 8: put({0xa1}), put32(data()), put({0x01, 0xc3}); break;
            case 9: put({0x89, 0x1d}), put32(data()); break;
            case 10: put({0x01, 0x1d}), put32(data()); break;
            case 11: put({0xbf}), put32(data() & ~3u), put({0xb9}), put32(static_cast<u32>(dice_.below(1200))), put({0xf3, 0xab}); break;
            case 12: put({0xbe}), put32(data()), put({0xbf}), put32(data()), put({0xb9}), put32(static_cast<u32>(dice_.below(300))), put({0xf3, 0xa4}); break;
            case 13: {   // call eax, or there directly
                const u32 target = (function_page + static_cast<u32>(dice_.below(function_pages))) << 12;
                if (dice_.one_in(2)) put({0xb8}), put32(target), put({0xff, 0xd0});
                else put({0xe8}), put32(target - (code_at + static_cast<u32>(code.size()) + 4));
                break;
            }
            default:   // through a register, several at once: a window of the translator
                put({0xba}), put32(dice_.one_in(3) ? entry_place() & ~15u : data() & ~15u);
                put({0x8b, 0x02, 0x03, 0x42, 0x04, 0x83, 0x42, 0x08, 0x00, 0x89, 0x02});
                break;
        }
    }

    Dice& dice_;
};

struct Machine {
    template <class Make>
    Machine(u64 seed, Make&& make, std::span<const u8> code = {}) {
        engine = make(cpu);
        Dice dice{seed};
        const Program program{dice};
        memory.write({code_at}, code.empty() ? std::span<const u8>{program.code} : code);
        // Makes the page present again, in both tables, and goes on.
        const std::vector<u8> handler{0x60, 0x0f, 0x20, 0xd0, 0xc1, 0xe8, 0x0c, 0x8d, 0x0c, 0x85, 0, 0x10, 8, 0, 0xc1, 0xe0, 0x0c, 0x83, 0xc8, 0x07,
                                      0x89, 0x01, 0x89, 0x81, 0, 0x10, 0, 0, 0x61, 0x83, 0xc4, 0x04, 0xcf};
        memory.write({handler_at}, handler);
        put32(idt_at + 14 * 8, 0x00080000 | (handler_at & 0xffff));
        put32(idt_at + 14 * 8 + 4, (handler_at & 0xffff0000) | 0x8e00);
        put32(gdt_at + 8, 0x0000ffff), put32(gdt_at + 12, 0x00cf9b00);
        put32(gdt_at + 16, 0x0000ffff), put32(gdt_at + 20, 0x00cf9300);
        for (u32 n = 0; n < function_pages; ++n) {   // mov eax, n; add ebx, eax; ret
            const std::vector<u8> body{0xb8, static_cast<u8>(n), 0, 0, 0, 0x01, 0xc3, 0xc3};
            memory.write({(function_page + n) << 12}, body);
            const std::vector<u8> end{0x81, 0xc3, 0x11};   // add ebx, n b811 / add [ecx], al / ret, on two pages
            memory.write({((function_page + n + 1) << 12) - 3}, end);
        }
        // Data pages execute too, if a function is mapped there: they begin with a return.
        for (u32 n = 0; n < data_pages; ++n) put32((data_page + n) << 12, 0xc3c3c3c3);
        for (const u32 table : tables)
            for (u32 n = 0; n < 512; ++n) put32(table + 4 * n, n << 12 | 3);
        for (u32 n = 0; n < directory_count; ++n) put32(directory(n), tables[n % 2] | 7);
        auto& r = cpu.state;
        for (unsigned segment = 0; segment < 6; ++segment)
            r.segment[segment] = {static_cast<u16>(segment == 1 ? 8 : 16), 0, 0xffffffff, static_cast<u16>(segment == 1 ? 0xc09b : 0xc093)};
        r.gdtr = {gdt_at, 0x17};
        r.idtr = {idt_at, 0x7ff};
        r.cr0 |= cr0::PE | cr0::PG | (dice.one_in(2) ? cr0::WP : 0);
        r.cr3 = directory(0);
        r.gpr[Esp] = stack_top;
        r.eip = code_at;
        cpu.restored();
    }
    void put32(u32 address, u32 value) { memory.write({address}, 4, value); }
    void run(u64 steps) {
        const Moment until = scheduler.now() + steps;
        while (true) {
            const StopReason reason = engine->run(until);
            if (reason == StopReason::Reset) reset = true;
            if (reason != StopReason::Event) return;
        }
    }
    void visit(StateVisitor& visitor) {
        retrace::visit(visitor, "scheduler", scheduler);
        retrace::visit(visitor, "cpu", cpu);
        retrace::visit(visitor, "memory", memory);
    }

    MmioMap windows;
    PhysicalMemory memory{u64{2} << 20, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu{memory, ports, scheduler, CpuModel::Pentium2};
    std::unique_ptr<ExecutionEngine> engine;
    bool reset = false;
};

// Returns how many windows were closed.
u64 compare(u64 seed, JitEngine::Tuning tuning, std::span<const u8> code = {}) {
    Machine oracle{seed, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }, code};
    Machine plain{seed, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }, code};
    Machine translated{seed, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, tuning); }, code};
    Dice dice{seed};
    for (unsigned round = 0; round < 20 && !oracle.reset; ++round) {
        const u64 budget = dice.one_in(3) ? dice.between(1, 20) : dice.between(1, 600);
        for (u64 n = 0; n < budget && !oracle.reset; ++n) {
            oracle.run(1);
            oracle.engine->restored();
        }
        plain.run(budget);
        translated.run(budget);
        INFO("seed " << seed << ", round " << round << ", before step " << oracle.scheduler.now().step);
        REQUIRE(oracle.reset == plain.reset);
        REQUIRE(oracle.reset == translated.reset);
        REQUIRE(difference(inspect(oracle.cpu), inspect(plain.cpu)) == "");
        REQUIRE(difference(inspect(oracle.cpu), inspect(translated.cpu)) == "");
        REQUIRE(digest(oracle) == digest(plain));
        REQUIRE(digest(oracle) == digest(translated));
        if (dice.one_in(3)) {   // a bus master does it
            const u32 at = tables[dice.below(2)] + 4 * static_cast<u32>(data_page + dice.below(data_pages));
            const u32 entry = static_cast<u32>(data_page + dice.below(data_pages)) << 12 | 3;
            for (Machine* each : {&oracle, &plain, &translated}) each->put32(at, entry);
        }
    }
    return counter(*translated.engine, "windows closed");
}

}  // namespace

TEST_CASE("page tables change under a program, and no engine sees a stale translation") {
    for (u64 seed = 1; seed <= 40; ++seed) compare(seed, {.threshold = 0});
}
TEST_CASE("a page that is called directly is another one at every fourth call") {
    // again: mov ecx, 4 / next: call 50000 / dec ecx / jnz next / xor dword [its entry], 1000 / jmp again
    static constexpr std::array<u8, 25> program{0xb9, 4, 0, 0, 0, 0xe8, 0xf6, 0xff, 3, 0, 0x49, 0x75, 0xf8, 0x81, 0x35, 0x40, 0x11, 0x08, 0x00, 0x00, 0x10, 0x00, 0x00, 0xeb, 0xe7};
    for (u64 seed = 1; seed <= 5; ++seed) {
        compare(seed, {.threshold = 0}, program);
        compare(seed, {.threshold = 0, .window_after = 0}, program);
    }
}
TEST_CASE("an instruction ends in another page at every fourth execution") {
    // again: mov ecx, 4 / next: call 50ffd / dec ecx / jnz next / xor dword [entry of 51000], 1000 / jmp again
    static constexpr std::array<u8, 25> remaps{0xb9, 4, 0, 0, 0, 0xe8, 0xf3, 0x0f, 4, 0, 0x49, 0x75, 0xf8, 0x81, 0x35, 0x44, 0x11, 0x08, 0x00, 0x00, 0x10, 0x00, 0x00, 0xeb, 0xe7};
    // mov dword [entry of 51000 in the other table], 53003 / again: mov ecx, 4 / next: call 50ffd / dec ecx / jnz next / mov eax, cr3 / xor eax, 1000 / mov cr3, eax / jmp again
    static constexpr std::array<u8, 36> switches{0xc7, 0x05, 0x44, 0x21, 0x08, 0, 0x03, 0x30, 0x05, 0, 0xb9, 4, 0, 0, 0, 0xe8, 0xe9, 0x0f, 4, 0,
                                                 0x49, 0x75, 0xf8, 0x0f, 0x20, 0xd8, 0x35, 0, 0x10, 0, 0, 0x0f, 0x22, 0xd8, 0xeb, 0xe6};
    for (const std::span<const u8> program : {std::span<const u8>{remaps}, std::span<const u8>{switches}})
        for (u64 seed = 1; seed <= 5; ++seed) {
            compare(seed, {.threshold = 0}, program);
            compare(seed, {.threshold = 0, .window_after = 0}, program);
            compare(seed, {.threshold = 0, .crossing = false}, program);
        }
}
TEST_CASE("a window whose pages come and go is closed in the midst of a run, and comes again") {
    // again: mov eax, [50000] / xor dword [its entry], 1000 / jmp again
    static constexpr std::array<u8, 17> program{0xa1, 0, 0, 5, 0, 0x81, 0x35, 0x40, 0x11, 0x08, 0x00, 0x00, 0x10, 0x00, 0x00, 0xeb, 0xef};
    for (u64 seed = 1; seed <= 5; ++seed) {
        const u64 closed = compare(seed, {.threshold = 0, .window_after = 20, .window_event = 30, .window_loan = 3}, program);
        if (jit::host_has_windows()) CHECK(closed > 1);
    }
}
TEST_CASE("page tables change under a program: with every switch of the JIT turned, each alone") {
    u64 seed = 100;
    for (const auto& [name, tuning] : single_tunings) {
        INFO(name);
        for (const u64 end = seed + 3; seed < end; ++seed) compare(seed, tuning);
    }
}
