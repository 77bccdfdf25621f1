// Block: one translated trace, and what leads from it to others.
//
// A block is for one place in physical memory seen in one way: its Mode and its eip. So instruction pointers are constants in it. Links to
// blocks in another page check at run time that the page is still the same; others need no check.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/engine/trace_cache.hpp"
#include "core/isa/instruction.hpp"
#include "jit/baseline/recipe.hpp"

namespace retrace::jit {

// What a segment register is like, as far as code is made for it.
enum class SegmentClass : u8 {
    Flat,      // base 0, all 4 GiB may be read and written
    Real,      // base a multiple of 16, limit FFFF, readable and writable; loads in real or virtual-8086 mode keep it so
    General,   // base and limit are looked up
};

struct Mode {
    u32 code_base = 0, code_limit = 0;
    std::array<SegmentClass, 6> segment{};
    bool stack32 = false, paging = false, real = false, a20 = false, code32 = false;
    // The units are there and switched on, and no exception of the x87 waits.
    bool x87 = false, sse = false;
    bool x87_masked = false, sse_masked = false;   // all exceptions are
    bool windowed = false;                         // the context has a window, and GS leads there
    bool operator==(const Mode&) const = default;
};

struct Block;

// What a block wants of r11d before it has anything else.
enum class Wants : u8 {
    Nothing,   // any form will do
    Carry,     // the carry in bit 0
    Image,     // all flags
};
constexpr u32 every_register = 0xff;

constexpr unsigned most_instructions = 64;   // of a block

// A direct exit. The `jump` (rel32 of a jmp or jcc) leads to a stub that asks for a link, or to the target.
struct Edge {
    u32 target_eip = 0;
    u8* jump = nullptr;          // where the rel32 lies, writable
    u8* stub = nullptr;          // writable
    u8* expect = nullptr;        // where the target page's entry is compared (imm32); null: the same page
    u32 resident = 0;            // units whose registers are at hand
    Recipe recipe{};             // named by r11d; Kind::None: none is, or one without registers that came from before the block
    // Where, on the way, something is done for the target's sake; writable, null: not yet.
    struct Adapter {
        u8* code = nullptr;
        u8* jump = nullptr;
    };
    std::array<Adapter, 2> adapters{};
    Block* from = nullptr;
    Block* to = nullptr;
};

struct Block {
    std::vector<Trace*> traces{};   // it begins with the first
    u32 eip = 0;
    u32 mode = 0;                // its number
    u64 physical = 0;
    u32 second_page = Trace::one_page;   // physical page where its one instruction ends, if that is another one
    u32 steps = 0;
    u32 bails = 0;               // how often its spans did not fit
    bool is_given_up = false;    // nothing leads to it, but it may be running
    u32 disturbed = 0;           // registers it has written at a place where what was in r11d may still be looked at, a bit each
    Wants wants = Wants::Nothing;
    u8* code = nullptr;          // writable
    u8* loaded = nullptr;        // the same for whoever comes with the registers of its units at hand
    u32 units = 0;               // those it looks for at its beginning
    u32 hot_bytes = 0;           // what runs when nothing is rare; the rest lies behind
    std::vector<Edge> edges{};   // stay where they are
    std::vector<Edge*> incoming{};
    // For handlers. Those that are called one after the other lie so, and a sentinel follows; one follows each of the others.
    std::vector<Instruction> instructions{};
};

}  // namespace retrace::jit
