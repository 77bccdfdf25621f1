// Spans: several accesses of a block at fixed distances from one register, as it is when the block is entered: locals and arguments around
// ESP or EBP, members of a structure. One check at the block's beginning finds the page for all of them; behind it they can neither fault nor
// be slow, and leave the flags alone. Where the check fails the interpreter runs the block, and if that happens again the block is made
// without spans. Only flat segments and 32-bit addresses.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "jit/block.hpp"
#include "jit/x64/frame.hpp"

namespace retrace::jit {

struct Span {
    u8 base = 0;               // register, its value at the beginning
    i32 first = 0, end = 0;    // bytes from it that are accessed
    bool read = false, write = false;
    [[nodiscard]] Touch touch() const { return read || !write ? Touch{write} : Touch::store(); }
};

struct Spans {
    std::vector<Span> all;
    std::array<i8, most_instructions + 1> of{};   // by instruction; -1: its accesses are checked where they are
};

// `emitted` says which instructions do not call their handlers.
Spans find_spans(std::span<const Instruction> block, std::span<const bool> emitted, const Mode& mode);

}  // namespace retrace::jit
