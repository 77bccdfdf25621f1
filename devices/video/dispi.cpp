#include "devices/video/dispi.hpp"

#include <algorithm>

namespace retrace {

namespace {

constexpr std::size_t bank_size = 0x10000;

bool is_depth(u16 bits) { return bits == 8 || bits == 15 || bits == 16 || bits == 24 || bits == 32; }

}  // namespace

bool Dispi::fits(std::size_t memory) const {
    if (!is_depth(depth) || width == 0 || height == 0 || width > most_width || height > most_height || pitch < width) return false;
    return start() + (height - 1u) * line_bytes() + std::size_t{width} * pixel_bytes() <= memory;
}

u16 Dispi::read(std::size_t memory) const {
    const bool capabilities = control & capabilities_bit;
    switch (index) {
        case 0: return identification;
        case 1: return capabilities ? most_width : width;
        case 2: return capabilities ? most_height : height;
        case 3: return capabilities ? u16{32} : depth;
        case 4: return control;
        case 5: return bank;
        case 6: return pitch;
        case 7: return line_bytes() == 0 ? u16{0} : static_cast<u16>(std::min<std::size_t>(memory / line_bytes(), 0xffff));
        case 8: return left;
        case 9: return top;
        case 10: return static_cast<u16>(memory / bank_size);
        default: return 0;
    }
}

Dispi::Effect Dispi::take(u16 Dispi::*field, u16 value, std::size_t memory) {
    Dispi after = *this;
    after.*field = value;
    if (enabled() && !after.fits(memory)) return Effect::Refused;
    *this = after;
    return Effect::Changed;
}

Dispi::Effect Dispi::enable(u16 value, std::size_t memory) {
    constexpr u16 kept_bits = enable_bit | capabilities_bit | eight_bit_dac | 0x40 | keep_memory;
    const bool begins = (value & enable_bit) && !enabled();
    if (begins) {
        Dispi after = *this;
        after.pitch = width;
        after.left = after.top = after.bank = 0;
        if (!after.fits(memory)) return Effect::Refused;
        *this = after;
    }
    control = value & kept_bits;
    return begins && !(value & keep_memory) ? Effect::Cleared : Effect::Changed;
}

Dispi::Effect Dispi::write(u16 value, std::size_t memory) {
    switch (index) {
        case 0:
            if (value < 0xb0c0 || value > 0xb0c5) return Effect::None;
            identification = value;
            return Effect::None;
        case 1: case 2: case 3: {
            if (enabled()) return Effect::None;
            u16& field = index == 1 ? width : index == 2 ? height : depth;
            field = index == 1 ? static_cast<u16>(value & ~7u) : index == 3 && value == 0 ? u16{8} : value;
            return Effect::None;
        }
        case 4: return enable(value, memory);
        case 5:
            if (value >= memory / bank_size) return Effect::Refused;
            bank = value;
            return Effect::Changed;
        case 6: return take(&Dispi::pitch, value, memory);
        case 8: return take(&Dispi::left, value, memory);
        case 9: return take(&Dispi::top, value, memory);
        default: return Effect::None;
    }
}

}  // namespace retrace
