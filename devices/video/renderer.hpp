// Renderer: the picture that a VGA's registers and memory make, as a monitor would show it. It looks and changes nothing.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "devices/host/display.hpp"
#include "devices/video/registers.hpp"
#include "devices/video/video_memory.hpp"

namespace retrace {

class Renderer {
public:
    // `start`: the start address the CRTC has taken; `retraces`: frames so far, which blinking counts.
    Renderer(const VgaRegisters& registers, const VideoMemory& memory, u16 start, u64 retraces);

    // Into a frame whose memory is used again.
    void draw(Frame& frame) const;
    // Nothing in graphics modes and before a mode is set.
    [[nodiscard]] std::optional<TextScreen> text() const;

private:
    // A line of the screen: where the address counter begins and which row scan it is.
    struct Line {
        unsigned number;
        u16 counter;
        unsigned row_scan;
        bool below_split;
    };
    template <class F> void for_each_line(F&& visit) const;

    [[nodiscard]] bool graphics() const { return registers_.graphics.graphics(); }
    [[nodiscard]] bool dark() const;
    [[nodiscard]] unsigned columns() const;
    [[nodiscard]] unsigned lines() const;
    // How many lines in a row are alike and become one row of the picture.
    [[nodiscard]] unsigned lines_per_row() const;
    // Dots that a line is shifted to the left.
    [[nodiscard]] unsigned panning(const Line& line) const;
    [[nodiscard]] bool line_blanked(unsigned line) const;
    [[nodiscard]] bool column_blanked(unsigned column) const;
    // The four planes' bytes at a column of a line.
    [[nodiscard]] auto fetcher(const Line& line) const {
        return [this, counter = line.counter, shift = registers_.crtc.count_shift(), address = registers_.crtc.addressing(line.row_scan)](unsigned column) {
            return memory_.four(address(static_cast<u16>(counter + (column >> shift))));
        };
    }
    [[nodiscard]] bool cursor_at(const Line& line, unsigned column) const;

    void draw_text(const Line& line, unsigned columns, u32* dots) const;
    // Four-bit pixels.
    void draw_pixels(const Line& line, unsigned columns, u8* pixels) const;
    // Modes 13h and X, where a byte of memory is a pixel.
    void draw_bytes(const Line& line, unsigned skipped, const std::array<u32, 256>& colours, std::span<u32> dots) const;
    void blank_columns(Frame& frame) const;

    const VgaRegisters& registers_;
    const VideoMemory& memory_;
    u16 start_;
    u64 retraces_;
    std::array<u32, 16> colours_{};  // of four-bit pixels
};

}  // namespace retrace
