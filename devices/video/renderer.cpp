#include "devices/video/renderer.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace retrace {

namespace {

// A byte of a plane to eight pixels, the leftmost in the lowest byte, bit 0 of each.
constexpr std::array<u64, 256> spread = [] {
    std::array<u64, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte)
        for (unsigned i = 0; i < 8; ++i)
            if (bit(byte, 7 - i)) table[byte] |= u64{1} << 8 * i;
    return table;
}();

// A byte of a font to eight masks, the leftmost dot's first.
constexpr std::array<std::array<u32, 8>, 256> dot_masks = [] {
    std::array<std::array<u32, 8>, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte)
        for (unsigned i = 0; i < 8; ++i) table[byte][i] = bit(byte, 7 - i) ? ~0u : 0;
    return table;
}();

// True from a counter's `start` until its low bits equal `end`, also around the end of the count at `total`.
constexpr bool between(unsigned at, unsigned start, unsigned end, unsigned end_mask, unsigned total) {
    if (start >= total) return false;
    unsigned length = (end - start) & end_mask;
    if (length == 0) length = end_mask + 1;
    return (at >= start && at < start + length) || (start + length > total && at < (end & end_mask));
}

}  // namespace

Renderer::Renderer(const VgaRegisters& registers, const VideoMemory& memory, u16 start, u64 retraces)
    : registers_{registers}, memory_{memory}, start_{start}, retraces_{retraces} {
    const bool turned_over = graphics() && registers.attribute.blink() && (retraces & 16) != 0;
    for (unsigned pixel = 0; pixel < 16; ++pixel) colours_[pixel] = registers.dac.rgb(registers.attribute.colour(pixel, turned_over));
}

bool Renderer::dark() const {
    return !registers_.crtc.running() || !registers_.sequencer.running() || registers_.sequencer.screen_off();
}

unsigned Renderer::columns() const {
    return std::min(registers_.crtc.shown_columns(), registers_.crtc.total_columns());
}

unsigned Renderer::lines() const {
    return std::min(registers_.crtc.shown_lines(), registers_.crtc.total_lines());
}

unsigned Renderer::lines_per_row() const {
    const Crtc& crtc = registers_.crtc;
    const unsigned alike = graphics() && !crtc.row_scan_in_address() ? crtc.last_row_scan() + 1 : 1;
    return crtc.twice() ? 2 * alike : alike;
}

unsigned Renderer::panning(const Line& line) const {
    if (line.below_split && registers_.attribute.panning_ends_at_split()) return 0;
    const unsigned value = registers_.attribute.panning();
    if (registers_.sequencer.dots_per_character() == 8) return value & 7;
    return value < 8 ? value + 1 : 0;  // nine dots: 8 is the place of rest
}

bool Renderer::line_blanked(unsigned line) const {
    const Crtc& crtc = registers_.crtc;
    return between(line, crtc.blank_line(), crtc.registers[0x16], 0xff, crtc.total_lines());
}

bool Renderer::column_blanked(unsigned column) const {
    const Crtc& crtc = registers_.crtc;
    const unsigned end = bits(crtc.registers[3], 0, 5) | (bit(crtc.registers[5], 7) ? 0x20u : 0);
    return between(column, crtc.blank_column(), end, 0x3f, crtc.total_columns());
}

template <class F>
void Renderer::for_each_line(F&& visit) const {
    const Crtc& crtc = registers_.crtc;
    Line line{0, static_cast<u16>(start_ + crtc.bytes_panned()), crtc.first_row_scan(), false};
    bool first_of_two = crtc.twice();
    for (const unsigned count = lines(); line.number < count;) {
        visit(line);
        if (line.number == crtc.line_compare()) {
            line.counter = registers_.attribute.panning_ends_at_split() ? u16{0} : static_cast<u16>(crtc.bytes_panned());
            line.row_scan = 0;
            line.below_split = true;
            first_of_two = crtc.twice();
        } else if (first_of_two) {
            first_of_two = false;
        } else {
            first_of_two = crtc.twice();
            if (line.row_scan == crtc.last_row_scan()) {
                line.row_scan = 0;
                line.counter = static_cast<u16>(line.counter + crtc.row_step());
            } else {
                line.row_scan = (line.row_scan + 1) & 0x1f;
            }
        }
        ++line.number;
    }
}

