#include "devices/video/vga.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/ensure.hpp"
#include "core/state/visitors.hpp"
#include "devices/video/linear_renderer.hpp"
#include "devices/video/renderer.hpp"

namespace retrace {

namespace {

constexpr u64 window_at = 0xa0000;
constexpr u16 dispi_index = 0x1ce, dispi_data = 0x1cf;
constexpr u32 bank_size = 0x10000;

}  // namespace

Vga::Vga(Scheduler& scheduler, std::span<u8> linear, Line vertical_interrupt, Log::Channel log)
    : scheduler_{scheduler}
    , vertical_interrupt_{std::move(vertical_interrupt)}
    , log_{std::move(log)}
    , retrace_{scheduler, "vga.retrace", [this] { drive_interrupt(); }}
    , beam_{scheduler.rate(), state_.beam}
    , linear_{linear} {
    ENSURE(linear.size() % bank_size == 0, "the linear frame buffer is whole banks");
    beam_.restore_timing(timing());
    memory_.configure(registers_);
}

void Vga::attach(PortMap& ports) {
    constexpr std::pair<u16, u16> ranges[]{{0x3b4, 0x3b5}, {0x3ba, 0x3ba}, {0x3c0, 0x3cf}, {0x3d4, 0x3d5}, {0x3da, 0x3da}};
    for (const auto& [first, last] : ranges) {
        ports.on_read<&Vga::read>(first, last, this);
        ports.on_write<&Vga::write>(first, last, this);
        ports.on_peek<&Vga::peek>(first, last, this);
    }
    ports.on_read<&Vga::read_dispi>(dispi_index, dispi_data, this);
    ports.on_write<&Vga::write_dispi>(dispi_index, dispi_data, this);
}

void Vga::attach(MmioMap& windows) {
    windows.claim(PhysicalAddress{window_at}, 0x20000, *this);
}

void Vga::reset(Reset reset) {
    ++changes_;
    state_ = {};
    beam_.restore_timing(timing());
    if (reset == Reset::PowerOn) memory_.clear();
    else memory_.reset_latches();
    configure_memory();
    drive_interrupt();
}

void Vga::visit(StateVisitor& visitor) {
    visit_fields(visitor, state_);
    memory_.visit(visitor);
    visitor.bytes("linear", linear_);
}

void Vga::restored() {
    ++changes_;
    registers_.dac.component %= 3;  // a damaged snapshot must not reach beyond the three
    beam_.restore_timing(timing());
    configure_memory();
    vertical_interrupt_.set(interrupt_pending() && registers_.crtc.interrupt_enabled());
}

// ---- the linear frame buffer

u16 Vga::read_dispi(u16 port) { return port == dispi_index ? state_.dispi.index : state_.dispi.read(linear_.size()); }

void Vga::write_dispi(u16 port, u16 value) {
    ++changes_;
    Dispi& dispi = state_.dispi;
    if (port == dispi_index) {
        dispi.index = value;
        return;
    }
    const Dispi::Effect effect = dispi.write(value, linear_.size());
    if (effect == Dispi::Effect::Refused) log_.unusual("a picture in the linear frame buffer that reaches beyond its memory is refused");
    if (effect == Dispi::Effect::Cleared) std::fill_n(linear_.begin(), dispi.line_bytes() * dispi.height, u8{0});
    registers_.dac.set_eight_bits(dispi.dac_has_8_bits());
    configure_memory();
}

u64 Vga::read_bank(u32 offset, unsigned width) const {
    u64 value = 0;
    const std::size_t at = std::size_t{state_.dispi.bank} * bank_size + offset;
    if (offset + width > bank_size || at + width > linear_.size()) return ~u64{0};
    std::memcpy(&value, &linear_[at], width);
    return value;
}

void Vga::write_bank(u32 offset, unsigned width, u64 value) {
    const std::size_t at = std::size_t{state_.dispi.bank} * bank_size + offset;
    if (offset + width > bank_size || at + width > linear_.size()) return;
    std::memcpy(&linear_[at], &value, width);
}

bool Vga::dark() const { return registers_.sequencer.screen_off() || !registers_.attribute.palette_shown(); }

// ---- ports

bool Vga::answers(u16 port) const {
    if (port == 0x3c3) return true;
    if (!registers_.enabled) return false;
    const bool either = (port & 0xfff0) != 0x3c0;
    return !either || registers_.colour_addresses() == ((port & 0xfff0) == 0x3d0);
}

u8 Vga::peek(u16 port) const {
    if (!answers(port)) return 0xff;
    switch (port) {
        case 0x3c0: return registers_.attribute.index;
        case 0x3c1: return registers_.attribute.read();
        case 0x3c2: return status_0();
        case 0x3c3: return registers_.enabled ? 1 : 0;
        case 0x3c4: return registers_.sequencer.index;
        case 0x3c5: return registers_.sequencer.read();
        case 0x3c6: return registers_.dac.mask;
        case 0x3c7: return registers_.dac.status();
        case 0x3c8: return registers_.dac.index;
        case 0x3c9: return registers_.dac.peek_data();
        case 0x3ca: return registers_.feature;
        case 0x3cc: return registers_.miscellaneous;
        case 0x3ce: return registers_.graphics.index;
        case 0x3cf: return registers_.graphics.read();
        case 0x3b4: case 0x3d4: return registers_.crtc.index;
        case 0x3b5: case 0x3d5: return crtc_data();
        case 0x3ba: case 0x3da: return status_1();
        default: return 0xff;
    }
}

u8 Vga::read(u16 port) {
    const u8 value = peek(port);
    if (!answers(port)) return value;
    if (port == 0x3c9) registers_.dac.read_data();
    else if (port == 0x3ba || port == 0x3da) registers_.attribute.expects_data = false;
    return value;
}

void Vga::write(u16 port, u8 value) {
    if (!answers(port)) return;
    ++changes_;
    switch (port) {
        case 0x3c0: registers_.attribute.write(value); return;
        case 0x3c2:
            registers_.miscellaneous = value & 0xef;
            if (registers_.clock_choice() > 1) log_.unusual("a dot clock from outside is chosen; there is none, 25.175 MHz is used");
            configure_memory();
            return retime();
        case 0x3c3:
            registers_.enabled = bit(value, 0);
            return configure_memory();
        case 0x3c4: registers_.sequencer.index = value & 7; return;
        case 0x3c5: return write_sequencer(value);
        case 0x3c6: registers_.dac.mask = value; return;
        case 0x3c7: return registers_.dac.start_reading(value);
        case 0x3c8: return registers_.dac.start_writing(value);
        case 0x3c9: return registers_.dac.write_data(value);
        case 0x3ce: registers_.graphics.index = value & 0x0f; return;
        case 0x3cf:
            registers_.graphics.write(value);
            return configure_memory();
        case 0x3b4: case 0x3d4: registers_.crtc.index = value & 0x3f; return;
        case 0x3b5: case 0x3d5: return write_crtc(value);
        case 0x3ba: case 0x3da: registers_.feature = value & 0x0b; return;
        default: return;
    }
}

u8 Vga::crtc_data() const {
    switch (registers_.crtc.index) {
        case 0x22: return static_cast<u8>(memory_.latches() >> 8 * registers_.graphics.read_map());
        case 0x24: return registers_.attribute.expects_data ? 0x80 : 0;
        default: return registers_.crtc.read();
    }
}

void Vga::write_sequencer(u8 value) {
    registers_.sequencer.write(value);
    configure_memory();
    if (registers_.sequencer.index == 1) {
        if (value & 0x14) log_.unimplemented("shift registers loaded every second or fourth character clock");
        retime();
    }
}

void Vga::write_crtc(u8 value) {
    Crtc& crtc = registers_.crtc;
    const u16 start = crtc.start();
    const bool was_clear = crtc.interrupt_held_clear();
    const u16 shown = start_shown();
    crtc.write(value);
    if (crtc.start() != start) {
        state_.start_taken = shown;
        state_.start_written_at = beam_.retraces(scheduler_.now());
    }
    retime();
    if (crtc.index == 0x11) {
        if (was_clear) state_.interrupt_armed_at = beam_.retraces(scheduler_.now());
        drive_interrupt();
    }
}

void Vga::configure_memory() {
    memory_.configure(registers_);
    if (!direct_stores_) return;
    auto [offset, bytes] = memory_.direct_stores();
    if (banked()) {
        const std::size_t at = std::size_t{state_.dispi.bank} * bank_size;
        offset = 0;
        bytes = at + bank_size <= linear_.size() ? linear_.subspan(at, bank_size) : std::span<u8>{};
    }
    if (bytes.data() == direct_.bytes.data() && bytes.size() == direct_.bytes.size() && offset == direct_.offset) return;
    if (!direct_.bytes.empty()) ++changes_;   // what was stored since the last look
    direct_ = {offset, bytes};
    direct_stores_->stores_reach(PhysicalAddress{window_at + offset}, bytes);
}

// ---- time

VideoTiming Vga::timing() const {
    const Crtc& crtc = registers_.crtc;
    const Sequencer& sequencer = registers_.sequencer;
    return {
        .fast_clock = registers_.clock_choice() == 1,
        .dots_per_column = sequencer.dots_per_character() * (sequencer.half_dot_clock() ? 2 : 1),
        .columns = crtc.total_columns(),
        .first_shown = crtc.shown_skew(),
        .shown_columns = crtc.shown_columns(),
        .lines = crtc.total_lines(),
        .shown_lines = crtc.shown_lines(),
        .retrace_line = crtc.retrace_line(),
        .retrace_lines = crtc.retrace_lines(),
    };
}

void Vga::retime() {
    const VideoTiming wanted = timing();
    if (wanted == beam_.timing()) return;
    beam_.set_timing(wanted, scheduler_.now());
    if (retrace_.is_set()) drive_interrupt();
}

u16 Vga::start_shown() const {
    return beam_.retraces(scheduler_.now()) == state_.start_written_at ? state_.start_taken : registers_.crtc.start();
}

bool Vga::interrupt_pending() const {
    return !registers_.crtc.interrupt_held_clear() && beam_.retraces(scheduler_.now()) != state_.interrupt_armed_at;
}

// The timer runs only while an interrupt can still come.
void Vga::drive_interrupt() {
    const bool enabled = registers_.crtc.interrupt_enabled(), pending = interrupt_pending();
    vertical_interrupt_.set(enabled && pending);
    if (enabled && !pending && !registers_.crtc.interrupt_held_clear()) retrace_.set_at(beam_.next_retrace(scheduler_.now()));
    else retrace_.cancel();
}

u8 Vga::status_0() const {
    return static_cast<u8>(0x10 | (interrupt_pending() ? 0x80 : 0));
}

u8 Vga::status_1() const {
    const Moment now = scheduler_.now();
    const bool shown = beam_.display_enabled(now);
    u8 value = static_cast<u8>((shown ? 0 : 0x01) | (beam_.in_retrace(now) ? 0x08 : 0));
    if (!shown) {
        // Two bits of what goes to the DAC, as AR12 chooses them; power-on tests set the border and look for it here.
        constexpr u8 high[]{2, 5, 3, 7}, low[]{0, 4, 1, 6};
        const AttributeController& attribute = registers_.attribute;
        value = with(value, u8{0x20}, bit(attribute.border(), high[attribute.status_choice()]));
        value = with(value, u8{0x10}, bit(attribute.border(), low[attribute.status_choice()]));
    }
    return value;
}

// ---- looking

Vga::Stamp Vga::stamp() const {
    if (!direct_.bytes.empty() && !std::ranges::equal(seen_, memory_.bytes())) {
        seen_ = memory_.bytes();
        ++changes_;
    }
    // The cursor and blinking take turns of eight and sixteen frames.
    const Dispi& dispi = state_.dispi;
    if (!dispi.enabled()) return {changes_, beam_.retraces(scheduler_.now()) / 8, 0, start_shown()};
    // The processor writes into the linear frame buffer without our knowing; what is shown of it is looked at.
    StateDigest digest;
    if (dispi.fits(linear_.size())) digest.bytes("shown", linear_.subspan(dispi.start(), (dispi.height - 1u) * dispi.line_bytes() + std::size_t{dispi.width} * dispi.pixel_bytes()));
    return {changes_, 0, digest.value(), 0};
}

Frame Vga::render() const {
    Frame frame;
    render(frame);
    return frame;
}

void Vga::render(Frame& into) const {
    if (state_.dispi.enabled()) draw_linear(state_.dispi, registers_.dac, linear_, dark(), into);
    else Renderer{registers_, memory_, start_shown(), beam_.retraces(scheduler_.now())}.draw(into);
}

std::optional<TextScreen> Vga::text() const {
    if (state_.dispi.enabled()) return std::nullopt;
    return Renderer{registers_, memory_, start_shown(), 0}.text();
}

}  // namespace retrace
