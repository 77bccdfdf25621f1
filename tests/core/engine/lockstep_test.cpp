// Random programs: however time is cut, and whatever the caches are like, the machine is the same at every moment.
#include <catch2/catch.hpp>

#include "tests/core/engine/processor_bench.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Dice;
using retrace::test::ProcessorBench;
using retrace::test::seeds;

namespace {

constexpr u32 code_at = 0x1000, code_size = 0x3000;

// A processor in a small world: an interrupt every so often, a port that counts, everything else random bytes.
class World {
public:
    World(CpuModel model, Interpreter::Tuning tuning, Dice dice) : bench{model, tuning, u64{256} << 10}, period_{dice.between(20, 3000)} {
        bench.cpu.connect(source_);
        bench.ports.on_read<&World::in>(0, 0xffff, this);
        bench.ports.on_write<&World::out>(0, 0xffff, this);
        fill(dice);
        timer_.set_at({period_});
    }

    StopReason run(u64 steps) {
        const StopReason reason = bench.run(steps);
        if (reason == StopReason::Reset) reset = true;
        return reason;
    }

    ProcessorBench bench;
    bool reset = false;
    u64 transfers = 0;

private:
    struct Source : InterruptSource {
        u8 acknowledge() override {
            world.pin_.lower();
            return 0x40;
        }
        explicit Source(World& w) : world{w} {}
        World& world;
    };

    // Instructions with a likely shape: opcode, ModRM, small immediates. Branches stay near.
    void fill(Dice dice) {
        for (u32 vector = 0; vector < 256; ++vector) {
            bench.put_word(vector * 4, static_cast<u16>(code_at + dice.below(code_size)));
            bench.put_word(vector * 4 + 2, 0);
        }
        std::vector<u8> bytes(0x10000 - 0x400);
        for (auto& byte : bytes) {
            byte = dice.byte();
            if (dice.one_in(3)) byte &= 0x3f;               // arithmetic
            else if (dice.one_in(3)) byte = static_cast<u8>(0x40 | (byte & 0x3f));
            else if (dice.one_in(8)) byte = static_cast<u8>(0xa4 | (byte & 0x0f));
            if (byte == 0xf4 && !dice.one_in(4)) byte = 0x90;
        }
        bench.put(0x400, bytes);
        for (unsigned index = 0; index < 8; ++index) bench.cpu.state.gpr[index] = static_cast<u32>(dice.roll()) & (dice.one_in(4) ? ~0u : 0xffffu);
        for (const unsigned segment : {0u, 3u, 4u, 5u}) bench.cpu.set_real_segment(segment, static_cast<u16>(dice.below(0x3000)));
        bench.cpu.state.eip = code_at + static_cast<u32>(dice.below(code_size));
        bench.set_eflags(2 | (static_cast<u32>(dice.roll()) & (flag::status | flag::DF | flag::IF)));
    }
    u8 in(u16 port) { return static_cast<u8>(port * 7 + ++transfers + bench.scheduler.now().step); }
    void out(u16, u8 value) {
        ++transfers;
        if (value & 1) extra_.set_in(value);
    }

    Source source_{*this};
    Line pin_ = bench.cpu.interrupt_pin();
    u64 period_;
    Timer timer_{bench.scheduler, "tick", [this] {
                     pin_.raise();
                     timer_.set_in(period_);
                 }};
    Timer extra_{bench.scheduler, "extra", [this] { pin_.raise(); }};
};

constexpr CpuModel models[] = {CpuModel::I8086, CpuModel::I286, CpuModel::I386, CpuModel::I486, CpuModel::Pentium2, CpuModel::Max};

void compare(Dice dice, u64 total) {
    const CpuModel model = models[dice.below(std::size(models))];
    const Dice program{dice.roll()};
    const Interpreter::Tuning tuning{static_cast<unsigned>(dice.between(1, 32)), static_cast<unsigned>(dice.one_in(2) ? 300 : 100'000)};
    World reference{model, {1, 1u << 16}, program}, candidate{model, tuning, program};
    const bool single = dice.one_in(3);
    u64 done = 0;
    while (done < total && !reference.reset) {
        const u64 stretch = dice.between(1, 200);
        for (u64 left = stretch; left > 0 && !candidate.reset;) {
            const u64 cut = single ? 1 : dice.between(1, left);
            candidate.run(cut);
            left -= cut;
        }
        reference.run(stretch);
        done += stretch;
        INFO("seed " << dice.seed() << " model " << static_cast<int>(model) << " step " << done);
        REQUIRE(reference.reset == candidate.reset);
        REQUIRE(reference.transfers == candidate.transfers);
        REQUIRE(difference(inspect(reference.bench.cpu), inspect(candidate.bench.cpu)) == "");
    }
    REQUIRE(digest(reference.bench) == digest(candidate.bench));
}

}  // namespace

TEST_CASE("random programs run alike however they are cut and cached") {
    for (Dice dice : seeds(150)) compare(dice, 2000);
}

TEST_CASE("many random programs run alike however they are cut and cached", "[long]") {
    for (Dice dice : seeds(5000)) compare(dice, 4000);
}

TEST_CASE("a saved and loaded processor goes on the same") {
    for (Dice dice : seeds(40)) {
        const CpuModel model = models[dice.below(std::size(models))];
        const Dice program{dice.roll()};
        ProcessorBench* other = nullptr;
        World original{model, {}, program}, twin{model, {}, program};
        other = &twin.bench;
        original.run(dice.between(1, 1000));
        if (original.reset) continue;
        load_state(*other, save(original.bench));
        other->cpu.restored();
        other->engine.restored();
        twin.transfers = original.transfers;
        REQUIRE(digest(*other) == digest(original.bench));
    }
}
