// What a machine becomes depends neither on the lengths of traces, nor on the sizes of caches, nor on any other setting of an engine.
#include <catch2/catch.hpp>

#include "tests/lockstep/tunings.hpp"
#include "tests/lockstep/world.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Setting;
using retrace::test::World;
using retrace::test::seeds;

namespace {

constexpr u64 total = 6000;

Interpreter::Tuning roll_interpreter(test::Dice& dice) {
    return {.trace_length = static_cast<unsigned>(dice.between(1, 32)), .cache_instructions = 1u << dice.between(4, 16)};
}

JitEngine::Tuning roll_jit(test::Dice& dice) {
    JitEngine::Tuning tuning;
    tuning.threshold = static_cast<unsigned>(dice.below(3) * dice.below(40));
    tuning.cache_bytes = dice.below(3) * test::small_cache << dice.below(10);
    tuning.emit = !dice.one_in(4);
    tuning.spans = !dice.one_in(4);
    tuning.window_after = dice.below(3) * dice.below(3000);
    tuning.window_misses = static_cast<unsigned>(dice.between(1, 8));
    tuning.recipes = !dice.one_in(4);
    tuning.extend = !dice.one_in(4);
    tuning.crossing = !dice.one_in(4);
    tuning.link = !dice.one_in(4);
    tuning.beside = !dice.one_in(4);
    tuning.functions = !dice.one_in(4);
    tuning.extensions = !dice.one_in(4);
    tuning.trace_length = static_cast<unsigned>(dice.between(1, 32));
    return tuning;
}

// The digests at a few moments, time being cut as the dice fall.
template <class Make>
std::vector<u64> digests(Setting setting, u64 seed, CpuModel model, test::Dice& dice, Make&& make) {
    World world{setting, seed, make, model};
    std::vector<u64> all;
    for (u64 step = 0; step < total;) {
        for (const u64 until = step + total / 4; step < until && !world.reset;) {
            const u64 budget = std::min(until - step, dice.between(1, 1 << dice.below(12)));
            world.run(budget);
            step += budget;
        }
        all.push_back(digest(world));
        if (world.reset) break;
    }
    return all;
}

void compare_settings(u64 count) {
    static constexpr std::array models{CpuModel::I386, CpuModel::Pentium, CpuModel::Pentium2, CpuModel::Max};
    for (test::Dice dice : seeds(count)) {
        const Setting setting = test::everywhere[dice.below(test::everywhere.size())];
        const CpuModel model = models[dice.below(models.size())];
        const u64 seed = dice.roll();
        const auto reference = digests(setting, seed, model, dice, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); });
        const auto interpreter = roll_interpreter(dice);
        const auto jit = roll_jit(dice);
        INFO("dice " << dice.seed() << ": setting " << static_cast<int>(setting) << ", traces of " << interpreter.trace_length << " in "
                     << interpreter.cache_instructions << "; JIT: traces of " << jit.trace_length << " after " << jit.threshold << " in " << jit.cache_bytes);
        REQUIRE(digests(setting, seed, model, dice, [&](Cpu& cpu) { return std::make_unique<Interpreter>(cpu, interpreter); }) == reference);
        REQUIRE(digests(setting, seed, model, dice, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, jit); }) == reference);
    }
}

}  // namespace

TEST_CASE("the digest of a random program depends on no setting of an engine") { compare_settings(150); }
TEST_CASE("the digests of many random programs depend on no setting of an engine", "[long]") { compare_settings(20'000); }
