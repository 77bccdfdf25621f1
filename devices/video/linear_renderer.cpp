#include "devices/video/linear_renderer.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/base/bits.hpp"

namespace retrace {

namespace {

// `count` bits from `low` on, as eight: the highest bits again in the lowest.
constexpr u32 channel(u32 pixel, unsigned low, unsigned count) {
    const u32 value = bits(pixel, low, count);
    return value << (8 - count) | value >> (2 * count - 8);
}

u32 from_15(u16 pixel) { return channel(pixel, 10, 5) << 16 | channel(pixel, 5, 5) << 8 | channel(pixel, 0, 5); }
u32 from_16(u16 pixel) { return channel(pixel, 11, 5) << 16 | channel(pixel, 5, 6) << 8 | channel(pixel, 0, 5); }

// One line; `colour` makes 00RRGGBBh of the bytes of a pixel.
template <unsigned bytes, class F>
void convert(const u8* from, std::span<u32> to, F&& colour) {
    for (u32& pixel : to) {
        pixel = colour(from);
        from += bytes;
    }
}

}  // namespace

void draw_linear(const Dispi& mode, const Dac& dac, std::span<const u8> memory, bool dark, Frame& frame) {
    frame.width = mode.width;
    frame.height = mode.height;
    const unsigned common = std::gcd(4 * frame.height, 3 * frame.width);
    frame.pixel_aspect_x = 4 * frame.height / common;
    frame.pixel_aspect_y = 3 * frame.width / common;
    frame.pixels.resize(std::size_t{frame.width} * frame.height);
    if (dark || !mode.fits(memory.size())) {
        std::fill(frame.pixels.begin(), frame.pixels.end(), 0u);
        return;
    }
    std::array<u32, 256> colours{};
    if (mode.depth == 8)
        for (unsigned pixel = 0; pixel < 256; ++pixel) colours[pixel] = dac.rgb(static_cast<u8>(pixel));
    for (unsigned y = 0; y < frame.height; ++y) {
        const u8* from = &memory[mode.start() + y * mode.line_bytes()];
        const std::span<u32> to{&frame.pixels[std::size_t{y} * frame.width], frame.width};
        switch (mode.depth) {
            case 8: convert<1>(from, to, [&](const u8* p) { return colours[*p]; }); break;
            case 15: convert<2>(from, to, [](const u8* p) { return from_15(load<u16>(p)); }); break;
            case 16: convert<2>(from, to, [](const u8* p) { return from_16(load<u16>(p)); }); break;
            case 24: convert<3>(from, to, [](const u8* p) { return u32{p[2]} << 16 | u32{p[1]} << 8 | p[0]; }); break;
            default: convert<4>(from, to, [](const u8* p) { return load<u32>(p) & 0xffffff; }); break;
        }
    }
}

}  // namespace retrace
