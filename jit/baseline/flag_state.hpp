// FlagState: where the guest's status flags are at some point of a block, as the translator knows it.
//
// `valid`: the host's RFLAGS hold them. Besides, or instead, they may be in a home, from which they can be had when something has destroyed
// RFLAGS. Pushing RFLAGS costs more than most instructions, and most flags are never looked at; so a home is a recipe wherever one will do: an
// operation whose operands, or whose result, are still there.
#pragma once

#include "jit/baseline/recipe.hpp"

namespace retrace::jit {

struct FlagState {
    enum class Home : u8 {
        Nowhere,   // in RFLAGS, if they are wanted at all; `recipe` says what else they could be made of
        Packed,    // r11d is an EFLAGS image
        Either,    // r11d is that, or says that they are in Cpu::flags
        Entry,     // r11d is what it was at the beginning of the block: any of its forms (recipe.hpp)
        Recipe,    // `recipe` can be done again; r11d is nothing
        Carried,   // r11d names `recipe`, whose carry is in it
    };
    bool valid = false;
    Home home = Home::Entry;
    Recipe recipe{};
};

}  // namespace retrace::jit
