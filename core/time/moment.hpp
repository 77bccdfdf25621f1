// Moment: the machine's only time. It counts steps since power-on: one per instruction, per REP iteration,
// per idle tick of HLT.
#pragma once

#include <compare>

#include "core/base/types.hpp"

namespace retrace {

struct Moment {
    u64 step = 0;

    constexpr auto operator<=>(const Moment&) const = default;
    constexpr Moment operator+(u64 steps) const { return {step + steps}; }
    constexpr u64 operator-(Moment earlier) const { return step - earlier.step; }

    static constexpr Moment never() { return {~u64{0}}; }
};

}  // namespace retrace
