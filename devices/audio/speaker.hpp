// The PC speaker: a cone behind an AND gate.
//
//   pin TONE   from OUT of the interval timer's channel 2
//   pin DATA   from bit 1 of port 61h
//   out        full level while both are high, else none; every change goes to the sink with its moment
//
// Source: IBM PC AT Technical Reference, "Speaker".
#pragma once

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/time/scheduler.hpp"
#include "devices/host/audio.hpp"

namespace retrace {

class Speaker final : public Device {
public:
    // A third of the range: loud beside nothing, not over a sound card.
    static constexpr i16 full_level = 10'000;

    struct State {
        bool tone = false;
        bool data = false;
    };

    Speaker(Scheduler& scheduler, AudioSink& sink);
    void reset(Reset reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

    [[nodiscard]] Line tone() { return Line{[this](bool high) { drive(state_.tone, high); }}; }
    [[nodiscard]] Line data() { return Line{[this](bool high) { drive(state_.data, high); }}; }

private:
    [[nodiscard]] i16 level() const { return state_.tone && state_.data ? full_level : i16{0}; }
    void drive(bool& pin, bool high);

    Scheduler& scheduler_;
    AudioSink& sink_;
    State state_;
};

template <> inline constexpr auto fields<Speaker::State> = describe(
    field("tone", &Speaker::State::tone),
    field("data", &Speaker::State::data));

}  // namespace retrace
