// A picture as saved by --screenshot, read back through libpng.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/types.hpp"

namespace retrace::test {

struct PngImage {
    unsigned width = 0, height = 0;   // 0: no picture could be read
    std::vector<u32> pixels;          // RRGGBB, row by row

    [[nodiscard]] u32 at(unsigned x, unsigned y) const { return pixels[y * width + x]; }
    [[nodiscard]] std::set<u32> colours() const { return {pixels.begin(), pixels.end()}; }
    // How many pixels of a rectangle a test holds for.
    template <class Test>
    [[nodiscard]] unsigned count(unsigned left, unsigned top, unsigned right, unsigned bottom, Test test) const {
        unsigned found = 0;
        for (unsigned y = top; y < bottom; ++y)
            for (unsigned x = left; x < right; ++x) found += test(at(x, y)) ? 1 : 0;
        return found;
    }
    template <class Test>
    [[nodiscard]] unsigned count(Test test) const { return count(0, 0, width, height, test); }
};

PngImage read_png(const std::string& path);

inline unsigned red(u32 colour) { return colour >> 16; }
inline unsigned green(u32 colour) { return colour >> 8 & 255; }
inline unsigned blue(u32 colour) { return colour & 255; }
inline bool grey(u32 colour) { return red(colour) == green(colour) && green(colour) == blue(colour); }

}  // namespace retrace::test
