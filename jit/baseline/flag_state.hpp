// FlagState: where the guest's status flags are at some point of a block, as the translator knows it.
//
// `valid`: the host's RFLAGS hold them. Besides, or instead, they may be in a home, from which they can be had when something has destroyed
// RFLAGS. A recipe is an operation whose operands are still there: emitted again, it leaves the same flags.
#pragma once

#include "core/base/types.hpp"

namespace retrace::jit {

struct Recipe {
    enum class Kind : u8 { Compare, Test, Add, Subtract, Negate };
    Kind kind = Kind::Compare;
    u8 width = 4;
    u8 a = 0, b = 0;           // registers; b counts unless `immediate`
    bool immediate = false;
    u32 value = 0;

    // General register a byte register belongs to.
    [[nodiscard]] static u8 whole(u8 index, u8 width) { return width == 1 ? index & 3 : index; }
    [[nodiscard]] bool uses(u8 general) const { return whole(a, width) == general || (!immediate && whole(b, width) == general); }
};

struct FlagState {
    enum class Home : u8 {
        Nowhere,
        Packed,    // r11d is an EFLAGS image
        Either,    // r11d is that, or says that they are in Cpu::flags
        Recipe,
    };
    bool valid = false;
    Home home = Home::Either;
    Recipe recipe{};
};

}  // namespace retrace::jit
