#include "tests/lockstep/flow.hpp"

#include <array>

namespace retrace::test {

namespace {

// EAX to EBX (and their bytes) hold data; ESI, EDI and EBP point into it.
class Writer {
public:
    Writer(u64 seed, bool wide, u32 origin, u32 data) : dice_{seed * 77 + 5}, wide_{wide}, origin_{origin}, data_{data} {}

    std::vector<u8> write() {
        blocks_ = 5 + below(12);
        // Pointers, and a table of places to jump to behind the first 64 bytes.
        for (const unsigned pointer : {6u, 7u, 5u}) load(pointer, data_ + (pointer == 7 ? 24 : pointer == 5 ? 16 : 0));
        std::vector<u32> entries;
        for (unsigned n = 0; n < table; ++n) {
            byte(0xc7);
            memory(0, 6, 0x40 + n * width());
            entries.push_back(size());
            word(0);
        }
        if (dice_.one_in(2)) byte(0xfb);   // STI
        dispatcher();
        for (u32 n = 0; n < blocks_; ++n) {
            starts_.push_back(size());
            if (dice_.one_in(3)) quiet();
            for (u32 some = below(6); some > 0; --some) instruction();
            end_of_block(n);
        }
        byte(0xe9);
        jump(0);
        for (const auto& [at, block] : jumps_) put(at, starts_[block] - (at + width()));
        for (const u32 at : entries) put(at, origin_ + starts_[below(blocks_)]);
        return code_;
    }

private:
    static constexpr unsigned table = 16;

    u32 below(u32 n) { return static_cast<u32>(dice_.below(n)); }
    [[nodiscard]] u32 size() const { return static_cast<u32>(code_.size()); }
    [[nodiscard]] u32 width() const { return wide_ ? 4 : 2; }
    void byte(u32 value) { code_.push_back(static_cast<u8>(value)); }
    void word(u32 value) {
        for (u32 n = 0; n < width(); ++n) byte(value >> (8 * n));
    }
    void put(u32 at, u32 value) {
        for (u32 n = 0; n < width(); ++n) code_[at + n] = static_cast<u8>(value >> (8 * n));
    }
    void load(unsigned reg, u32 value) {
        byte(0xb8 + reg);
        word(value);
    }
    void jump(u32 block) {
        jumps_.push_back({size(), block});
        word(0);
    }
    // ModRM of [pointer + displacement].
    void memory(u32 reg, unsigned pointer, u32 displacement) {
        byte(0x40 | reg << 3 | (wide_ ? pointer : pointer == 6 ? 4 : pointer == 7 ? 5 : 6));
        byte(displacement);
    }
    void memory(u32 reg) {
        static constexpr std::array<unsigned, 3> pointers{5, 6, 7};
        memory(reg, pointers[below(3)], below(8) * 4 + (dice_.one_in(4) ? below(4) : 0));
    }
    [[nodiscard]] u32 reg(bool bytes) { return below(bytes ? 8 : 4); }
    void registers(bool bytes) { byte(0xc0 | reg(bytes) << 3 | reg(bytes)); }

    // To one block after the other: a counter behind the data says to which.
    void dispatcher() {
        dispatcher_ = size();
        static constexpr std::array<u8, 14> wide_code{0x8b, 0x46, 0x3c, 0x40, 0x89, 0x46, 0x3c, 0x83, 0xe0, 0x0f, 0xff, 0x64, 0x86, 0x40};
        static constexpr std::array<u8, 17> code{0x8b, 0x44, 0x3c, 0x40, 0x89, 0x44, 0x3c, 0x83, 0xe0, 0x0f, 0x01, 0xc0, 0x89, 0xc3, 0xff, 0x60, 0x40};
        if (wide_) code_.insert(code_.end(), wide_code.begin(), wide_code.end());
        else code_.insert(code_.end(), code.begin(), code.end());
    }

