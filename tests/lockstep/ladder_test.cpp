// The rungs that code climbs which is stored to while it runs, each seen to be used: constants taken over in place, looked up by translated code,
// and blocks given up. The oracle forgets everything it decoded after each step.
#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tests/lockstep/world.hpp"
#include "tests/support/counter.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Setting;
using retrace::test::World;

namespace {

constexpr u32 at = World::code_at, data = World::data_at;

u64 counter(const World& world, std::string_view name) { return test::counter(*world.engine, name); }

void append(std::vector<u8>& to, std::initializer_list<u32> bytes) {
    for (const u32 byte : bytes) to.push_back(static_cast<u8>(byte));
}
void append32(std::vector<u8>& to, u32 value) { append(to, {value, value >> 8, value >> 16, value >> 24}); }

// Both engines beside the oracle, cut at random. Returns how the JIT ended.
std::unique_ptr<World> climb(std::span<const u8> program, u64 steps, JitEngine::Tuning tuning = {.threshold = 0}, u64 seed = 1) {
    const auto plain = [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); };
    World oracle{Setting::Flat, seed, plain, CpuModel::Pentium2, program}, interpreter{Setting::Flat, seed, plain, CpuModel::Pentium2, program};
    auto jit = std::make_unique<World>(Setting::Flat, seed, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, tuning); }, CpuModel::Pentium2, program);
    test::Dice dice{seed};
    for (u64 done = 0; done < steps && !oracle.reset;) {
        const u64 budget = dice.one_in(3) ? dice.between(1, 12) : dice.between(1, 300);
        for (u64 n = 0; n < budget && !oracle.reset; ++n) {
            oracle.run(1);
            oracle.engine->restored();
        }
        INFO("seed " << seed << ", before step " << done);
        done += budget;
        for (World* each : {&interpreter, jit.get()}) {
            each->run(budget);
            REQUIRE(each->reset == oracle.reset);
            REQUIRE(difference(inspect(oracle.cpu), inspect(each->cpu)) == "");
            REQUIRE(digest(oracle) == digest(*each));
        }
    }
    return jit;
}

}  // namespace

TEST_CASE("an immediate that is stored to in a hot loop is looked up by translated code") {
    std::vector<u8> program{0xb8, 1, 0, 0, 0, 0x01, 0xc3};           // again: mov eax,1; add ebx,eax
    append(program, {0xff, 0x05}), append32(program, at + 1);        // inc dword [its 1]
    append(program, {0xeb, 0xf1});                                   // jmp again
    const auto jit = climb(program, 4000);
    CHECK(counter(*jit, "instructions patched in place") > 500);
    CHECK(counter(*jit, "blocks patched") > 500);
    CHECK(counter(*jit, "blocks dropped") < 100);
}

TEST_CASE("a displacement that is stored to in a hot loop is looked up by translated code") {
    std::vector<u8> program{0x03, 0x1d};                             // again: add ebx,[data]
    append32(program, data);
    append(program, {0x83, 0x05}), append32(program, at + 2), append(program, {4});   // add dword [its displacement],4
    append(program, {0x80, 0x25}), append32(program, at + 3), append(program, {0x03});   // and byte [its second byte],3
    append(program, {0xeb, 0xea});                                   // jmp again
    const auto jit = climb(program, 4000);
    CHECK(counter(*jit, "instructions patched in place") > 500);
    CHECK(counter(*jit, "blocks patched") > 500);
}

TEST_CASE("code that is written over itself unchanged stays translated") {
    std::vector<u8> program{0xbe};                                   // mov esi,routine; mov edi,esi; mov ecx,8
    append32(program, at + 0x20);
    append(program, {0x89, 0xf7, 0xb9, 8, 0, 0, 0, 0xf3, 0xa4});     // rep movsb
    append(program, {0xe8, 0x0d, 0, 0, 0, 0xeb, 0xeb});              // call routine; jmp
    program.resize(0x20, 0x90);
    append(program, {0x81, 0xc3, 5, 0, 0, 0, 0x43, 0xc3});           // routine: add ebx,5; inc ebx; ret
    const auto jit = climb(program, 4000);
    CHECK(counter(*jit, "instructions rewritten unchanged") > 500);
    CHECK(counter(*jit, "instructions patched in place") == 0);
    CHECK(counter(*jit, "invalidations") == 0);
}

TEST_CASE("an instruction that becomes another one drops what was made of it") {
    std::vector<u8> program{0x43};                                   // again: inc ebx, or dec ebx
    append(program, {0x83, 0xc3, 3, 0x80, 0x35}), append32(program, at), append(program, {8});   // add ebx,3; xor byte [again],8
    append(program, {0xeb, 0xf3});                                   // jmp again
    const auto jit = climb(program, 3000);
    CHECK(counter(*jit, "invalidations") > 300);
    CHECK(counter(*jit, "blocks dropped") > 0);   // what was just decoded is executed once before it is translated
    CHECK(counter(*jit, "instructions patched in place") == 0);
}

