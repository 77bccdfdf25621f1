// Decoder: bytes to an Instruction, as one processor model understands them.
//
// The caller hands over the bytes that it may read; where they end too early (end of a page, of the segment) the answer is NeedsMore and the
// byte behind the given ones is certainly part of the instruction, so that a fault can be delivered for exactly that byte. With
// `most_bytes` bytes the answer is always Done.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/isa/features.hpp"
#include "core/isa/instruction.hpp"
#include "core/isa/model.hpp"

namespace retrace {

class Decoder {
public:
    enum class Result : u8 { Done, NeedsMore };

    static constexpr unsigned most_bytes = 15;

    explicit Decoder(CpuModel model) : Decoder(model, features_of(model)) {}
    Decoder(CpuModel model, Features features);

    // Where the constants of an instruction lie in it. `others`: one that these do not describe.
    struct Constants {
        u8 displacement_at = 0, displacement_bytes = 0, immediate_at = 0, immediate_bytes = 0;
        bool immediate_signed = false, others = false;
    };

    // `code32` is the D bit of CS. Everything in `out` is overwritten but what belongs to traces (execute, offset).
    Result decode(std::span<const u8> bytes, bool code32, Instruction& out, Constants* constants = nullptr) const;

    // Does an instruction with this opcode have a ModRM byte, with or without 66 in front of it?
    [[nodiscard]] bool may_have_modrm(bool two_bytes, u8 opcode) const;
    [[nodiscard]] bool is_prefix(u8 byte) const { return prefixes_[byte] != Prefix::None; }
    [[nodiscard]] bool is_escape(u8 byte) const { return byte == 0x0f && two_byte_; }

    [[nodiscard]] CpuModel model() const { return model_; }
    // Longer instructions raise #GP(0).
    [[nodiscard]] unsigned longest() const { return longest_; }

private:
    // A row index, or a table to look on in: by ModRM's mod and reg, then by rm.
    using Entry = u16;
    static constexpr Entry by_reg = 0x4000, by_rm = 0x8000, index = 0x3fff;

    // The prefixes of the model, one for each byte that is one.
    enum class Prefix : u8 { None, Segment, Operand, Address, Lock, Repne, Rep };

    void fill(unsigned map, unsigned opcode, std::span<const u16> candidates);
    Entry resolve(unsigned prefix, std::span<const u16> candidates);

    CpuModel model_;
    u8 longest_ = 15;
    bool two_byte_ = true;      // 0F is an escape
    bool checks_lock_ = true;   // LOCK is #UD where it makes no sense
    u8 segment_mask_ = 7;       // of the reg field of MOV Sreg
    std::array<Prefix, 256> prefixes_{};
    std::array<std::array<Entry, 256>, 16> first_{};  // [map * 4 + mandatory prefix][opcode]
    std::vector<std::array<Entry, 16>> regs_;         // [register form * 8 + reg]
    std::vector<std::array<Entry, 8>> rms_;
};

}  // namespace retrace