    // Leaves the flags of the block before alone, and then looks at them.
    void quiet() {
        for (u32 some = below(4); some > 0; --some) {
            switch (below(7)) {
                case 0: byte(0x8a + below(2)); memory(below(4)); break;
                case 1: byte(0x88 + below(2)); memory(below(4)); break;
                case 2: byte(0x89); registers(false); break;
                case 3: byte(0xb0 + below(8)); byte(below(256)); break;
                case 4: byte(0xf7); byte(0xd0 | reg(false)); break;
                case 5: byte(0x91 + below(3)); break;
                default: byte(0x0f); byte(0xb6); memory(below(4)); break;
            }
        }
        switch (below(5)) {
            case 0: byte(0x9f); byte(0x88); return memory(4);
            case 1: byte(0x9c); byte(0x8f); return memory(0);
            case 2: byte(0x0f); byte(0x90 + below(16)); return memory(0);
            case 3: byte(0x40 + below(16) % 4); byte(0x0f); byte(0x92); return memory(0);
            default: byte(0x11); return registers(false);
        }
    }
    void instruction() {
        const bool wide_operand = !dice_.one_in(4);
        if (!wide_operand && dice_.one_in(2)) byte(0x66);
        const u32 bytes = wide_operand ? 0 : below(2), w = bytes ? 0 : 1;
        switch (below(34)) {
            case 0: case 1: case 2: byte(below(8) * 8 + w + below(2) * 2); return registers(bytes);
            case 3: case 4: byte(below(8) * 8 + w); return memory(reg(bytes));
            case 5: case 6: byte(below(8) * 8 + 2 + w); return memory(reg(bytes));
            case 7: byte(bytes ? 0x80 : 0x83); byte(0xc0 | below(8) << 3 | reg(bytes)); return byte(below(256));
            case 8: byte(bytes ? 0x80 : 0x83); memory(below(8)); return byte(below(256));
            case 9: case 10: return byte(0x40 + below(2) * 8 + below(4));
            case 11: byte(0xfe + w); return memory(below(2));
            case 12: byte(0xf6 + w); return byte(0xc0 | (2 + below(4)) << 3 | reg(bytes));
            case 13: byte(0x84 + w); return registers(bytes);
            case 14: byte(0xd0 + w); return byte(0xc0 | below(6) << 3 | (dice_.one_in(3) ? 7u : 5u) << 3 | reg(bytes));
            case 15: byte(0xc0 + w); byte(0xc0 | below(8) << 3 | reg(bytes)); return byte(below(33));
            case 16: byte(0xd2 + w); return byte(0xc0 | below(8) << 3 | reg(bytes));
            case 17: byte(0x0f); byte(0xaf); return registers(false);
            case 18: byte(0x0f); byte(0x90 + below(16)); return dice_.one_in(3) ? memory(0) : byte(0xc0 | reg(true));
            case 19: byte(0x0f); byte(0x40 + below(16)); return dice_.one_in(3) ? memory(reg(false)) : registers(false);
            case 20: return byte(0x9e + below(2));
            case 21: byte(0x9c); return byte(0x58 + reg(false));
            case 22: { static constexpr std::array<u32, 3> carry{0xf8, 0xf9, 0xf5}; return byte(carry[below(3)]); }
            case 23: byte(0x50 + reg(false)); instruction_without_stack(); return byte(0x58 + reg(false));
            case 24: byte(0x88 + w + below(2) * 2); return registers(bytes);
            case 25: case 26: byte(0x88 + w); return memory(reg(bytes));
            case 27: case 28: byte(0x8a + w); return memory(reg(bytes));
            case 29: byte(0x0f); byte(0xa3 + below(4) * 8); return dice_.one_in(4) ? (byte(0xc0 | reg(false) << 3 | reg(false))) : registers(false);
            case 30: byte(0x0f); byte(0xa4 + below(2) * 8); dice_.one_in(3) ? memory(reg(false)) : registers(false); return byte(below(33));
            case 31: byte(0x0f); byte(0xa5 + below(2) * 8); return registers(false);
            case 32: byte(0x0f); byte(below(2) ? 0xb0 + w : 0xc0 + w); return dice_.one_in(2) ? memory(reg(bytes)) : registers(bytes);
            default:
                switch (below(7)) {
                    case 0: byte(0x0f); byte(0xbc + below(2)); return registers(false);
                    case 1: return byte(0x98 + below(2));
                    case 2: byte(0x86 + w); return dice_.one_in(2) ? memory(reg(bytes)) : registers(bytes);
                    case 3: byte(0x0f); byte(0xc8 + reg(false)); return;
                    case 4: byte(0x0f); byte(0xb6 + below(2) * 8); return dice_.one_in(2) ? memory(reg(false)) : byte(0xc0 | reg(false) << 3 | reg(true));
                    case 5: byte(0x0f); byte(0xba); byte(0xc0 | (4 + below(4)) << 3 | reg(false)); return byte(below(40));
                    default: byte(0x91 + below(3)); return;
                }
        }
    }
    void instruction_without_stack() {
        byte(below(8) * 8 + 1);
        registers(false);
    }

    void end_of_block(u32 n) {
        const u32 any = n == 0 ? 0 : below(n + 2) % (n + 1);
        switch (below(16)) {
            case 0:
                byte(0xe9);
                if (dice_.one_in(4)) return jump(some_block());
                return word(dispatcher_ - (size() + width()));
            case 1: case 2:   // the next block is a function
                byte(0xe8);
                jump(some_block());
                return;
            case 3: case 4: return byte(0xc3);
            case 5: byte(0xff); return memory(2 + below(2) * 2, 6, 0x40 + below(table) * width());
            case 6: byte(0xe2); return byte(0);   // LOOP to what follows
            case 7: byte(below(2) ? 0xe3 : 0xe0 + below(2)); return byte(0);
            case 8: byte(0x70 + below(16)); byte(2); byte(0x8b); return registers(false);   // over one instruction
            case 9: return;
            default:
                byte(0x0f);
                byte(0x80 + below(16));
                return jump(dice_.one_in(2) ? some_block() : any);
        }
    }
    [[nodiscard]] u32 some_block() { return below(blocks_); }

    Dice dice_;
    bool wide_;
    u32 origin_, data_, blocks_ = 0, dispatcher_ = 0;
    std::vector<u8> code_;
    std::vector<u32> starts_;
    struct Jump {
        u32 at, block;
    };
    std::vector<Jump> jumps_;
};

}  // namespace

std::vector<u8> flow_program(u64 seed, bool wide, u32 origin, u32 data) { return Writer{seed, wide, origin, data}.write(); }

}  // namespace retrace::test
