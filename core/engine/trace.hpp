// Trace: decoded instructions that run one after the other, and which traces followed it.
#pragma once

#include <array>

#include "core/isa/instruction.hpp"

namespace retrace {

struct Trace {
    static constexpr u64 dead = ~u64{0};
    static constexpr u32 one_page = ~u32{0};
    static constexpr u16 never_hot = 0xffff;   // what is filled up again whenever it comes to 0

    // A trace that came next once, and comes next again while CS:EIP and the generation (Cpu::Run) are the same.
    struct Link {
        u64 generation = 0;         // 0 never is
        u64 where = 0;
        Trace* trace = nullptr;
    };

    u64 key = dead;                 // physical address * 2 + code32
    Trace* next = nullptr;          // in its bucket
    u32 count = 0;                  // instructions
    u32 bytes = 0;
    u32 second_page = one_page;     // physical page of an instruction that crosses
    u16 cold = never_hot;           // executions to go until an engine that translates wants to see it; then it stays 0
    bool translated = false;        // the observer wants to know when it goes
    bool plain = false;             // what pays elsewhere did not here
    u8 patches = 0;                 // how often immediates of translated instructions were stored to
    u32 unshown = 0;                // instructions, a bit each, that access what is no plain RAM
    u8 turn = 0;                    // which link to replace
    u8 patience = 0;                // how often its page lost translated code to stores of late: it pays later
    bool numeric = false;           // an instruction of the x87, MMX or SSE is in it, whose interpretation takes long: it pays sooner
    bool lukewarm = false;          // `cold` counts down to an earlier event: an engine may make its interpretation quicker
    Executor first_handler = nullptr;   // of its first instruction, while something else stands for that and some behind it; else null
    std::array<Link, 2> links{};

    // The instructions and a sentinel follow.
    [[nodiscard]] Instruction* instructions() { return reinterpret_cast<Instruction*>(this + 1); }
    [[nodiscard]] u32 first_byte() const { return static_cast<u32>(key >> 1); }
    [[nodiscard]] static u64 where(u32 base, u32 eip) { return u64{base} << 32 | eip; }
    [[nodiscard]] Trace* linked(u64 generation, u64 at) const {
        for (const Link& link : links)
            if (link.where == at && link.generation == generation) return link.trace->key != dead ? link.trace : nullptr;
        return nullptr;
    }
    void link(u64 generation, u64 at, Trace* to) {
        links[turn] = {generation, at, to};
        turn ^= 1;
    }
};
static_assert(sizeof(Trace) % alignof(Instruction) == 0);

}  // namespace retrace