bool Renderer::cursor_at(const Line& line, unsigned column) const {
    const Crtc& crtc = registers_.crtc;
    return static_cast<u16>(line.counter + (column >> crtc.count_shift())) == crtc.cursor();
}

void Renderer::draw_text(const Line& line, unsigned columns, u32* dots) const {
    const Crtc& crtc = registers_.crtc;
    const Sequencer& sequencer = registers_.sequencer;
    const AttributeController& attribute = registers_.attribute;
    const unsigned width = sequencer.dots_per_character();
    const u32 font_a = sequencer.font_a(), font_b = sequencer.font_b();
    // The cursor is on for 8 frames of 16, blinking characters for 16 of 32.
    const bool cursor_here = crtc.cursor_on() && (retraces_ & 8) == 0 && line.row_scan >= crtc.cursor_first() && line.row_scan <= crtc.cursor_last();
    const bool blinked_off = (retraces_ & 16) != 0;
    const bool underline_here = line.row_scan == crtc.underline();

    const auto fetch = fetcher(line);
    for (unsigned column = 0; column < columns; ++column) {
        const u32 cell = fetch(column);
        const u8 character = low_byte(cell), look = high_byte(cell);
        u8 pattern = memory_.byte((bit(look, 3) ? font_a : font_b) + character * 32u + line.row_scan, 2);
        bool ninth = attribute.line_graphics() && (character & 0xe0) == 0xc0 && bit(pattern, 0);
        const auto all = [&](bool lit) { pattern = lit ? 0xff : 0; ninth = lit; };
        if (underline_here && (look & 0x77) == 0x01) all(true);
        u32 foreground = colours_[look & 0x0f], background = colours_[look >> 4];
        if (attribute.blink()) {
            background = colours_[look >> 4 & 7];
            if (bit(look, 7) && blinked_off) all(false);
        }
        if (cursor_here && cursor_at(line, column)) all(true);
        const u32 change = foreground ^ background;
        std::array<u32, 8> eight;
        for (unsigned i = 0; i < 8; ++i) eight[i] = background ^ (change & dot_masks[pattern][i]);
        std::memcpy(dots, eight.data(), sizeof eight);
        if (width == 9) dots[8] = ninth ? foreground : background;
        dots += width;
    }
}

void Renderer::draw_pixels(const Line& line, unsigned columns, u8* out) const {
    const GraphicsController& graphics = registers_.graphics;
    const unsigned width = registers_.sequencer.dots_per_character();
    const auto fetch = fetcher(line);
    for (unsigned column = 0; column < columns; ++column, out += width) {
        const u32 four = fetch(column);
        const auto plane = [four](unsigned index) { return static_cast<u8>(four >> 8 * index); };
        if (graphics.shift_256()) {
            for (unsigned i = 0; i < 4; ++i) {
                out[2 * i] = plane(i) >> 4;
                out[2 * i + 1] = plane(i) & 0x0f;
            }
        } else if (graphics.interleaved_shift()) {
            for (unsigned i = 0; i < 4; ++i) {
                const unsigned down = 6 - 2 * i;
                out[i] = static_cast<u8>((plane(0) >> down & 3) | (plane(2) >> down & 3) << 2);
                out[i + 4] = static_cast<u8>((plane(1) >> down & 3) | (plane(3) >> down & 3) << 2);
            }
        } else {
            store(out, spread[plane(0)] | spread[plane(1)] << 1 | spread[plane(2)] << 2 | spread[plane(3)] << 3);
        }
        if (width == 9) out[8] = 0;  // the shift registers are empty
    }
}

void Renderer::draw_bytes(const Line& line, unsigned skipped, const std::array<u32, 256>& colours, std::span<u32> dots) const {
    const auto fetch = fetcher(line);
    std::size_t x = 0;
    for (unsigned column = 0; x < dots.size(); ++column, skipped = 0) {
        const u32 four = fetch(column);
        for (unsigned i = skipped; i < 4 && x < dots.size(); ++i) dots[x++] = colours[static_cast<u8>(four >> 8 * i)];
    }
}

