// One case of the processor fuzzers: an instruction, the state it begins in and the memory it may touch, for our processor and for the host's.
// Both run it at privilege level 3 with segments of an LDT over one data area; addresses here are offsets in that area.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/isa/random_instruction.hpp"
#include "tools/oracle/wire.hpp"

namespace retrace::fuzz {

struct Piece {
    u32 address;
    std::vector<u8> bytes;
};

struct Case {
    u64 number = 0;
    RandomInstruction::Rolled code;
    bool code32 = false;
    oracle::Mode mode = oracle::Mode::Direct;
    oracle::State state{};           // segment bases count from the data area's, CS's from the code page's start
    std::vector<Piece> patches;
    std::vector<oracle::Range> watched;
    u32 undefined_flags = 0;
    bool memory_is_unspecified = false;  // after a fault
};

// What became of it.
struct Result {
    bool refused = false, fault = false;
    u32 vector = 0, error = 0, cr2 = 0;
    oracle::State state{};           // gpr, eip, eflags, fx
    std::array<u16, 6> selectors{};
    std::vector<u8> watched;
};

// By CPUID's features; what MMX registers got with a later feature belongs to that one.
enum class Family : u8 { Integer, X87, Mmx, Sse, Sse2, Sse3, Ssse3, Sse41, Sse42 /* and POPCNT */, Aes /* and PCLMULQDQ */ };
inline constexpr std::array<std::string_view, 10> family_names{"integer", "x87", "mmx", "sse", "sse2", "sse3", "ssse3", "sse4.1", "sse4.2", "aes"};
Family family_of(const Row& row);

// Bytes of an operand that is moved in several parts; else 0.
u32 parted_bytes(const Row& row);
// The offset in its segment of the operand in memory.
u32 operand_offset(const Case& one);

// Rolls cases. The same seed and filter roll the same ones.
class CaseMaker {
public:
    struct Filter {
        Family family = Family::Integer;
        std::string only;            // an opcode ("0FA4", "D3/4") or a mnemonic; empty: all
    };
    CaseMaker(const Decoder& decoder, const Filter& filter, u64 seed);

    Case make();
    [[nodiscard]] std::size_t rows_in_use() const { return instructions_.rows_in_use().size(); }

private:
    void roll_segments(bool code32);
    RandomInstruction::Rolled roll_code(bool code32);
    u32 roll_target(unsigned segment, u32 room);
    u32 roll_valid_target(unsigned segment, u32 room);
    void aim(Case& one);
    void aim_memory_operand(Case& one, u32 target);
    void watch(Case& one, unsigned segment, u32 offset, u32 before, u32 after);
    void patch(Case& one, unsigned segment, u32 offset, std::vector<u8> bytes);

    Dice dice_;
    Family family_;
    RandomInstruction instructions_;
    std::array<oracle::Segment, 6> segments_{};
    bool segments32_ = false;
    std::vector<Piece> next_patches_;
    u64 made_ = 0;
};

// Empty if they agree; else one line for each difference.
std::string difference(const Case& one, const Result& ours, const Result& hosts);
std::string mnemonic_of(const Case& one);
// The instruction and the state it began in, for people.
std::string describe(const Case& one);

}  // namespace retrace::fuzz