TEST_CASE("code that becomes other code all the time does not fill the memory of what is decoded") {
    std::vector<u8> program{0x43};                                   // again: inc ebx, or dec ebx
    append(program, {0x83, 0xc3, 3, 0x80, 0x35}), append32(program, at), append(program, {8});   // add ebx,3; xor byte [again],8
    append(program, {0xeb, 0xf3});                                   // jmp again
    World world{Setting::Flat, 1, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu, Interpreter::Tuning{.cache_instructions = 4096}); }, CpuModel::Pentium2, program};
    world.run(100);
    const u64 clears = counter(world, "cache clears");
    world.run(40000);
    CHECK(counter(world, "invalidations") > 5000);
    CHECK(counter(world, "cache clears") == clears);
}

TEST_CASE("data right behind code are stored to without a handler") {
    std::vector<u8> program{0x01, 0x1d};                             // again: add [behind],ebx
    append32(program, at + 0x12);
    append(program, {0x43, 0x88, 0x1d}), append32(program, at + 0x16);   // inc ebx; mov [behind+4],bl
    append(program, {0x66, 0x90, 0xeb, 0xef, 0x90});                 // jmp again
    program.resize(0x20);
    const auto jit = climb(program, 3000);
    CHECK(counter(*jit, "blocks dropped") == 0);
    CHECK(counter(*jit, "invalidations") == 0);
    CHECK(counter(*jit, "exits by a handler") < 100);
}

TEST_CASE("random stores into a random loop: both engines and the oracle agree") {
    for (u64 seed = 1; seed <= 12; ++seed) {
        test::Dice dice{seed ^ 0x5e1f};
        std::vector<u8> program;
        std::vector<u32> constants;                                  // where bytes of immediates and displacements are
        const auto value = [&](unsigned bytes, u32 value) {
            for (unsigned n = 0; n < bytes; ++n) {
                constants.push_back(static_cast<u32>(program.size()));
                append(program, {value >> (8 * n)});
            }
        };
        const auto number = [&] { return static_cast<u32>(dice.roll()); };
        const unsigned pieces = static_cast<unsigned>(dice.between(4, 20));
        for (unsigned n = 0; n < pieces; ++n) {
            const u32 reg = std::array<u32, 4>{0, 1, 2, 3}[dice.below(4)];
            switch (dice.below(9)) {
                case 0: append(program, {0xb8 + reg}), value(4, number()); break;                                        // mov r,imm
                case 1: append(program, {0x81, 0xc0 + reg + 8 * static_cast<u32>(dice.below(8))}), value(4, number()); break;   // alu r,imm
                case 2: append(program, {0x83, 0xc0 + reg + 8 * static_cast<u32>(dice.below(8))}), value(1, number()); break;
                case 3: append(program, {0xc1, 0xc0 + reg + 8 * std::array<u32, 7>{0, 1, 2, 3, 4, 5, 7}[dice.below(7)]}), value(1, number() & 31); break;   // shifts
                case 4: append(program, {0x03 + 8 * static_cast<u32>(dice.below(8)), 0x05 + 8 * reg}), value(2, number() & 0x7ffc), append(program, {data >> 16, 0}); break;   // alu r,[disp]
                case 5: append(program, {0x81, 0x05 + 8 * static_cast<u32>(dice.below(8))}), value(2, number() & 0x7ffc), append(program, {data >> 16, 0}), value(4, number()); break;
                case 6: append(program, {0x8d, 0x84, 0x50}), value(4, number()); break;                                  // lea eax,[eax+edx*2+disp]
                case 7: append(program, {0x69, 0xc0 + 9 * reg}), value(4, number()); break;                              // imul r,r,imm
                default: append(program, {0x6a}), value(1, number()), append(program, {0x58 + reg}); break;              // push imm; pop r
            }
        }
        const std::size_t body = program.size();
        for (unsigned n = 0; n < 3; ++n) {
            const u32 target = !constants.empty() && !dice.one_in(8) ? constants[dice.below(constants.size())] : static_cast<u32>(dice.below(body));
            const u32 amount = 1u << dice.below(dice.one_in(2) ? 2 : 8);
            append(program, {0x80, dice.one_in(2) ? 0x35u : 0x05u}), append32(program, at + target), append(program, {amount});   // xor or add byte [there],amount
        }
        append(program, {0xe9}), append32(program, static_cast<u32>(0 - (program.size() + 4)));
        static_cast<void>(climb(program, 800, {.threshold = static_cast<unsigned>(seed % 3)}, seed));
    }
}

