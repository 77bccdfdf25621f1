#include "core/isa/random_instruction.hpp"

#include "core/base/ensure.hpp"

namespace retrace {
namespace {

// Bytes of one encoding, in order.
class Roller {
public:
    Roller(Dice& dice, const Row& row, bool code32, u32 address_limit) : dice_{dice}, row_{row}, code32_{code32}, address_limit_{address_limit} {}

    // Without the bytes behind the operand; they may be anything.
    unsigned write(std::array<u8, Decoder::most_bytes>& out) {
        prefixes();
        const unsigned map = row_.opcode >> 8;
        if (map) put(0x0f);
        if (map == 0x38 || map == 0x3a) put(map);
        put((row_.opcode & 255) + dice_.below(opcodes_of(row_)));
        if (has_modrm(row_)) operand();
        if (has_form(row_, Form::Ob) || has_form(row_, Form::Ov)) displacement(address32_ ? 4 : 2, true);
        const unsigned size = size_;
        // Immediates: edges often, and whatever is left at random.
        while (size_ < bytes_.size()) put(dice_.one_in(3) ? (dice_.one_in(2) ? 0u : 255u) : dice_.below(256));
        out = bytes_;
        return size;
    }

private:
    void put(unsigned byte) {
        if (size_ < bytes_.size()) bytes_[size_++] = static_cast<u8>(byte);
    }

    void prefixes() {
        std::array<u8, 6> chosen;
        unsigned count = 0;
        if (dice_.one_in(3) && row_.prefix == 0) chosen[count++] = 0x66;
        if (dice_.one_in(4)) chosen[count++] = 0x67;
        static constexpr std::array<u8, 6> segments{0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
        if (dice_.one_in(5)) chosen[count++] = segments[dice_.below(6)];
        if ((row_.kind & kind::string) && dice_.one_in(2)) chosen[count++] = static_cast<u8>(dice_.between(0xf2, 0xf3));
        if (dice_.one_in((row_.kind & kind::lockable) ? 12 : 200)) chosen[count++] = 0xf0;
        for (unsigned at = count; at > 1; --at) std::swap(chosen[at - 1], chosen[dice_.below(at)]);
        address32_ = code32_;
        for (unsigned at = 0; at < count; ++at) {
            put(chosen[at]);
            if (chosen[at] == 0x67) address32_ = !code32_;
        }
        if (row_.prefix) put(row_.prefix);
    }

    void operand() {
        unsigned modrm = dice_.below(256);
        if (dice_.one_in(3)) modrm |= 0xc0;
        if (row_.reg >= 0) modrm = (modrm & 0xc7) | static_cast<unsigned>(row_.reg) << 3;
        if (row_.kind & kind::reg_only) modrm |= 0xc0;
        if (has_form(row_, Form::Rd)) modrm |= 0xc0;
        if ((row_.kind & kind::mem_only) && modrm >= 0xc0) modrm &= 0x3f | dice_.below(3) << 6;
        if (row_.modrm >= 0) modrm = static_cast<unsigned>(row_.modrm);
        put(modrm);
        const unsigned mod = modrm >> 6, rm = modrm & 7;
        if (mod == 3) return;
        if (address32_) {
            unsigned base = rm;
            if (rm == 4) {
                const unsigned sib = dice_.below(256);
                put(sib);
                base = sib & 7;
            }
            if (mod == 1) put(dice_.below(256));
            if (mod == 2 || (mod == 0 && base == 5)) displacement(4, mod == 0 && rm == 5);
        } else {
            if (mod == 1) put(dice_.below(256));
            if (mod == 2 || (mod == 0 && rm == 6)) displacement(2, mod == 0);
        }
    }

    void displacement(unsigned bytes, bool bare) {
        u32 value = bare ? dice_.below(address_limit_) : dice_.one_in(2) ? dice_.below(0x1000) : dice_.word();
        for (; bytes > 0; --bytes, value >>= 8) put(value & 255);
    }

    Dice& dice_;
    const Row& row_;
    bool code32_, address32_ = false;
    u32 address_limit_;
    std::array<u8, Decoder::most_bytes> bytes_{};
    unsigned size_ = 0;
};

}  // namespace

u32 Dice::word() {
    static constexpr std::array<u32, 12> edges{0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
    const u32 any = static_cast<u32>(roll());
    switch (below(6)) {
        case 0: return edges[below(static_cast<u32>(edges.size()))];
        case 1: return (any & 0xffff0000) | (edges[below(9)] & 0xffff);
        case 2: return any & 0xff;
        case 3: return static_cast<u32>(static_cast<i32>(any) >> 24);
        default: return any;
    }
}

RandomInstruction::RandomInstruction(const Decoder& decoder, const std::function<bool(const Row&)>& wanted, u32 address_limit)
    : decoder_{decoder}, address_limit_{address_limit} {
    Dice dice{1};
    Rolled rolled;
    for (std::size_t at = 1; at < rows.size(); ++at)
        if (wanted(rows[at]) && (roll(dice, false, static_cast<u16>(at), rolled) || roll(dice, true, static_cast<u16>(at), rolled)))
            rows_.push_back(static_cast<u16>(at));
    ENSURE(!rows_.empty(), "some row of the model is wanted");
}

RandomInstruction::Rolled RandomInstruction::roll(Dice& dice, bool code32) const {
    Rolled rolled;
    while (!roll(dice, code32, rows_[dice.below(static_cast<u32>(rows_.size()))], rolled)) {}
    return rolled;
}

bool RandomInstruction::roll(Dice& dice, bool code32, u16 row, Rolled& out) const {
    for (unsigned tries = 0; tries < 400; ++tries) {
        Roller{dice, rows[row], code32, address_limit_}.write(out.bytes);
        decoder_.decode(out.bytes, code32, out.instruction);
        if (out.instruction.row != row || out.instruction.has(Instruction::too_long)) continue;
        out.length = out.instruction.length;
        return true;
    }
    return false;
}

}  // namespace retrace
