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
    // Instructions of these units raise nothing: they are there, switched on, and all exceptions are masked (of SSE: the second).
    bool x87 = false, sse = false, sse_masked = false;
    bool operator==(const Mode&) const = default;
};

struct Block;

// A direct exit. The `jump` (rel32 of a jmp or jcc) leads to a stub that asks for a link, or to the target.
struct Edge {
    u32 target_eip = 0;
    u8* jump = nullptr;          // where the rel32 lies, writable
    u8* stub = nullptr;          // writable
    u8* expect = nullptr;        // where the target page's entry is compared (imm32); null: the same page
    Block* from = nullptr;
    Block* to = nullptr;
};

struct Block {
    Trace* trace = nullptr;
    u32 eip = 0;
    u32 mode = 0;                // its number
    u64 physical = 0;
    u32 steps = 0;
    u32 bails = 0;               // how often its windows did not fit
    u8* code = nullptr;          // writable
    u32 hot_bytes = 0;           // what runs when nothing is rare; the rest lies behind
    std::array<Edge, 2> edges{};
    std::vector<Edge*> incoming{};
    // For handlers. Those that are called one after the other lie so, and a sentinel follows; one follows each of the others.
    std::vector<Instruction> instructions{};
};

}  // namespace retrace::jit
