// Laws 2, 3 and 4 of the house, in the middle of a DOS boot.
#include <catch2/catch.hpp>

#include "tests/support/dice.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/test_machine.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

std::optional<MachineOptions> dos() {
    const auto image = shared_file("guests/freedos-160.img");
    if (!image) {
        say_skipped("no guest freedos-160.img");
        return std::nullopt;
    }
    MachineOptions options;
    options.floppy = image->string();
    return options;
}

// Two seconds of a boot with somebody at the keyboard.
void boot_and_type(Machine& machine, Dice& dice) {
    const Moment end = after(machine, 2.5);
    while (machine.now() < end) {
        machine.run(machine.now() + dice.between(1000, 400'000));
        const Key key = static_cast<Key>(dice.between(static_cast<u32>(Key::A), static_cast<u32>(Key::Enter)));
        machine.key(key, true);
        machine.run(machine.now() + dice.between(0, 40'000));
        machine.key(key, false);
    }
}

}  // namespace

TEST_CASE("law 2: the same start and recording give the same digest at every moment") {
    const auto options = dos();
    if (!options) return;
    auto live = make_machine(*options);
    Dice dice{1};
    boot_and_type(*live, dice);

    auto again = make_machine(*options);
    again->input().play(live->input().recording());
    while (again->now() < live->now()) again->run(std::min(live->now(), again->now() + dice.between(1, 3'000'000)));
    again->run(live->now());
    CHECK(again->now() == live->now());
    INFO(difference(inspect(*live), inspect(*again)));
    CHECK(again->digest() == live->digest());
    CHECK(again->picture() == live->picture());
}

TEST_CASE("law 3: saving and loading at any moment changes nothing afterwards") {
    const auto options = dos();
    if (!options) return;
    auto plain = make_machine(*options);
    Dice dice{2};
    for (int n = 0; n < 12; ++n) {
        plain->run(plain->now() + dice.between(1, 6'000'000));
        auto twin = make_machine(*options);
        twin->load_state(plain->save_state());
        CHECK(twin->digest() == plain->digest());
        const Moment later = plain->now() + dice.between(1, 2'000'000);
        // Loading into a machine that is somewhere else entirely must be as good.
        auto elsewhere = make_machine(*options);
        elsewhere->run({dice.between(1, 1'000'000)});
        elsewhere->load_state(plain->save_state());
        plain->run(later);
        twin->run(later);
        elsewhere->run(later);
        INFO("step " << later.step << "\n" << difference(inspect(*plain), inspect(*twin)));
        REQUIRE(twin->digest() == plain->digest());
        REQUIRE(elsewhere->digest() == plain->digest());
    }
}

TEST_CASE("law 4: a reset machine is a new one, save for what hardware keeps") {
    const auto options = dos();
    if (!options) return;
    auto used = make_machine(*options);
    Dice dice{3};
    boot_and_type(*used, dice);
    used->reset();
    used->run(used->now());
    auto fresh = make_machine(*options);
    // Kept: time and what is counted from it, RAM and video memory, CMOS, and where the floppy drive's head stands.
    const auto kept = [](const std::string& name) {
        for (const char* prefix : {"scheduler.", "memory.", "rtc.", "vga.memory.", "pit.", "vga.", "fdc.", "shelf.", "power_management.overflow_at"})
            if (name.starts_with(prefix)) return true;
        return false;
    };
    const auto without_kept = [&](Machine& machine) {
        auto entries = inspect(machine);
        std::erase_if(entries, [&](const auto& entry) { return kept(entry.first); });
        return entries;
    };
    CHECK(difference(without_kept(*used), without_kept(*fresh)).empty());
    // And it boots again.
    used->run(after(*used, 3));
    const auto screen = used->text_screen();
    REQUIRE(screen);
}

TEST_CASE("nothing depends on how time is cut, nor on the sizes of caches") {
    const auto options = dos();
    if (!options) return;
    auto reference = make_machine(*options);
    Dice dice{4};
    std::vector<std::unique_ptr<Machine>> candidates;
    for (int n = 0; n < 3; ++n) {
        auto other = *options;
        other.tuning.trace_length = static_cast<unsigned>(dice.between(1, 32));
        other.tuning.cache_instructions = 1u << dice.between(4, 14);
        candidates.push_back(make_machine(other));
    }
    for (int n = 0; n < 8; ++n) {
        const Moment until = reference->now() + dice.between(1, 5'000'000);
        reference->run(until);
        for (const auto& candidate : candidates) {
            while (candidate->now() < until) candidate->run(std::min(until, candidate->now() + dice.between(1, 20'000)));
            INFO("step " << until.step << "\n" << difference(inspect(*reference), inspect(*candidate)));
            REQUIRE(candidate->digest() == reference->digest());
        }
    }
}
