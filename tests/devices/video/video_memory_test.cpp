// The processor's way to the planes, against a model that follows the manual's words step by step.
#include "devices/video/video_memory.hpp"

#include <bit>

#include "tests/devices/video/modes.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

// One access after the other, one plane after the other, from the registers as they are.
struct PlainVga {
    const VgaRegisters& registers;
    std::array<std::array<u8, 0x10000>, 4> planes{};
    std::array<u8, 4> latches{};

    struct Target { bool answers = false; u32 address = 0; bool odd = false; unsigned chain_plane = 0; };

    [[nodiscard]] Target decode(u32 offset) const {
        static constexpr u32 first[]{0, 0, 0x10000, 0x18000}, size[]{0x20000, 0x10000, 0x8000, 0x8000};
        const unsigned map = registers.graphics.registers[6] >> 2 & 3;
        if (!(registers.miscellaneous & 2) || !registers.enabled || offset < first[map] || offset >= first[map] + size[map]) return {};
        const u32 address = offset - first[map];
        u32 at = address;
        if (chained()) at = (address / 4 * 4 & 0xffff) + address / 0x10000;
        else if (registers.graphics.registers[6] & 2) at = address / 2 * 2 + (map == 0 ? address / 0x10000 : registers.miscellaneous & 0x20 ? 0 : 1);
        at %= registers.sequencer.registers[4] & 2 ? 0x10000 : 0x4000;
        return {true, at, address % 2 != 0, address % 4};
    }
    [[nodiscard]] bool chained() const { return registers.sequencer.registers[4] & 8; }

    u8 read(u32 offset) {
        const Target target = decode(offset);
        if (!target.answers) return 0xff;
        for (unsigned plane = 0; plane < 4; ++plane) latches[plane] = planes[plane][target.address];
        const auto& graphics = registers.graphics.registers;
        if (graphics[5] & 8) {
            u8 result = 0;
            for (unsigned pixel = 0; pixel < 8; ++pixel) {
                bool match = true;
                for (unsigned plane = 0; plane < 4; ++plane)
                    if (graphics[7] >> plane & 1) match = match && (latches[plane] >> pixel & 1) == (graphics[2] >> plane & 1);
                if (match) result = static_cast<u8>(result | 1u << pixel);
            }
            return result;
        }
        if (chained()) return latches[target.chain_plane];
        if (graphics[5] & 0x10) return latches[(graphics[4] & 2) + (target.odd ? 1 : 0)];
        return latches[graphics[4] & 3];
    }

    void write(u32 offset, u8 value) {
        const Target target = decode(offset);
        if (!target.answers) return;
        const auto& graphics = registers.graphics.registers;
        const u8 rotated = std::rotr(value, graphics[3] & 7);
        for (unsigned plane = 0; plane < 4; ++plane) {
            if (!(registers.sequencer.registers[2] >> plane & 1)) continue;
            if (chained()) {
                if (plane != target.chain_plane) continue;
            } else if (!(registers.sequencer.registers[4] & 4) && (plane & 1) != (target.odd ? 1u : 0u)) {
                continue;
            }
            const u8 filled = graphics[0] >> plane & 1 ? 0xff : 0x00;
            u8 mask = graphics[8], data = 0;
            switch (graphics[5] & 3) {
                case 0: data = graphics[1] >> plane & 1 ? filled : rotated; break;
                case 1: planes[plane][target.address] = latches[plane]; continue;
                case 2: data = value >> plane & 1 ? 0xff : 0x00; break;
                case 3: data = filled; mask = mask & rotated; break;
            }
            u8 result = 0;
            for (unsigned pixel = 0; pixel < 8; ++pixel) {
                const unsigned latch = latches[plane] >> pixel & 1;
                unsigned bit = data >> pixel & 1;
                switch (graphics[3] >> 3 & 3) {
                    case 1: bit &= latch; break;
                    case 2: bit |= latch; break;
                    case 3: bit ^= latch; break;
                    default: break;
                }
                result = static_cast<u8>(result | (mask >> pixel & 1 ? bit : latch) << pixel);
            }
            planes[plane][target.address] = result;
        }
    }
};

u8 some_of(Dice& dice, std::initializer_list<u8> usual, u8 mask) {
    return dice.one_in(3) ? static_cast<u8>(dice.roll() & mask) : *(usual.begin() + dice.below(usual.size()));
}

