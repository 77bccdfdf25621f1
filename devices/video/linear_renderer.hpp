// The picture of a linear frame buffer: packed pixels of 8, 15, 16, 24 or 32 bits. It looks and changes nothing.
#pragma once

#include <span>

#include "devices/host/display.hpp"
#include "devices/video/dac.hpp"
#include "devices/video/dispi.hpp"

namespace retrace {

// `dark`: a picture of the right size with nothing in it.
void draw_linear(const Dispi& mode, const Dac& dac, std::span<const u8> memory, bool dark, Frame& frame);

}  // namespace retrace