TEST_CASE("what only computes is copied, changes, and is copied again: both engines and the oracle agree") {
    u64 copied = 0, patched = 0;
    for (u64 seed = 1; seed <= 24; ++seed) {
        test::Dice dice{seed ^ 0xc0b1e5};
        std::vector<u8> program;
        const auto below = [&](u32 end) { return static_cast<u32>(dice.below(end)); };
        const auto from = [&] { return below(8); };                                                // ESP is read and never written
        const auto to = [&] { return std::array<u32, 7>{0, 1, 2, 3, 5, 6, 7}[dice.below(7)]; };
        const auto pair = [&] { return 0xc0 + from() * 8 + to(); };                                // of rm and reg, rm is written
        const unsigned pieces = static_cast<unsigned>(dice.between(10, 45));
        for (unsigned n = 0; n < pieces; ++n) {
            const u32 wide = dice.one_in(4) ? 0 : 1;
            const auto begin = [&](std::initializer_list<u32> opcode) {
                if (wide && dice.one_in(4)) append(program, {0x66});
                append(program, opcode);
            };
            switch (dice.below(13)) {
                case 0: begin({below(8) * 8 + wide, pair()}); break;                               // alu
                case 1: begin({below(8) * 8 + 2 + wide, 0xc0 + to() * 8 + from()}); break;
                case 2: append(program, {0x81, 0xc0 + below(8) * 8 + to()}), append32(program, static_cast<u32>(dice.roll())); break;
                case 3: begin({0x83, 0xc0 + below(8) * 8 + to(), below(256)}); break;
                case 4: begin({0xc0 + wide, 0xc0 + std::array<u32, 7>{0, 1, 2, 3, 4, 5, 7}[dice.below(7)] * 8 + to(), below(dice.one_in(3) ? 2 : 34)}); break;
                case 5: append(program, {0x8d, (dice.one_in(2) ? 0x44 : 0x4c) + (to() & 4) * 8, below(256), below(256)}); break;   // lea through SIB
                case 6: begin({0x0f, 0x40 + below(16), 0xc0 + to() * 8 + from()}); break;   // cmov
                case 7: append(program, {0x0f, 0x90 + below(16), 0xc0 + below(8)}); break;
                case 8: begin({0x0f, std::array<u32, 4>{0xb6, 0xb7, 0xbe, 0xbf}[dice.below(4)], 0xc0 + to() * 8 + from()}); break;
                case 9: begin({0xf6 + wide, 0xd0 + below(2) * 8 + to()}); break;                   // not, neg
                case 10: begin({0x40 + below(2) * 8 + to()}); break;                               // inc, dec
                case 11: append(program, {std::array<u32, 6>{0x98, 0x99, 0xf5, 0xf8, 0xf9, 0x90}[dice.below(6)]}); break;
                default: append(program, {0x0f, 0xc8 + to(), 0x84 + wide, pair(), 0x86 + wide, 0xc0 + to() * 8 + to()}); break;   // bswap; test; xchg
            }
        }
        const std::size_t body = program.size();
        append(program, {0x80, 0x05}), append32(program, data), append(program, {0x20});           // add byte [data],20h; jnz again
        append(program, {0x0f, 0x85}), append32(program, static_cast<u32>(0 - (program.size() + 4)));
        append(program, {0x80, 0x35}), append32(program, at + below(static_cast<u32>(body))), append(program, {1u << below(8)});   // xor byte [there],bit
        append(program, {0xe9}), append32(program, static_cast<u32>(0 - (program.size() + 4)));
        const auto jit = climb(program, 1500, {.threshold = 60'000, .copy_after = static_cast<unsigned>(seed % 3), .copy_least = static_cast<unsigned>(1 + seed % 4)}, seed);
        copied += counter(*jit, "traces copied");
        patched += counter(*jit, "instructions patched in place");
    }
    CHECK(copied > 100);
    CHECK(patched > 5);
}

TEST_CASE("a page that is stored to and executed in turn is soon no longer shown for stores") {
    std::vector<u8> program{0xbb};                                   // mov ebx,routine
    append32(program, data + 0x2000);
    append(program, {0x80, 0x33, 8, 0x88, 0x43, 8});                 // again: xor byte [ebx],8; mov [ebx+8],al
    append(program, {0xff, 0xd3, 0xff, 0xd3, 0xeb, 0xf4});           // call ebx; call ebx; jmp again
    const auto run = [&](unsigned turns) {
        auto world = std::make_unique<World>(Setting::Flat, 1, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, JitEngine::Tuning{.threshold = 0, .window_after = 0, .window_turns = turns}); }, CpuModel::Pentium2, program);
        world->memory.write({data + 0x2000}, 1, 0x40);               // routine: inc eax, or dec eax; ret
        world->memory.write({data + 0x2001}, 1, 0xc3);
        world->run(20'000);
        return world;
    };
    const auto follows = run(~0u), gives_up = run(8);
    CHECK(digest(*follows) == digest(*gives_up));
    CHECK(counter(*gives_up, "invalidations") > 1000);
    CHECK(counter(*gives_up, "window faults") < 100);
    if (counter(*gives_up, "windows opened") != 0) CHECK(counter(*follows, "window faults") > 1000);
}
