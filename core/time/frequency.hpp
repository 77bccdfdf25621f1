// Frequency: exact conversion between steps and the ticks of a clock, by integer arithmetic.
#pragma once

#include "core/base/ensure.hpp"
#include "core/time/moment.hpp"

namespace retrace {

// How many steps make a second of virtual time. One per machine, chosen by the CPU model or --speed.
struct StepRate {
    u64 steps_per_second = 0;
};

// A clock of `numerator / denominator` Hz that ticks since power-on: its tick 0 is at moment 0.
class Frequency {
public:
    constexpr Frequency(StepRate rate, u64 numerator, u64 denominator = 1)
        : ticks_{numerator}, steps_{static_cast<u128>(rate.steps_per_second) * denominator} {
        ENSURE(numerator != 0 && denominator != 0 && rate.steps_per_second != 0, "a clock must tick");
    }

    // Ticks that have begun by `moment` (not counting tick 0).
    [[nodiscard]] constexpr u64 ticks_at(Moment moment) const { return static_cast<u64>(ticks_ * moment.step / steps_); }

    // The first moment at which `ticks` ticks have begun: ticks_at(moment_of(n)) >= n, and it is the earliest such. When steps
    // are longer than ticks, several ticks share a moment.
    [[nodiscard]] constexpr Moment moment_of(u64 ticks) const {
        return {static_cast<u64>((ticks * steps_ + ticks_ - 1) / ticks_)};
    }

    // Steps that `ticks` ticks take, rounded up, at least 1 for a tick or more.
    [[nodiscard]] constexpr u64 steps_for(u64 ticks) const { return moment_of(ticks).step; }

private:
    u128 ticks_, steps_;
};

// Steps in so many microseconds (rounded up).
constexpr u64 steps_in_microseconds(StepRate rate, u64 microseconds) {
    return Frequency{rate, 1'000'000}.steps_for(microseconds);
}

}  // namespace retrace
