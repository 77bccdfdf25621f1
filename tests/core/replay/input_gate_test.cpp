#include "core/replay/input_gate.hpp"

#include <catch2/catch.hpp>

using namespace retrace;

namespace {

struct Bench {
    Scheduler scheduler{StepRate{1000}};
    InputGate gate{scheduler};
    std::string log;
    Bench() {
        gate.connect("keyboard", [this](std::span<const u8> data) { log += std::to_string(scheduler.now().step) + ":" + std::to_string(data[0]) + " "; });
    }
};

}  // namespace

TEST_CASE("what was recorded is delivered again at the same moments, and nothing else gets in") {
    const u8 one[] = {1}, two[] = {2}, three[] = {3};
    Bench live;
    live.gate.post("keyboard", one);
    live.scheduler.run(10);
    live.gate.post("keyboard", two);
    live.gate.post("keyboard", three);

    Bench again;
    again.gate.play(live.gate.recording());
    again.gate.deliver_due();
    again.gate.post("keyboard", three);
    CHECK(again.gate.next() == Moment{10});
    again.scheduler.run(10);
    again.gate.deliver_due();
    CHECK(again.gate.next() == Moment::never());
    CHECK(again.log == live.log);
    CHECK(again.log == "0:1 10:2 10:3 ");
}
