// Law 1: interpreter and JIT are equal at every step, however time is cut into budgets.
#include <catch2/catch.hpp>

#include "tests/lockstep/world.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Setting;
using retrace::test::World;

namespace {

void compare(u64 seed, Setting setting, JitEngine::Tuning tuning, u64 total) {
    World reference{setting, seed, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }};
    World candidate{setting, seed, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, tuning); }};
    test::Dice dice{seed};
    const bool short_cuts = dice.one_in(4);
    u64 done = 0;
    while (done < total && !reference.reset) {
        const u64 budget = short_cuts ? dice.between(1, 64) : dice.between(1, 1000);
        reference.run(budget);
        candidate.run(budget);
        done += budget;
        INFO("seed " << seed << ", before step " << done << ", budget " << budget);
        REQUIRE(reference.reset == candidate.reset);
        REQUIRE(reference.transfers == candidate.transfers);
        REQUIRE(difference(inspect(reference.cpu), inspect(candidate.cpu)) == "");
    }
    INFO("seed " << seed);
    REQUIRE(digest(reference) == digest(candidate));
}

void compare_many(u64 count, Setting setting, JitEngine::Tuning tuning, u64 total) {
    for (u64 seed = 1; seed <= count; ++seed) compare(seed, setting, tuning, total);
}

constexpr JitEngine::Tuning forced{.threshold = 0};
constexpr JitEngine::Tuning only_calls{.threshold = 0, .emit = false};

}  // namespace

TEST_CASE("both engines agree wherever a random program in real mode is cut") { compare_many(150, Setting::Real, forced, 3000); }
TEST_CASE("both engines agree wherever a random program in flat 32-bit mode is cut") { compare_many(150, Setting::Flat, forced, 3000); }
TEST_CASE("both engines agree wherever a random program in segments with bases and limits is cut") { compare_many(100, Setting::Based, forced, 3000); }
TEST_CASE("both engines agree wherever a random program in paged memory is cut") { compare_many(100, Setting::Paged, forced, 3000); }
TEST_CASE("they agree where every instruction is called") {
    for (const Setting setting : {Setting::Real, Setting::Flat, Setting::Based, Setting::Paged}) compare_many(10, setting, only_calls, 2000);
}
TEST_CASE("they agree without links, with short traces and with other thresholds") {
    for (const Setting setting : {Setting::Real, Setting::Flat, Setting::Based, Setting::Paged}) {
        compare_many(10, setting, {.threshold = 0, .link = false}, 2000);
        compare_many(10, setting, {.threshold = 0, .windows = false}, 2000);
        compare_many(10, setting, {.threshold = 0, .trace_length = 3}, 2000);
        compare_many(10, setting, {.threshold = 5}, 4000);
    }
}
TEST_CASE("they agree with a code cache that always overflows") {
    for (const Setting setting : {Setting::Real, Setting::Flat, Setting::Based, Setting::Paged}) compare_many(10, setting, {.threshold = 0, .cache_bytes = 200 << 10}, 4000);
}
TEST_CASE("they agree where AH is added to what EAX points to, within a window") { compare(349, Setting::Flat, forced, 5000); }
TEST_CASE("many random programs", "[long]") {
    for (const Setting setting : {Setting::Real, Setting::Flat, Setting::Based, Setting::Paged}) compare_many(5000, setting, forced, 5000);
}
