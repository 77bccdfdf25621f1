// The contract every device keeps, as a test over any of them:
//
//   - reset equals birth, whatever was done before, save for what hardware keeps;
//   - a twin restored from a saved state behaves the same for ever after: same reads, same edges on its pins, same state;
//   - saving changes nothing; peeking changes nothing and tells what a read would return;
//   - no port or window access of any width crashes.
//
// To put a device under it, wire it up in a bench and name the claims to poke:
//
//     struct CountdownBench : DeviceBench {
//         Countdown chip{scheduler, pin("irq")};
//         CountdownBench() { add(chip); poke(0xe0, 0xe1); }
//         void disturb(Dice& dice) override { ... }           // optional: what comes in by other ways than ports
//         void visit_outside(StateVisitor& v) override { ... } // optional: what the test keeps and the device reads back
//     };
//     TEST_CASE("the countdown keeps the device contract") { check_device_contract<CountdownBench>(); }
//
// pin(name) makes a Line whose level and edges are watched. sense(text) puts anything else the device shows to the outside
// into the same record (a byte sent, a sample). Members are constructed in order, so pins may stand in initialisers.
// kept("state.cmos") names a prefix of inspected state that a reset does not touch. A device with several chips adds them all.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/mmio_map.hpp"
#include "core/bus/port_map.hpp"
#include "core/state/visitors.hpp"
#include "core/time/scheduler.hpp"
#include "tests/support/dice.hpp"

namespace retrace::test {

class DeviceBench {
public:
    // A million steps a second unless told: one step is a microsecond.
    explicit DeviceBench(u64 steps_per_second = 1'000'000) : scheduler{StepRate{steps_per_second}} {}
    virtual ~DeviceBench() = default;
    DeviceBench(const DeviceBench&) = delete;
    DeviceBench& operator=(const DeviceBench&) = delete;

    Scheduler scheduler;
    PortMap ports;
    MmioMap windows;

    // A wire from the device, watched: edges go into the record.
    Line pin(const std::string& name) {
        levels_[name] = false;
        return Line{[this, name](bool high) {
            if (levels_[name] == high) return;
            levels_[name] = high;
            sense(name + (high ? " rises" : " falls"));
        }};
    }
    [[nodiscard]] bool level(const std::string& name) const { return levels_.at(name); }
    [[nodiscard]] const std::map<std::string, bool>& levels() const { return levels_; }

    // Something the device showed to the outside.
    void sense(const std::string& what) { record_.push_back(std::to_string(scheduler.now().step) + " " + what); }
    std::vector<std::string> take_record() { return std::exchange(record_, {}); }

    // What comes in by other ways than ports: keys, DREQ, other chips' lines.
    virtual void disturb(Dice&) {}
    // State of the surroundings that the device reads back, such as the test's memory.
    virtual void visit_outside(StateVisitor&) {}

    void visit(StateVisitor& visitor) {
        visitor.enter("scheduler");
        scheduler.visit(visitor);
        visitor.leave();
        visit_devices(visitor);
        visit_outside(visitor);
    }
    void visit_devices(StateVisitor& visitor) {
        for (std::size_t i = 0; i < devices_.size(); ++i) {
            visitor.enter(devices_.size() == 1 ? "state" : "state" + std::to_string(i));
            devices_[i]->visit(visitor);
            visitor.leave();
        }
    }
    void reset(Reset kind) { for (Device* device : devices_) device->reset(kind); }
    void restored() { for (Device* device : devices_) device->restored(); }

    struct Claim { u32 first, last; bool port; };
    [[nodiscard]] const std::vector<Claim>& claims() const { return claims_; }
    [[nodiscard]] const std::vector<std::string>& kept_prefixes() const { return kept_; }