void Renderer::draw(Frame& frame) const {
    const AttributeController& attribute = registers_.attribute;
    const unsigned per_row = lines_per_row();
    const unsigned dots = columns() * registers_.sequencer.dots_per_character();
    const bool bytes = graphics() && attribute.colours_256();  // two four-bit pixels make one of eight bits

    frame.width = bytes ? dots / 2 : dots;
    frame.height = (lines() + per_row - 1) / per_row;
    frame.pixel_aspect_x = 4 * frame.height;
    frame.pixel_aspect_y = 3 * frame.width;
    const unsigned common = std::gcd(frame.pixel_aspect_x, frame.pixel_aspect_y);
    frame.pixel_aspect_x /= common;
    frame.pixel_aspect_y /= common;
    frame.pixels.resize(std::size_t{frame.width} * frame.height);
    if (dark() || !attribute.palette_shown()) {
        std::fill(frame.pixels.begin(), frame.pixels.end(), dark() ? 0 : registers_.dac.rgb(attribute.border()));
        return;
    }

    std::array<u32, 256> colours_256{};
    if (bytes) {
        for (unsigned pixel = 0; pixel < 256; ++pixel) colours_256[pixel] = registers_.dac.rgb(static_cast<u8>(pixel));
    }
    const bool bytes_as_they_lie = bytes && registers_.graphics.shift_256() && registers_.sequencer.dots_per_character() == 8;
    // One column more than is shown, so that panning has something to move in.
    const unsigned drawn = columns() + 1;
    std::vector<u32> text_dots(drawn * registers_.sequencer.dots_per_character());
    std::vector<u8> pixels(text_dots.size());
    for_each_line([&](const Line& line) {
        if (line.number % per_row != 0) return;
        u32* out = &frame.pixels[std::size_t{line.number / per_row} * frame.width];
        const unsigned pan = panning(line);
        if (line_blanked(line.number)) {
            std::fill_n(out, frame.width, 0u);
        } else if (!graphics() && pan == 0) {
            draw_text(line, columns(), out);
        } else if (!graphics()) {
            draw_text(line, drawn, text_dots.data());
            std::copy_n(text_dots.data() + pan, frame.width, out);
        } else if (bytes_as_they_lie) {
            draw_bytes(line, pan / 2, colours_256, {out, frame.width});
        } else if (bytes) {
            draw_pixels(line, drawn, pixels.data());
            const u8* from = pixels.data() + (pan & ~1u);
            for (unsigned x = 0; x < frame.width; ++x) out[x] = colours_256[static_cast<u8>(from[2 * x] << 4 | from[2 * x + 1])];
        } else {
            draw_pixels(line, drawn, pixels.data());
            const u8* from = pixels.data() + pan;
            for (unsigned x = 0; x < frame.width; ++x) out[x] = colours_[from[x]];
        }
    });
    blank_columns(frame);
}

void Renderer::blank_columns(Frame& frame) const {
    for (unsigned column = 0; column < columns(); ++column) {
        if (!column_blanked(column)) continue;
        const unsigned from = column * frame.width / columns(), to = (column + 1) * frame.width / columns();
        for (unsigned y = 0; y < frame.height; ++y) std::fill(&frame.pixels[std::size_t{y} * frame.width + from], &frame.pixels[std::size_t{y} * frame.width] + to, 0u);
    }
}

std::optional<TextScreen> Renderer::text() const {
    const Crtc& crtc = registers_.crtc;
    if (graphics() || !crtc.running() || !registers_.sequencer.running()) return std::nullopt;
    TextScreen screen;
    screen.columns = columns();
    for_each_line([&](const Line& line) {
        const bool repeated = screen.rows != 0 && line.row_scan != 0;
        if (repeated || line.number % lines_per_row() != 0) return;
        const auto fetch = fetcher(line);
        for (unsigned column = 0; column < screen.columns; ++column) {
            const u32 cell = fetch(column);
            screen.cells.push_back({low_byte(cell), high_byte(cell)});
            if (crtc.cursor_on() && crtc.cursor_first() <= crtc.cursor_last() && cursor_at(line, column))
                screen.cursor = TextScreen::Cursor{column, screen.rows};
        }
        ++screen.rows;
    });
    return screen;
}

}  // namespace retrace
