// VideoMemory: four planes of 64 KiB, and the processor's way to them through sequencer and graphics controller.
//
// The four bytes of one plane address lie together, so that a latch load is one word; and plane addresses are stored with their two low
// bits on top, so that memory in chain 4 (the low bits of an address choose the plane and are cleared in the plane address, A16 coming
// in) is plain linear bytes.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/base/bits.hpp"
#include "core/state/visitor.hpp"
#include "devices/video/registers.hpp"

namespace retrace {

class VideoMemory {
public:
    static constexpr u32 plane_size = 0x10000;

    // ---- the planes
    [[nodiscard]] static constexpr u32 index_of(u32 address) { return (address & 0xfffc) | (address & 3) << 16; }
    // The bytes of planes 0 (lowest) to 3 at a plane address.
    [[nodiscard]] u32 four(u32 address) const { return load<u32>(&bytes_[index_of(address)]); }
    [[nodiscard]] u8 byte(u32 address, unsigned plane) const { return bytes_[index_of(address) + plane]; }
    void set_byte(u32 address, unsigned plane, u8 value) { bytes_[index_of(address) + plane] = value; }
    [[nodiscard]] u32 latches() const { return latches_; }

    // ---- the processor's accesses; offsets count from A0000h
    // After every register write that may matter here.
    void configure(const VgaRegisters& registers);
    // While a store only changes the byte it names: the bytes that lie behind the window, from `offset` on. Else nothing.
    struct Direct {
        u32 offset = 0;
        std::span<u8> bytes{};
    };
    [[nodiscard]] Direct direct_stores() {
        return settings_.linear_write ? Direct{settings_.window_base, std::span{bytes_}.first(settings_.window_size)} : Direct{};
    }
    // Where the bytes lie that loads would return, if they lie in a row.
    [[nodiscard]] const u8* direct_loads(u32 offset, u32 bytes) const {
        const u32 address = offset - settings_.window_base;
        return settings_.linear_read && address < settings_.window_size && bytes <= settings_.window_size - address ? &bytes_[address] : nullptr;
    }
    [[nodiscard]] const std::vector<u8>& bytes() const { return bytes_; }
    u64 read(u32 offset, unsigned width);
    void write(u32 offset, unsigned width, u64 value);
    [[nodiscard]] u8 peek(u32 offset) const;

    void clear();
    void reset_latches() { latches_ = 0; }
    void visit(StateVisitor& visitor);

private:
    // What the registers say about accesses, taken apart once.
    struct Settings {
        u32 window_base = 0, window_size = 0;
        // The plane address is the kept bits of the address, a fixed bit, and bits from A16 on.
        u32 kept = 0, fixed = 0, from_16 = 0;
        // By the address' two low bits: the planes that a write reaches (FFh in the byte of each) and the one that a read shows.
        std::array<u32, 4> written{};
        std::array<u8, 4> shown{};
        bool read_compares = false;
        u32 compare = 0, care = 0;
        unsigned write_mode = 0, rotate = 0, function = 0;
        u32 set_reset = 0, enable_set_reset = 0, bit_mask = 0;
        bool plain_write = false;            // the byte as it is, to the planes that are on
        bool linear_read = false, linear_write = false;
    };
    // Where plane 0's byte lies.
    [[nodiscard]] u32 place(u32 address) const {
        return index_of((address & settings_.kept) | settings_.fixed | (address >> 16 & settings_.from_16));
    }
    [[nodiscard]] u8 view(u32 four, unsigned plane) const;
    [[nodiscard]] u32 modified(u8 value) const;
    u8 read_byte(u32 offset);
    void write_byte(u32 offset, u8 value);

    std::vector<u8> bytes_ = std::vector<u8>(4 * plane_size);
    u32 latches_ = 0;
    Settings settings_;
};

}  // namespace retrace