void roll_registers(VgaRegisters& registers, Dice& dice) {
    auto& sequencer = registers.sequencer.registers;
    auto& graphics = registers.graphics.registers;
    registers.miscellaneous = some_of(dice, {0x63, 0x67, 0xe3}, 0xef);
    sequencer[2] = some_of(dice, {0x0f, 0x0f, 0x03, 0x04, 0x01}, 0x0f);
    sequencer[4] = some_of(dice, {0x0e, 0x06, 0x02, 0x03, 0x07}, 0x0e) & 0x0e;
    graphics[0] = some_of(dice, {0}, 0x0f);
    graphics[1] = some_of(dice, {0}, 0x0f);
    graphics[2] = some_of(dice, {0}, 0x0f);
    graphics[3] = some_of(dice, {0}, 0x1f);
    graphics[4] = some_of(dice, {0, 2}, 0x03);
    graphics[5] = some_of(dice, {0, 0x10, 0x40, 1, 2, 3}, 0x7b);
    graphics[6] = some_of(dice, {0x05, 0x0e, 0x04, 0x05}, 0x0f);
    graphics[7] = some_of(dice, {0, 0x0f}, 0x0f);
    graphics[8] = some_of(dice, {0xff}, 0xff);
}

}  // namespace

TEST_CASE("every way to the planes does what the manual says, bit for bit") {
    auto registers = std::make_unique<VgaRegisters>();
    auto model = std::make_unique<PlainVga>(PlainVga{*registers});
    VideoMemory memory;
    const auto same_memory = [&] {
        for (unsigned plane = 0; plane < 4; ++plane)
            for (u32 at = 0; at < 0x10000; ++at)
                if (model->planes[plane][at] != memory.byte(at, plane)) return false;
        return true;
    };
    u64 linear = 0;
    for (Dice dice : seeds(6000)) {
        roll_registers(*registers, dice);
        memory.configure(*registers);
        // Few addresses, so that what was written is met again; all windows and the ends of them.
        constexpr u32 bases[]{0, 0x4000, 0xfff8, 0x10000, 0x17ff8, 0x18000, 0x1fff8 - 32};
        const u32 base = bases[dice.below(std::size(bases))];
        for (unsigned i = 0; i < 24; ++i) {
            const unsigned width = 1u << dice.below(4);
            const u32 offset = base + static_cast<u32>(dice.below(32));
            const u64 value = dice.roll();
            INFO("offset " << offset << " width " << width << " of seed " << dice.seed());
            if (dice.one_in(2)) {
                u64 expected = 0;
                for (unsigned at = 0; at < width; ++at) {
                    REQUIRE(memory.peek(offset + at) == [copy = model->latches, &model, offset, at] {
                        const u8 seen = model->read(offset + at);
                        model->latches = copy;
                        return seen;
                    }());
                }
                for (unsigned at = 0; at < width; ++at) expected |= u64{model->read(offset + at)} << 8 * at;
                REQUIRE(memory.read(offset, width) == expected);
                REQUIRE(memory.latches() == load<u32>(model->latches.data()));
            } else {
                memory.write(offset, width, value);
                for (unsigned at = 0; at < width; ++at) model->write(offset + at, static_cast<u8>(value >> 8 * at));
                linear += registers->sequencer.chain_four();
            }
        }
        if (dice.seed() % 500 == 0) REQUIRE(same_memory());
    }
    CHECK(same_memory());
    CHECK(linear > 1000);
}

TEST_CASE_METHOD(VgaBench, "a picture of mode 13h lies in every fourth byte of each plane") {
    set_mode(mode_13h);
    for (u32 i = 0; i < 16; ++i) put(0xa0000 + i, static_cast<u8>(0x10 + i));
    set_sequencer(4, 6);
    for (u8 plane = 0; plane < 4; ++plane) {
        set_graphics(4, plane);
        CHECK(get(0xa0000) == 0x10 + plane);
        CHECK(get(0xa0001) == 0);
        CHECK(get(0xa0004) == 0x14 + plane);
    }
}

TEST_CASE_METHOD(VgaBench, "text characters and attributes go to planes 0 and 1, the font to plane 2") {
    set_mode(mode_03h);
    put(0xb8000, 'X');
    put(0xb8001, 0x1e);
    CHECK(get(0xb8000) == 'X');
    CHECK(get(0xb8001) == 0x1e);
    CHECK(get(0xa0000) == 0xff);
    put_font('X', {0xaa});
    CHECK(get(0xb8000) == 'X');
    set_sequencer(4, 7);
    set_graphics(4, 2);
    set_graphics(5, 0);
    set_graphics(6, 4);
    CHECK(get(0xa0000 + 'X' * 32) == 0xaa);
    set_graphics(4, 1);
    CHECK(get(0xa0000) == 0x1e);
}
