// Random instructions, rolled from the opcode table: for fuzzers and lock-step tests. The same seed rolls the same bytes on every host.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "core/isa/decoder.hpp"
#include "core/isa/rows.hpp"

namespace retrace {

// A small generator (splitmix64).
class Dice {
public:
    explicit Dice(u64 seed) : state_{seed} {}

    u64 roll() {
        u64 z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    u32 below(u32 limit) { return static_cast<u32>((roll() >> 32) * limit >> 32); }
    u32 between(u32 first, u32 last) { return first + below(last - first + 1); }
    bool one_in(u32 chances) { return below(chances) == 0; }
    // Any 32 bits, values at the edges often.
    u32 word();

private:
    u64 state_;
};

class RandomInstruction {
public:
    struct Rolled {
        std::array<u8, Decoder::most_bytes> bytes{};
        u8 length = 0;
        Instruction instruction{};
    };

    // `wanted` says which rows may be rolled; bare displacements stay below `address_limit`.
    RandomInstruction(const Decoder& decoder, const std::function<bool(const Row&)>& wanted, u32 address_limit = 0x10000);

    [[nodiscard]] const std::vector<u16>& rows_in_use() const { return rows_; }
    // Each row is equally likely.
    Rolled roll(Dice& dice, bool code32) const;
    // This row; false if the decoder sees another in the rolled bytes every time.
    bool roll(Dice& dice, bool code32, u16 row, Rolled& out) const;

private:
    const Decoder& decoder_;
    std::vector<u16> rows_;
    u32 address_limit_;
};

}  // namespace retrace
