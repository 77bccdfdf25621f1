#include "devices/video/video_memory.hpp"

#include <algorithm>
#include <bit>

namespace retrace {

namespace {

// A bit for each plane, to FFh in the plane's byte.
constexpr u32 in_planes(unsigned four_bits) {
    return (bit(four_bits, 0) ? 0x000000ffu : 0) | (bit(four_bits, 1) ? 0x0000ff00u : 0) | (bit(four_bits, 2) ? 0x00ff0000u : 0) |
           (bit(four_bits, 3) ? 0xff000000u : 0);
}

constexpr u32 in_each(u8 value) { return value * 0x01010101u; }

}  // namespace

void VideoMemory::configure(const VgaRegisters& registers) {
    const Sequencer& sequencer = registers.sequencer;
    const GraphicsController& graphics = registers.graphics;
    Settings s;
    if (registers.memory_on()) {
        constexpr u32 bases[]{0, 0, 0x10000, 0x18000}, sizes[]{0x20000, 0x10000, 0x8000, 0x8000};
        s.window_base = bases[graphics.window()];
        s.window_size = sizes[graphics.window()];
    }
    const u32 exists = sequencer.extended_memory() ? 0xffff : 0x3fff;
    const u32 planes_on = in_planes(sequencer.map_mask());
    if (sequencer.chain_four()) {
        // The two bits that chose the plane take what lies beyond 64 KiB, as with the CRTC's doublewords.
        s.kept = 0xfffc & exists;
        s.from_16 = 3;
    } else if (graphics.chain_odd_even()) {
        // The bit that chose odd or even takes A16 of the 128 KiB window, or the page bit, upside down: with the bit set, as
        // every standard mode has it, the even addresses are used that the CRTC shows.
        s.kept = 0xfffe & exists;
        if (graphics.window() == 0) s.from_16 = 1;
        else s.fixed = registers.odd_even_page() ? 0 : 1;
    } else {
        s.kept = exists;
    }
    for (unsigned low = 0; low < 4; ++low) {
        const u32 odd_even = low & 1 ? 0xff00ff00u : 0x00ff00ffu;
        s.written[low] = planes_on & (sequencer.chain_four() ? 0xffu << 8 * low : sequencer.odd_even() ? odd_even : ~0u);
        s.shown[low] = static_cast<u8>(sequencer.chain_four() ? low : graphics.odd_even_reads() ? (graphics.read_map() & 2) | (low & 1) : graphics.read_map());
    }
    s.read_compares = graphics.read_compares();
    s.compare = in_planes(graphics.colour_compare());
    s.care = in_planes(graphics.colour_care());
    s.write_mode = graphics.write_mode();
    s.rotate = graphics.rotate();
    s.function = graphics.function();
    s.set_reset = in_planes(graphics.set_reset());
    s.enable_set_reset = in_planes(graphics.enable_set_reset());
    s.bit_mask = in_each(graphics.bit_mask());
    s.plain_write = s.write_mode == 0 && s.rotate == 0 && s.function == 0 && s.enable_set_reset == 0 && s.bit_mask == ~0u;
    const bool linear = sequencer.chain_four() && exists == 0xffff;
    s.linear_read = linear && !s.read_compares;
    s.linear_write = linear && s.plain_write && planes_on == ~0u;
    settings_ = s;
}

u8 VideoMemory::view(u32 four, unsigned plane) const {
    if (!settings_.read_compares) return static_cast<u8>(four >> 8 * plane);
    const u32 differs = (four ^ settings_.compare) & settings_.care;
    return static_cast<u8>(~(differs | differs >> 8 | differs >> 16 | differs >> 24));
}

u32 VideoMemory::modified(u8 value) const {
    const Settings& s = settings_;
    u32 data = 0, mask = s.bit_mask;
    switch (s.write_mode) {
        case 0:
            data = (in_each(std::rotr(value, static_cast<int>(s.rotate))) & ~s.enable_set_reset) | (s.set_reset & s.enable_set_reset);
            break;
        case 1:
            return latches_;
        case 2:
            data = in_planes(value);
            break;
        default:
            mask &= in_each(std::rotr(value, static_cast<int>(s.rotate)));
            data = s.set_reset;
            break;
    }
    switch (s.function) {
        case 1: data &= latches_; break;
        case 2: data |= latches_; break;
        case 3: data ^= latches_; break;
        default: break;
    }
    return (data & mask) | (latches_ & ~mask);
}

u8 VideoMemory::read_byte(u32 offset) {
    const u32 address = offset - settings_.window_base;
    if (address >= settings_.window_size) return 0xff;
    latches_ = load<u32>(&bytes_[place(address)]);
    return view(latches_, settings_.shown[address & 3]);
}

u8 VideoMemory::peek(u32 offset) const {
    const u32 address = offset - settings_.window_base;
    if (address >= settings_.window_size) return 0xff;
    return view(load<u32>(&bytes_[place(address)]), settings_.shown[address & 3]);
}

void VideoMemory::write_byte(u32 offset, u8 value) {
    const u32 address = offset - settings_.window_base;
    if (address >= settings_.window_size) return;
    const u32 data = settings_.plain_write ? in_each(value) : modified(value);
    const u32 planes = settings_.written[address & 3];
    u8* bytes = &bytes_[place(address)];
    store(bytes, (load<u32>(bytes) & ~planes) | (data & planes));
}

u64 VideoMemory::read(u32 offset, unsigned width) {
    const u32 address = offset - settings_.window_base;
    if (settings_.linear_read && address < settings_.window_size && address + width <= settings_.window_size) {
        latches_ = load<u32>(&bytes_[(address + width - 1) & ~3u]);
        switch (width) {
            case 1: return bytes_[address];
            case 2: return load<u16>(&bytes_[address]);
            case 4: return load<u32>(&bytes_[address]);
            default: return load<u64>(&bytes_[address]);
        }
    }
    u64 value = 0;
    for (unsigned i = 0; i < width; ++i) value |= u64{read_byte(offset + i)} << 8 * i;
    return value;
}

void VideoMemory::write(u32 offset, unsigned width, u64 value) {
    const u32 address = offset - settings_.window_base;
    if (settings_.linear_write && address < settings_.window_size && address + width <= settings_.window_size) {
        std::memcpy(&bytes_[address], &value, width);
        return;
    }
    for (unsigned i = 0; i < width; ++i) write_byte(offset + i, static_cast<u8>(value >> 8 * i));
}

void VideoMemory::clear() {
    std::fill(bytes_.begin(), bytes_.end(), u8{0});
    latches_ = 0;
}

void VideoMemory::visit(StateVisitor& visitor) {
    retrace::visit(visitor, "latches", latches_);
    visitor.bytes("planes", bytes_);
}

}  // namespace retrace
