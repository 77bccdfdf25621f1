// The hardware oracle's wire format: one IA-32 user-mode instruction, a state to begin in, and what became of it on the host's processor.
//
// `oracle` is a 32-bit program; others start it and talk over pipes: a Batch header, then for each of its requests a Request, `patches`
// times (Range, bytes), and `ranges` times a Range; then, when all are done, for each a Reply and the bytes of its ranges come back. Nothing here depends on the word size.
#pragma once

#include <cstdint>

namespace retrace::oracle {

// The words of core/base/types.hpp, which wants a 64-bit host.
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Linear addresses that exist in the oracle; everything else faults.
constexpr u32 code_base = 0x10000000;  // one page, filled with INT3 before each run
constexpr u32 code_size = 0x1000;
constexpr u32 data_base = 0x20000000;  // kept between runs; the bytes around it fault
constexpr u32 data_size = 0x111000;    // a whole real-mode address space and a page
constexpr u32 gap_size = 0x200000;     // on either side of both

enum class Mode : u32 {
    Step,    // with TF, by signals: any one instruction, REP strings until they are done
    Run,     // by signals without TF, until an INT3 of the filling: PUSHF, short sequences
    Direct,  // by a jump there and back: one instruction that is no branch, does not use or change GS and does not change CS; by far the quickest
};

// With `ldt` clear the flat user selector is used. With it set a descriptor is made: 16-bit code and real-mode bases can be executed.
struct Segment {
    u32 base;
    u32 limit;   // in bytes; above FFFFF all its low 12 bits are ones
    u8 ldt;
    u8 big;      // D/B
    u8 readonly;
    u8 down;     // expands down
};

// `fx` is an FXSAVE image (32-bit layout).
struct State {
    u32 gpr[8];
    u32 eip;      // offset in CS
    u32 eflags;   // CF PF AF ZF SF DF OF AC are loaded, all else is fixed
    Segment segment[6];
    u8 fx[512];
};

struct Batch {
    u32 requests, bytes;  // what follows
};

struct Request {
    u32 magic;
    Mode mode;
    u32 code_bytes;  // copied to CS.base + eip, in the code page or the data area
    u8 code[16];
    State in;
    u32 patches, ranges;
};

struct Range {
    u32 address, bytes;
};

enum class Outcome : u32 {
    Done,
    Fault,    // vector, error, cr2 are valid; eip as the processor saved it
    Refused,  // not executed: it could enter the kernel or leave compatibility mode
    Timeout,
};

struct Reply {
    u32 magic;
    Outcome outcome;
    u32 vector, error, cr2;
    u32 steps;         // REP iterations that were stepped
    State out;         // TF and RF are cleared
    u16 selector[6];
};

constexpr u32 magic = 0x4c43524f;

// The selectors that segments with `ldt` set have, ES to GS.
constexpr u16 ldt_selector(unsigned segment) { return static_cast<u16>((segment + 1) << 3 | 7); }

}  // namespace retrace::oracle
