// Law 1 at every single step: programs cut there, interrupted there, handed from one engine to the other there; and an address line that
// comes and goes.
#include <catch2/catch.hpp>

#include "tests/lockstep/compare.hpp"
#include "tests/lockstep/flow.hpp"

using namespace retrace;
using retrace::test::Setting;
using retrace::test::World;
using retrace::test::everywhere;

namespace {

constexpr JitEngine::Tuning forced{.threshold = 0};
std::unique_ptr<ExecutionEngine> oracle(Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }
std::unique_ptr<ExecutionEngine> translator(Cpu& cpu) { return std::make_unique<JitEngine>(cpu, forced); }

// A program in a setting: a random one, or one that goes on from block to block. Every step of it is looked at.
struct Program {
    Setting setting;
    u64 seed;
    std::vector<u8> bytes{};

    std::unique_ptr<World> under(std::unique_ptr<ExecutionEngine> (*engine)(Cpu&)) const { return std::make_unique<World>(setting, seed, engine, CpuModel::Max, bytes); }
};

std::vector<Program> programs() {
    std::vector<Program> all;
    for (const Setting setting : everywhere) {
        all.push_back({setting, 4});
        all.push_back({setting, 9});   // of floating point
        all.push_back({setting, 5, test::flow_of(5, setting)});
    }
    return all;
}

}  // namespace

TEST_CASE("a program that is cut once is the same, at whatever step it is cut") {
    constexpr u64 last = 80;
    for (const Program& program : programs()) {
        INFO("setting " << static_cast<int>(program.setting) << ", seed " << program.seed);
        const auto reference = program.under(&oracle);
        const auto whole = program.under(&translator);
        whole->run(last);
        for (u64 cut = 1; cut < last; ++cut) {
            reference->run(1);
            const auto candidate = program.under(&translator);
            candidate->run(cut);
            INFO("cut before step " << cut);
            REQUIRE(difference(inspect(reference->cpu), inspect(candidate->cpu)) == "");
            if (reference->reset) break;
            candidate->run(last - cut);
            REQUIRE(digest(*candidate) == digest(*whole));
        }
    }
}
TEST_CASE("an interrupt arrives at every boundary between instructions") {
    constexpr u64 last = 60;
    u64 taken = 0, asked = 0;
    for (const bool maskable : {true, false})
        for (const Program& program : programs()) {
            INFO("setting " << static_cast<int>(program.setting) << ", seed " << program.seed << (maskable ? "" : ", not maskable"));
            if (!maskable && program.bytes.empty()) continue;
            for (u64 at = 1; at < last; ++at) {
                const auto reference = program.under(&oracle), candidate = program.under(&translator);
                for (World* world : {reference.get(), candidate.get()}) {
                    world->interrupt_only_at(at, maskable);
                    world->cpu.set_eflags(world->cpu.eflags() | flag::IF);
                    world->run(last);
                }
                INFO("asked for at step " << at);
                REQUIRE(difference(inspect(reference->cpu), inspect(candidate->cpu)) == "");
                REQUIRE(digest(*reference) == digest(*candidate));
                taken += candidate->cpu.interrupts_taken;
                ++asked;
            }
        }
    CHECK(taken * 2 > asked);   // most of them were
}
TEST_CASE("a state goes from one engine to the other at any step") {
    constexpr u64 last = 120;
    for (const Program& program : programs()) {
        INFO("setting " << static_cast<int>(program.setting) << ", seed " << program.seed);
        const auto reference = program.under(&oracle);
        reference->run(last);
        for (u64 step = 1; step < last; step += 8) {
            INFO("at step " << step);
            for (const bool to_jit : {true, false}) {
                const auto before = program.under(to_jit ? &oracle : &translator), after = program.under(to_jit ? &translator : &oracle);
                before->run(step);
                after->run(7);   // something else was there
                load_state(*after, save(*before));
                after->restored();
                after->run(last - step);
                REQUIRE(difference(inspect(reference->cpu), inspect(after->cpu)) == "");
                REQUIRE(digest(*reference) == digest(*after));
            }
        }
    }
}
TEST_CASE("address bit 20 comes and goes under programs that use it") {
    const auto prepare = [](World& world, u64 seed) {
        test::Dice dice{seed ^ 0xa20};
        world.toggle_a20_every(dice.between(1, 300));
        for (const unsigned index : {Eax, Ecx, Edx, Ebx, Ebp, Esi, Edi}) world.cpu.state.gpr[index] |= dice.one_in(2) ? 0x100000u : 0u;
        if (!world.cpu.protected_mode())
            for (const unsigned segment : {0u, 3u, 4u}) world.cpu.set_real_segment(segment, static_cast<u16>(dice.one_in(2) ? 0xf000 + dice.below(0x1000) : 0x2000));
    };
    for (const Setting setting : everywhere)
        for (u64 seed = 1; seed <= 40; ++seed) REQUIRE(test::compare_engines(seed, setting, forced, 3000, CpuModel::Pentium2, seed % 2 ? test::flow_of(seed, setting) : std::vector<u8>{}, prepare) == "");
}
