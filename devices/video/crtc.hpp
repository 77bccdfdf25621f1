// The VGA's CRT controller: the size of the picture in time, and which address of the planes is shown where.
//
//   3B4/3D4  index           3B5/3D5  data (which pair answers is said by bit 0 of the miscellaneous output register)
//   CR0  horizontal total    CR1  last column shown      CR2-3  horizontal blanking     CR4-5  horizontal retrace
//   CR6  vertical total      CR7  ninth and tenth bits   CR8  first row scan, 5-6: bytes panned
//   CR9  0-4: last row scan, 7: each line twice          CRA-B  cursor shape and skew   CRC-D  start address    CRE-F  cursor address
//   CR10-11  vertical retrace; CR11 4: 0 clears the interrupt, 5: 0 enables it, 7: CR0-7 are read-only
//   CR12  last line shown    CR13  offset                CR14  0-4: underline, 5: count by 4, 6: doublewords
//   CR15-16  vertical blanking                           CR17  0, 1: bits 13, 14 are not from the row scan, 2: lines counted by two,
//        3: count by 2, 5: words wrap at bit 15, 6: bytes, 7: run                       CR18  line compare
//   CR22, CR24  undocumented: a latch; bit 7, whether the attribute controller expects data
//
// Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", CRT Controller Registers.
#pragma once

#include <array>

#include "core/base/bits.hpp"
#include "core/state/describe.hpp"

namespace retrace {

struct Crtc {
    u8 index = 0;
    std::array<u8, 25> registers{};

    [[nodiscard]] u8 read() const { return index < registers.size() ? registers[index] : u8{0}; }
    void write(u8 value);

    // ---- horizontal, in characters
    [[nodiscard]] unsigned total_columns() const { return registers[0] + 5u; }
    [[nodiscard]] unsigned shown_columns() const { return registers[1] + 1u; }
    [[nodiscard]] unsigned blank_column() const { return registers[2]; }
    [[nodiscard]] unsigned shown_skew() const { return bits(registers[3], 5, 2); }

    // ---- vertical, in lines
    [[nodiscard]] unsigned total_lines() const { return (ten_bits(6, 0, 5) + 2) * line_unit(); }
    [[nodiscard]] unsigned shown_lines() const { return (ten_bits(0x12, 1, 6) + 1) * line_unit(); }
    [[nodiscard]] unsigned retrace_line() const { return ten_bits(0x10, 2, 7) * line_unit(); }
    [[nodiscard]] unsigned retrace_lines() const;
    [[nodiscard]] unsigned blank_line() const { return (registers[0x15] | bit(registers[7], 3) << 8 | bit(registers[9], 5) << 9) * line_unit(); }
    [[nodiscard]] unsigned line_compare() const { return (registers[0x18] | bit(registers[7], 4) << 8 | bit(registers[9], 6) << 9) * line_unit(); }
    [[nodiscard]] bool twice() const { return bit(registers[9], 7); }
    [[nodiscard]] bool running() const { return bit(registers[0x17], 7); }

    // ---- rows and addresses
    [[nodiscard]] unsigned last_row_scan() const { return bits(registers[9], 0, 5); }
    [[nodiscard]] unsigned first_row_scan() const { return bits(registers[8], 0, 5); }
    [[nodiscard]] unsigned bytes_panned() const { return bits(registers[8], 5, 2); }
    [[nodiscard]] u16 start() const { return word_of(registers[0x0d], registers[0x0c]); }
    [[nodiscard]] unsigned row_step() const { return registers[0x13] * 2u; }
    [[nodiscard]] bool row_scan_in_address() const { return (registers[0x17] & 3) != 3; }
    // The character counter's step is a half or a quarter with count by 2 or 4.
    [[nodiscard]] unsigned count_shift() const { return bit(registers[0x14], 5) ? 2 : bit(registers[0x17], 3) ? 1 : 0; }
    // On a row scan, from a value of the address counter to the planes' address: bytes, words or doublewords, whose low bits come from
    // the counter's high ones, and bits 13 and 14 from the row scan if so chosen.
    struct Addressing {
        unsigned shift, wrapped_from, wrapped, kept, row;
        u16 operator()(u16 counter) const {
            return static_cast<u16>(((static_cast<unsigned>(counter) << shift | (counter >> wrapped_from & wrapped)) & kept) | row);
        }
    };
    [[nodiscard]] Addressing addressing(unsigned row_scan) const;

    // ---- cursor and underline
    [[nodiscard]] bool cursor_on() const { return !bit(registers[0x0a], 5); }
    [[nodiscard]] unsigned cursor_first() const { return bits(registers[0x0a], 0, 5); }
    [[nodiscard]] unsigned cursor_last() const { return bits(registers[0x0b], 0, 5); }
    [[nodiscard]] u16 cursor() const { return static_cast<u16>(word_of(registers[0x0f], registers[0x0e]) + bits(registers[0x0b], 5, 2)); }
    [[nodiscard]] unsigned underline() const { return bits(registers[0x14], 0, 5); }

    // ---- the vertical interrupt
    [[nodiscard]] bool interrupt_held_clear() const { return !bit(registers[0x11], 4); }
    [[nodiscard]] bool interrupt_enabled() const { return !bit(registers[0x11], 5); }

private:
    [[nodiscard]] unsigned ten_bits(unsigned low, unsigned ninth, unsigned tenth) const {
        return static_cast<unsigned>(registers[low] | bit(registers[7], ninth) << 8 | bit(registers[7], tenth) << 9);
    }
    [[nodiscard]] unsigned line_unit() const { return bit(registers[0x17], 2) ? 2 : 1; }
};

template <> inline constexpr auto fields<Crtc> = describe(
    field("index", &Crtc::index),
    field("registers", &Crtc::registers));

}  // namespace retrace