    // Steps with most of the time spent well apart, so that both neighbouring ticks and long waits occur.
    static u64 some_steps(Dice& dice) {
        switch (dice.below(8)) {
            case 0: return dice.below(200'000);
            case 1: return dice.below(3'000);
            default: return dice.below(40);
        }
    }

protected:
    void add(Device& device) {
        devices_.push_back(&device);
        device.attach(ports);
        device.attach(windows);
    }
    // Ports, or offsets of memory windows by physical address, that random accesses go to.
    void poke(u16 first, u16 last) { claims_.push_back({first, last, true}); }
    void poke_window(u32 first, u32 last) { claims_.push_back({first, last, false}); }
    void kept(const std::string& prefix) { kept_.push_back(prefix); }

private:
    std::vector<Device*> devices_;
    std::vector<Claim> claims_;
    std::vector<std::string> kept_;
    std::map<std::string, bool> levels_;
    std::vector<std::string> record_;
};

// One random access or disturbance and some time; what was read, if anything.
inline u64 random_poke(DeviceBench& bench, Dice& dice) {
    u64 seen = 0;
    if (dice.one_in(5)) {
        bench.disturb(dice);
    } else {
        const auto& claim = bench.claims()[dice.below(bench.claims().size())];
        const u32 at = static_cast<u32>(dice.between(claim.first, claim.last));
        const unsigned width = dice.one_in(6) ? 2u << dice.below(2) : 1u;
        const bool reads = dice.one_in(2);
        const u64 value = dice.roll();
        if (claim.port) {
            if (reads) seen = bench.ports.read(static_cast<u16>(at), width);
            else bench.ports.write(static_cast<u16>(at), width, static_cast<u32>(width == 4 ? value : value & ((1u << 8 * width) - 1)));
        } else if (const auto hit = bench.windows.find({at}); hit.window) {
            const u32 offset = hit.offset & ~(width - 1);
            if (reads) seen = hit.window->mmio_read(offset, width);
            else hit.window->mmio_write(offset, width, width == 4 ? value & 0xffffffff : value & ((1u << 8 * width) - 1));
        }
    }
    if (dice.one_in(3)) bench.scheduler.run(DeviceBench::some_steps(dice));
    return seen;
}

namespace detail {

// Device state and set timers, without what hardware keeps and without the order in which timers were set.
inline StateInspector::Entries state_of(DeviceBench& bench) {
    StateInspector inspector;
    bench.visit(inspector);
    auto entries = inspector.take();
    std::erase_if(entries, [&](const auto& entry) {
        if (entry.first == "scheduler.now" || (entry.first.starts_with("scheduler.") && entry.first.ends_with("sequence"))) return true;
        return std::ranges::any_of(bench.kept_prefixes(), [&](const std::string& prefix) { return entry.first.starts_with(prefix); });
    });
    return entries;
}

template <class Bench>
void check_reset(Dice dice, unsigned pokes) {
    {
        Bench born, reset;
        reset.reset(Reset::PowerOn);
        REQUIRE(difference(state_of(born), state_of(reset)) == "");
        REQUIRE(born.levels() == reset.levels());
    }
    for (const Reset kind : {Reset::PowerOn, Reset::Hard}) {
        Bench used, fresh;
        for (unsigned i = 0; i < pokes; ++i) random_poke(used, dice);
        used.scheduler.run(1);
        used.reset(kind);
        fresh.scheduler.run(used.scheduler.now().step);
        fresh.reset(kind);
        REQUIRE(difference(state_of(used), state_of(fresh)) == "");
        if (used.kept_prefixes().empty()) REQUIRE(used.levels() == fresh.levels());
    }
}

template <class Bench>
void check_twin(Dice dice, unsigned pokes) {
    Bench original;
    constexpr unsigned twins = 8;
    for (unsigned n = 0; n < twins; ++n) {
        for (u64 i = dice.below(pokes / 4); i > 0; --i) random_poke(original, dice);

        const auto saved = save(original);
        REQUIRE(save(original) == saved);
        Bench twin;
        load_state(twin, saved);
        twin.restored();
        REQUIRE(save(twin) == saved);
        REQUIRE(twin.levels() == original.levels());

        original.take_record();
        twin.take_record();
        Dice same = dice;
        for (unsigned i = 0; i < pokes / 4; ++i) {
            const u64 left = random_poke(original, dice), right = random_poke(twin, same);
            INFO("twin " << n << ", poke " << i << " of seed " << dice.seed());
            REQUIRE(left == right);
            REQUIRE(original.take_record() == twin.take_record());
        }
        const u64 more = n + 1 == twins ? 3'000'000 : 3'000;
        original.scheduler.run(more);
        twin.scheduler.run(more);
        REQUIRE(original.take_record() == twin.take_record());
        REQUIRE(difference(inspect(original), inspect(twin)) == "");
    }
}

template <class Bench>
void check_peek(Dice dice, unsigned pokes) {
    Bench bench;
    for (unsigned i = 0; i < pokes; ++i) {
        random_poke(bench, dice);
        const auto before = save(bench);
        bench.take_record();
        const auto& claim = bench.claims()[dice.below(bench.claims().size())];
        const u32 at = static_cast<u32>(dice.between(claim.first, claim.last));
        if (claim.port) {
            const auto seen = bench.ports.peek(static_cast<u16>(at));
            REQUIRE(save(bench) == before);
            REQUIRE(bench.take_record().empty());
            INFO("port " << at << " at poke " << i << " of seed " << dice.seed());
            if (!seen) continue;
            u32 read = bench.ports.read(static_cast<u16>(at), 1);
            if (*seen != read) {  // then it is a handler of 16 bits
                load_state(bench, before);
                bench.restored();
                read = bench.ports.read(static_cast<u16>(at), 2);
            }
            REQUIRE(*seen == read);
        } else if (const auto hit = bench.windows.find({at}); hit.window) {
            const auto seen = hit.window->mmio_peek(hit.offset);
            REQUIRE(save(bench) == before);
            REQUIRE(bench.take_record().empty());
            INFO("window offset " << hit.offset << " at poke " << i << " of seed " << dice.seed());
            if (seen) REQUIRE(*seen == (hit.window->mmio_read(hit.offset, 1) & 0xff));
        }
    }
}

}  // namespace detail

// Makes about `rounds * pokes * 8` accesses.
template <class Bench>
void check_device_contract(u64 rounds = 20, unsigned pokes = 400) {
    for (const Dice& dice : seeds(rounds)) {
        INFO("seed " << dice.seed());
        detail::check_reset<Bench>(dice, pokes);
        detail::check_twin<Bench>(dice, pokes);
        detail::check_peek<Bench>(dice, pokes);
    }
}

}  // namespace retrace::test
