// KnownInstructions: decoding by memory. Most instructions are like one that was decoded a little earlier but for their constants; so what the
// decoder and prepare() made of it is kept, by the bytes that decide: opcode, ModRM and SIB, with 66 in front or not. None of this can be seen by a guest.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/base/bits.hpp"
#include "core/isa/decoder.hpp"

namespace retrace {

class KnownInstructions {
public:
    explicit KnownInstructions(const Decoder& decoder);

    // Decodes and prepares, as Decoder::decode() and prepare() do.
    [[gnu::always_inline]] Decoder::Result decode(std::span<const u8> bytes, bool code32, Instruction& out) {
        if (bytes.size() < Decoder::most_bytes) [[unlikely]] return decode_anew(bytes, code32, out, 0);
        const u32 key = key_of(bytes.data(), code32);
        const Known& known = known_[place_of(key)];
        if (known.key != key || key == 0) [[unlikely]] return decode_anew(bytes, code32, out, key);
        out = known.instruction;
        out.displacement = known.displacement.in(bytes.data());
        out.immediate |= known.immediate.in(bytes.data());
        return Decoder::Result::Done;
    }

private:
    static constexpr unsigned key_bits = 11;
    enum class Lead : u8 { Opcode, Escape, Wide, Unknown };   // Wide: 66; Unknown: not kept

    // A constant of an instruction: its bytes, extended. There are no branches in this: what comes next in a program is hard to foretell.
    struct Constant {
        u8 at = 0, beyond = 0;   // beyond: bits of a doubleword that are another's
        u32 mask = 0;            // of what is extended by its sign
        Constant() = default;
        Constant(unsigned first, unsigned bytes, bool is_signed)
            : at{static_cast<u8>(first)}, beyond{static_cast<u8>(bytes == 0 ? 0 : 32 - 8 * bytes)}, mask{bytes == 0 ? 0 : is_signed ? ~u32{0} : ~u32{0} >> beyond} {}
        [[nodiscard]] u32 in(const u8* begin) const { return static_cast<u32>(static_cast<i32>(load<u32>(begin + at) << beyond) >> beyond) & mask; }
    };

    struct Known {
        u32 key = 0;             // 0: none
        Constant displacement{}, immediate{};
        Instruction instruction{};   // its constants are 0 where they are in the bytes
    };

    [[nodiscard]] static std::size_t place_of(u32 key) { return key * 0x9e3779b1u >> (32 - key_bits); }
    // 0: of no kind that is kept.
    [[nodiscard, gnu::always_inline]] u32 key_of(const u8* at, bool code32) const {
        u32 key = u32{1} << 31 | u32{code32} << 30;
        const u32* decides = decides_.data();
        Lead lead = leads_[*at];
        if (lead != Lead::Opcode) [[unlikely]] {
            if (lead == Lead::Wide) {
                key |= u32{1} << 29;
                lead = leads_[*++at];
            }
            if (lead == Lead::Escape) {
                key |= u32{1} << 28;
                lead = escaped_leads_[*++at];
                decides = escaped_decides_.data();
            }
            if (lead != Lead::Opcode) return 0;
        }
        return key | (load<u32>(at) & decides[*at] & (code32 ? with_sib_[at[1]] : 0xffff));
    }
    Decoder::Result decode_anew(std::span<const u8> bytes, bool code32, Instruction& out, u32 key);

    const Decoder& decoder_;
    std::array<Lead, 256> leads_{}, escaped_leads_{};
    std::array<u32, 256> decides_{}, escaped_decides_{}, with_sib_{};   // which bytes, from the opcode on, decide; by opcode, by ModRM
    std::vector<Known> known_ = std::vector<Known>(std::size_t{1} << key_bits);
};

}  // namespace retrace
