// Law 1: interpreter and JIT are equal at every step, however time is cut into budgets.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/lockstep/compare.hpp"
#include "tests/lockstep/tunings.hpp"
#include "tests/support/counter.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Setting;
using retrace::test::arm_breakpoints;
using retrace::test::compare_engines;
using retrace::test::counter;
using retrace::test::everywhere;
using retrace::test::single_tunings;
using retrace::test::small_cache;

namespace {

void compare_many(u64 count, Setting setting, JitEngine::Tuning tuning, u64 total) {
    for (u64 seed = 1; seed <= count; ++seed) REQUIRE(compare_engines(seed, setting, tuning, total) == "");
}

constexpr JitEngine::Tuning forced{.threshold = 0};
constexpr JitEngine::Tuning windowed{.threshold = 0, .window_after = 0};

}  // namespace

TEST_CASE("both engines agree wherever a random program in real mode is cut") { compare_many(150, Setting::Real, forced, 3000); }
TEST_CASE("both engines agree wherever a random program in flat 32-bit mode is cut") { compare_many(150, Setting::Flat, forced, 3000); }
TEST_CASE("both engines agree wherever a random program in segments with bases and limits is cut") { compare_many(100, Setting::Based, forced, 3000); }
TEST_CASE("both engines agree wherever a random program in paged memory is cut") { compare_many(100, Setting::Paged, forced, 3000); }
TEST_CASE("both engines agree wherever a random program in 16-bit protected mode is cut") { compare_many(100, Setting::Protected16, forced, 3000); }
TEST_CASE("both engines agree in V86 mode, where nearly every access faults once") { compare_many(100, Setting::V86, forced, 3000); }
TEST_CASE("both engines agree in ring 3, where nearly every access faults once") { compare_many(100, Setting::User, forced, 3000); }
TEST_CASE("both engines agree where every access goes through a window first") {
    for (const Setting setting : everywhere) compare_many(60, setting, windowed, 3000);
}
TEST_CASE("both engines agree where accesses of units go through a window first") {
    for (const Setting setting : everywhere)
        for (u64 seed = 3; seed <= 90; seed += 3) REQUIRE(compare_engines(seed, setting, windowed, 3000, CpuModel::Max) == "");
}
TEST_CASE("both engines agree on programs of the x87, of MMX and of SSE") {
    for (const Setting setting : everywhere)
        for (u64 seed = 3; seed <= 150; seed += 3) REQUIRE(compare_engines(seed, setting, forced, 3000, CpuModel::Max) == "");
}
TEST_CASE("they agree on every model of the processor") {
    for (const CpuModel model : {CpuModel::I386, CpuModel::I486, CpuModel::Pentium, CpuModel::Pentium3, CpuModel::Pentium4, CpuModel::Max})
        for (const Setting setting : everywhere)
            for (u64 seed = 1; seed <= 10; ++seed) REQUIRE(compare_engines(seed, setting, forced, 2000, model) == "");
    for (const CpuModel model : {CpuModel::I8086, CpuModel::I286})
        for (u64 seed = 1; seed <= 20; ++seed) REQUIRE(compare_engines(seed, Setting::Real, forced, 2000, model) == "");
}
TEST_CASE("they agree with every switch of the JIT turned, each alone") {
    for (const auto& [name, tuning] : single_tunings)
        for (const Setting setting : everywhere) {
            INFO(name);
            compare_many(10, setting, tuning, 2000);
            for (u64 seed = 1; seed <= 5; ++seed) REQUIRE(compare_flow(seed, setting, tuning, 5000) == "");
        }
}
TEST_CASE("they agree on a host that has no more than SSE2") {
    for (const Setting setting : everywhere) {
        compare_many(12, setting, {.threshold = 0, .extensions = false}, 2000);
        for (u64 seed = 3; seed <= 60; seed += 3) REQUIRE(compare_engines(seed, setting, {.threshold = 0, .extensions = false}, 2000, CpuModel::Max) == "");
    }
}
TEST_CASE("they agree with breakpoints armed") {
    for (const Setting setting : everywhere)
        for (u64 seed = 1; seed <= 30; ++seed)
            for (const auto& tuning : {forced, windowed}) REQUIRE(compare_engines(seed, setting, tuning, 3000, CpuModel::Pentium2, {}, &arm_breakpoints) == "");
}
TEST_CASE("they agree with a code cache that always overflows") {
    for (const std::size_t bytes : {small_cache, std::size_t{0}})
        for (const Setting setting : everywhere) {
            compare_many(10, setting, {.threshold = 0, .cache_bytes = bytes}, 4000);
            for (u64 seed = 1; seed <= 5; ++seed) REQUIRE(compare_flow(seed, setting, {.threshold = 0, .cache_bytes = bytes}, 4000) == "");
        }
    // It does overflow.
    for (const auto& [bytes, least] : {std::pair{small_cache, 3u}, {std::size_t{0}, 10u}}) {
        test::World world{Setting::Flat, 5, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, JitEngine::Tuning{.threshold = 0, .cache_bytes = bytes}); },
                          CpuModel::Pentium2, test::flow_of(5, Setting::Flat)};
        world.run(4000);
        CHECK(counter(*world.engine, "code cache flushes") >= least);
    }
}
TEST_CASE("they agree where AH is added to what EAX points to, within a span") {
    static constexpr std::array<u8, 17> program{0x01, 0x08, 0x00, 0x20, 0x01, 0x48, 0x04, 0x29, 0x50, 0x08, 0x00, 0x60, 0x03, 0x31, 0x18, 0xeb, 0xef};
    for (u64 seed = 1; seed <= 20; ++seed) CHECK(compare_engines(seed, Setting::Flat, forced, 2000, CpuModel::Pentium2, program) == "");
}
TEST_CASE("they agree on an x87 instruction that an 8086 reaches by running over FFFFh") {
    std::vector<u8> program(0x10000, 0x90);
    constexpr std::array<u8, 5> beginning{0xd9, 0xe8, 0xe9, 0xf9, 0xff};   // fld1 / jmp FFFEh
    std::ranges::copy(beginning, program.begin());
    for (u64 seed = 1; seed <= 20; ++seed) CHECK(compare_engines(seed, Setting::Real, forced, 2000, CpuModel::I8086, program) == "");
}
TEST_CASE("they agree on the interrupt shadow that every load of a segment register casts on an 8086") {
    // again: mov es, ax; inc ax; push es; pop ds; jmp again
    static constexpr u8 program[]{0x8e, 0xc0, 0x40, 0x06, 0x1f, 0xeb, 0xf9};
    for (u64 seed = 1; seed <= 16; ++seed)
        CHECK(compare_engines(seed, Setting::Real, {.threshold = 0, .trace_length = 1}, 300, CpuModel::I8086, program) == "");
}
TEST_CASE("they agree on accesses at every place around the ends of pages that lie apart") {
    // again: add eax, [esi] / mov [esi], ax / add [esi], eax / fld qword [esi] / fstp qword [esi] / inc esi / jmp again
    static constexpr std::array<u8, 15> program{0x03, 0x06, 0x66, 0x89, 0x06, 0x01, 0x06, 0xdd, 0x06, 0xdd, 0x1e, 0x46, 0xeb, 0xf2, 0x90};
    for (const JitEngine::Tuning& tuning : {forced, JitEngine::Tuning{.threshold = 0, .window_after = 0}})
        for (u64 seed = 1; seed <= 12; ++seed) CHECK(compare_engines(seed, Setting::Paged, tuning, 60'000, CpuModel::Pentium2, program) == "");
}
TEST_CASE("they agree on accesses at every place around the end of a real-mode segment") {
    // mov si, fff0 / again: add ax, [si] / add [si], ax / add [si], eax / inc si / jmp again
    static constexpr std::array<u8, 13> program{0xbe, 0xf0, 0xff, 0x03, 0x04, 0x01, 0x04, 0x66, 0x01, 0x04, 0x46, 0xeb, 0xf6};
    for (u64 seed = 1; seed <= 12; ++seed) CHECK(compare_engines(seed, Setting::Real, forced, 3000, CpuModel::Pentium2, program) == "");
}
TEST_CASE("they agree where the block behind a scan looks at more than its ZF") {
    // again: bsf eax, ebx / jmp next / next: setp cl / lea ebx, [ebx+ebx+8] / jmp again
    static constexpr std::array<u8, 15> program{0x0f, 0xbc, 0xc3, 0xeb, 0x00, 0x0f, 0x9a, 0xc1, 0x8d, 0x5c, 0x1b, 0x08, 0xeb, 0xf2, 0x90};
    for (u64 seed = 1; seed <= 20; ++seed) CHECK(compare_engines(seed, Setting::Flat, {.threshold = 0, .extend = false}, 2000, CpuModel::Pentium2, program) == "");
}
TEST_CASE("they agree on the flags that FLDCW leaves a block with, within a span") {
    // again: push 37fh / fldcw [esp] / pop eax / add [ebp+14h], dl / push 35fh / fldcw [esp] / pop eax / fldpi / fsqrt / fstp st(0): #MF
    // xor eax, ecx / jmp again
    static constexpr std::array<u8, 31> program{0x68, 0x7f, 0x03, 0x00, 0x00, 0xd9, 0x2c, 0x24, 0x58, 0x00, 0x55, 0x14, 0x68,
                                                0x5f, 0x03, 0x00, 0x00, 0xd9, 0x2c, 0x24, 0x58, 0xd9, 0xeb, 0xd9, 0xfa, 0xdd, 0xd8, 0x31, 0xc8, 0xeb, 0xe1};
    for (u64 seed = 3; seed <= 120; seed += 3) CHECK(compare_engines(seed, Setting::Flat, forced, 2000, CpuModel::Pentium2, program) == "");
}
TEST_CASE("they agree on an IRET that brings RF, wherever a run is cut or interrupted behind it") {
    // again: pushfd / or dword [esp], 10000 / push cs / call next / next: add dword [esp], 5 / iretd / pushfd / pop eax / inc ecx / jmp again
    static constexpr std::array<u8, 24> program{0x9c, 0x81, 0x0c, 0x24, 0, 0, 1, 0, 0x0e, 0xe8, 0, 0, 0, 0, 0x83, 0x04, 0x24, 5, 0xcf, 0x9c, 0x58, 0x41, 0xeb, 0xe8};
    const auto interrupt = [](test::World& world, u64 seed) {
        world.interrupt_only_at(seed, seed % 2 == 0);
        world.cpu.set_eflags(world.cpu.eflags() | flag::IF);
    };
    for (const Setting setting : {Setting::Flat, Setting::Paged, Setting::User})
        for (u64 seed = 1; seed <= 40; ++seed) {
            CHECK(compare_engines(seed, setting, forced, 500, CpuModel::Pentium2, program, interrupt) == "");
            CHECK(compare_engines(seed, setting, forced, 500, CpuModel::Pentium2, program) == "");
            CHECK(compare_engines(seed, setting, forced, 500, CpuModel::Pentium2, program, &arm_breakpoints) == "");
        }
}
TEST_CASE("they agree on the x87's operand selector where DS is loaded between two operands and the second faults") {
    // mov si, fffd / mov bx, 100 / again: fninit / fld dword [bx] / inc ax / mov ds, ax / fld qword [si] / jmp again
    static constexpr std::array<u8, 17> program{0xbe, 0xfd, 0xff, 0xbb, 0x00, 0x01, 0xdb, 0xe3, 0xd9, 0x07, 0x40, 0x8e, 0xd8, 0xdd, 0x04, 0xeb, 0xf5};
    for (u64 seed = 1; seed <= 20; ++seed) CHECK(compare_engines(seed, Setting::Real, forced, 500, CpuModel::Pentium2, program) == "");
}
TEST_CASE("they agree on flags that AL would tell where IN changes it and the block is left") {
    CHECK(compare_flow(2000413617, Setting::Real, {.threshold = 0, .window_after = 20, .window_event = 30, .window_loan = 3}, 1000, CpuModel::Pentium2) == "");
}
TEST_CASE("they agree on the flags of a comparison of ESP with a register that is popped next") {
    // again: cmp esp, ebx / pop ebx / pushfd / jmp again
    static constexpr std::array<u8, 6> program{0x39, 0xdc, 0x5b, 0x9c, 0xeb, 0xfa};
    for (u64 seed = 1; seed <= 12; ++seed) CHECK(compare_engines(seed, Setting::Flat, forced, 1000, CpuModel::Pentium2, program) == "");
}
TEST_CASE("they agree where the walk for an instruction that is single-stepped comes upon tables that were just stored to") {
    CHECK(compare_engines(30180290, Setting::Protected16, forced, 1000, CpuModel::I386) == "");
}
TEST_CASE("they agree where a recipe is renamed after many others were made") { CHECK(compare_flow(1002164, Setting::Paged, forced, 2000, CpuModel::Pentium) == ""); }
TEST_CASE("they agree on programs that go on from block to block") {
    for (const Setting setting : everywhere)
        for (u64 seed = 1; seed <= 40; ++seed) REQUIRE(compare_flow(seed, setting, forced, 10000) == "");
}
TEST_CASE("many random programs", "[long]") {
    for (const Setting setting : everywhere)
        for (const auto& tuning : {forced, windowed}) compare_many(5000, setting, tuning, 5000);
}
