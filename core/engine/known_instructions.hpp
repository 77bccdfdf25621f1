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
        const Decoder::Constants& c = known.constants;
        if (c.displacement_bytes != 0) out.displacement = signed_at(bytes.data() + c.displacement_at, c.displacement_bytes);
        if (c.immediate_bytes != 0) {
            const u8* const at = bytes.data() + c.immediate_at;
            out.immediate = c.immediate_signed ? signed_at(at, c.immediate_bytes) : load<u32>(at) & (~u32{0} >> (32 - 8 * c.immediate_bytes));
        }
        return Decoder::Result::Done;
    }

private:
    static constexpr unsigned key_bits = 11;
    enum class Lead : u8 { Unknown, Plain, WithModrm, Escape, Wide };   // Unknown: not kept; Wide: 66

    struct Known {
        u32 key = 0;             // 0: none
        Decoder::Constants constants{};
        Instruction instruction{};
    };

    [[nodiscard]] static std::size_t place_of(u32 key) { return key * 0x9e3779b1u >> (32 - key_bits); }
    [[nodiscard]] static u32 signed_at(const u8* at, unsigned size) {
        const unsigned rest = 32 - 8 * size;
        return static_cast<u32>(static_cast<i32>(load<u32>(at) << rest) >> rest);
    }
    // 0: of no kind that is kept.
    [[nodiscard, gnu::always_inline]] u32 key_of(const u8* at, bool code32) const {
        u32 key = u32{1} << 31 | u32{code32} << 30;
        Lead lead = leads_[*at];
        if (lead == Lead::Wide) {
            key |= u32{1} << 29;
            lead = leads_[*++at];
        }
        if (lead == Lead::Escape) {
            key |= u32{1} << 28;
            lead = escaped_leads_[*++at];
        }
        key |= *at;
        if (lead == Lead::Plain) return key;
        if (lead != Lead::WithModrm) return 0;
        const u8 modrm = at[1];
        key |= u32{modrm} << 8;
        if (code32 && (modrm & 7) == 4 && modrm < 0xc0) key |= u32{at[2]} << 16;
        return key;
    }
    Decoder::Result decode_anew(std::span<const u8> bytes, bool code32, Instruction& out, u32 key);

    const Decoder& decoder_;
    std::array<Lead, 256> leads_{}, escaped_leads_{};
    std::vector<Known> known_ = std::vector<Known>(std::size_t{1} << key_bits);
};

}  // namespace retrace
