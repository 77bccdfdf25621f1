// All registers of the VGA: what its picture and its memory accesses depend on besides the memory itself.
//
//   3C2  write, 3CC  read   miscellaneous output: 0 colour addresses, 1 memory on, 2-3 dot clock, 5 odd/even page, 6-7 sync polarity
//   3BA/3DA  write, 3CA  read   feature control
//   3C3  0: ports and memory answer at all
#pragma once

#include "devices/video/attribute_controller.hpp"
#include "devices/video/crtc.hpp"
#include "devices/video/dac.hpp"
#include "devices/video/graphics_controller.hpp"
#include "devices/video/sequencer.hpp"

namespace retrace {

struct VgaRegisters {
    Sequencer sequencer;
    Crtc crtc;
    GraphicsController graphics;
    AttributeController attribute;
    Dac dac;
    u8 miscellaneous = 0;
    u8 feature = 0;
    bool enabled = true;

    [[nodiscard]] bool colour_addresses() const { return bit(miscellaneous, 0); }
    [[nodiscard]] bool memory_on() const { return enabled && bit(miscellaneous, 1); }
    [[nodiscard]] unsigned clock_choice() const { return bits(miscellaneous, 2, 2); }
    [[nodiscard]] bool odd_even_page() const { return bit(miscellaneous, 5); }
};

template <> inline constexpr auto fields<VgaRegisters> = describe(
    field("sequencer", &VgaRegisters::sequencer),
    field("crtc", &VgaRegisters::crtc),
    field("graphics", &VgaRegisters::graphics),
    field("attribute", &VgaRegisters::attribute),
    field("dac", &VgaRegisters::dac),
    field("miscellaneous", &VgaRegisters::miscellaneous),
    field("feature", &VgaRegisters::feature),
    field("enabled", &VgaRegisters::enabled));

}  // namespace retrace
