#include "devices/serial/uart16550.hpp"

#include <array>

#include "core/base/bits.hpp"

namespace retrace {

namespace {

constexpr u64 clock_rate = 1'843'200;  // of the crystal; a bit takes 16 divided ticks

// LSR
constexpr u8 data_ready = 0x01, overrun = 0x02, break_seen = 0x10, framing = 0x08, thr_empty = 0x20, transmitter_empty = 0x40, fifo_error = 0x80;
// IIR, with bit 0 clear
constexpr u8 no_interrupt = 0x01, from_modem = 0x00, from_thre = 0x02, from_data = 0x04, from_line = 0x06, from_timeout = 0x0c;
// IER
constexpr u8 on_data = 0x01, on_thre = 0x02, on_line = 0x04, on_modem = 0x08;
// MCR
constexpr u8 out_2 = 0x08;
// Lines as bits: CTS, DSR, RI, DCD
constexpr u8 cts_dsr_dcd = 0x0b, ring = 0x04;

}  // namespace

Uart16550::Uart16550(Scheduler& scheduler, Line irq, u16 base, const std::string& name, SerialPort* far_end)
    : scheduler_{scheduler}
    , irq_{std::move(irq)}
    , base_{base}
    , far_end_{far_end}
    , send_timer_{scheduler, name + ".send", [this] { character_sent(); }}
    , receive_timer_{scheduler, name + ".receive", [this] { character_arrived(); }}
    , timeout_timer_{scheduler, name + ".timeout", [this] { timed_out(); }} {
    state_.modem_lines = far_end_ ? cts_dsr_dcd : u8{0};
}

void Uart16550::attach(PortMap& ports) {
    const u16 last = static_cast<u16>(base_ + 7);
    ports.on_read<&Uart16550::read>(base_, last, this);
    ports.on_peek<&Uart16550::peek>(base_, last, this);
    ports.on_write<&Uart16550::write>(base_, last, this);
}

void Uart16550::reset(Reset) {
    send_timer_.cancel();
    receive_timer_.cancel();
    timeout_timer_.cancel();
    const u8 lines = state_.modem_lines;  // the far end's business
    state_ = {};
    state_.modem_lines = lines;
    update_irq();
}

void Uart16550::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

// ---- registers

u8 Uart16550::peek(u16 port) const {
    const unsigned which = port - base_;
    if (bit(state_.lcr, 7) && which < 2) return static_cast<u8>(which == 0 ? state_.divisor : state_.divisor >> 8);
    switch (which) {
        case 0: return state_.received.empty() ? u8{0} : static_cast<u8>(state_.received.front());
        case 1: return state_.ier;
        case 2: return static_cast<u8>(interrupt_source() | (fifos() ? 0xc0 : 0));
        case 3: return state_.lcr;
        case 4: return state_.mcr;
        case 5: return line_status();
        case 6: return static_cast<u8>(lines() << 4 | state_.modem_changes);
        default: return state_.scratch;
    }
}

u8 Uart16550::read(u16 port) {
    const u8 value = peek(port);
    switch (port - base_) {
        case 0:
            if (!bit(state_.lcr, 7)) take_received();
            break;
        case 2:
            if ((value & 0x0f) == from_thre) state_.thre_pending = false;
            break;
        case 5: state_.line_errors = 0; break;
        case 6: state_.modem_changes = 0; break;
        default: return value;
    }
    update_irq();
    return value;
}

void Uart16550::write(u16 port, u8 value) {
    const unsigned which = port - base_;
    if (bit(state_.lcr, 7) && which < 2) {
        state_.divisor = which == 0 ? word_of(value, high_byte(state_.divisor)) : word_of(low_byte(state_.divisor), value);
        return;
    }
    switch (which) {
        case 0: return send(value);
        case 1:
            // Enabling THRE while the register is empty interrupts at once.
            if ((value & on_thre) && !(state_.ier & on_thre) && (line_status() & thr_empty)) state_.thre_pending = true;
            state_.ier = value & 0x0f;
            break;
        case 2: write_fcr(value); break;
        case 3:
            if (loopback() && bit(value, 6) && !bit(state_.lcr, 6)) arrive(break_seen << 8);
            state_.lcr = value;
            break;
        case 4: write_mcr(value); break;
        case 7: state_.scratch = value; return;
        default: break;  // the status registers are for factory tests
    }
    update_irq();
}

void Uart16550::write_fcr(u8 value) {
    // "Bit 0 must be a 1 when other FCR bits are written to or they will not be programmed."
    const bool switched = bit(value, 0) != fifos();
    if (switched || (value & 0x03) == 0x03) {
        state_.received.clear();
        state_.timeout = false;
        timeout_timer_.cancel();
    }
    if (switched || (value & 0x05) == 0x05) {
        if (!state_.to_send.empty()) state_.thre_pending = true;
        state_.to_send.clear();
    }
    state_.fcr = bit(value, 0) ? value & 0xc9 : 0;
    look_at_wire();
}

void Uart16550::write_mcr(u8 value) {
    const u8 before = lines();
    state_.mcr = value & 0x1f;
    lines_changed(before);
    look_at_wire();
}

// ---- sending

void Uart16550::send(u8 value) {
    state_.thre_pending = false;
    update_irq();
    if (!fifos()) state_.to_send.clear();  // a second byte overwrites the first
    if (state_.to_send.size() < room()) state_.to_send.push_back(value);
    start_shifting();
    update_irq();
}

// Nobody means words of 5 bits: who sends them has never set the line up, and the far end takes whole bytes.
u8 Uart16550::in_word(u8 value) const {
    const unsigned unused = (state_.lcr & 3u) == 0 && !loopback() ? 0 : 3 - (state_.lcr & 3u);
    return static_cast<u8>(value & (0xff >> unused));
}

void Uart16550::drain() const {
    if (!far_end_ || loopback() || bit(state_.lcr, 6)) return;
    if (state_.shifting) far_end_->transmit(state_.shift);
    for (const u8 value : state_.to_send) far_end_->transmit(in_word(value));
}

void Uart16550::start_shifting() {
    if (state_.shifting || state_.to_send.empty()) return;
    state_.shift = in_word(state_.to_send.front());
    state_.to_send.pop_front();
    state_.shifting = true;
    if (state_.to_send.empty()) state_.thre_pending = true;
    send_timer_.set_in(character_steps());
}

void Uart16550::character_sent() {
    state_.shifting = false;
    if (!bit(state_.lcr, 6)) {  // a break holds the line down
        if (loopback()) arrive(state_.shift);
        else if (far_end_) far_end_->transmit(state_.shift);
    }
    start_shifting();
    update_irq();
}

// Start bit, data, parity, stop bits, in halves of a bit: 5-bit words have one and a half stop bits instead of two.
u64 Uart16550::character_steps() const {
    const unsigned data = 5 + (state_.lcr & 3u), parity = bit(state_.lcr, 3);
    const unsigned stop_halves = !bit(state_.lcr, 2) ? 2 : data == 5 ? 3 : 4;
    const u64 divisor = state_.divisor == 0 ? 0x10000 : state_.divisor;
    return scheduler_.frequency(clock_rate).steps_for((2 * (1 + data + parity) + stop_halves) * 8 * divisor);
}

// ---- receiving

void Uart16550::receive(u8 byte) {
    state_.wire.push_back(byte);
    look_at_wire();
}

// The next character starts to arrive, if there is room for it and the receiver listens.
void Uart16550::look_at_wire() {
    if (state_.wire.empty() || receive_timer_.is_set() || loopback() || state_.received.size() >= room()) return;
    receive_timer_.set_in(character_steps());
}

void Uart16550::character_arrived() {
    if (state_.wire.empty() || loopback() || state_.received.size() >= room()) return;  // it waits
    const unsigned unused = 3 - (state_.lcr & 3u);
    const u8 byte = static_cast<u8>(state_.wire.front() & (0xff >> unused));
    state_.wire.pop_front();
    arrive(byte);
    look_at_wire();
    update_irq();
}

void Uart16550::arrive(u16 character) {
    if (state_.received.size() >= room()) {
        state_.line_errors |= overrun;
        if (!fifos()) state_.received.back() = character;  // the FIFO keeps what it has, the register does not
    } else {
        state_.received.push_back(character);
    }
    show_errors();
    restart_timeout();
}

// An error is shown when its character is the next to be read.
void Uart16550::show_errors() {
    if (state_.received.empty()) return;
    auto& character = state_.received.front();
    state_.line_errors |= high_byte(character);
    character = low_byte(character);
}

u8 Uart16550::take_received() {
    if (state_.received.empty()) return 0;
    const u8 value = static_cast<u8>(state_.received.front());
    state_.received.pop_front();
    state_.timeout = false;
    show_errors();
    restart_timeout();
    look_at_wire();
    return value;
}

void Uart16550::restart_timeout() {
    if (fifos() && !state_.received.empty()) timeout_timer_.set_in(4 * character_steps());
    else timeout_timer_.cancel();
}

void Uart16550::timed_out() {
    state_.timeout = true;
    update_irq();
}

std::size_t Uart16550::trigger() const {
    static constexpr std::array<u8, 4> levels{1, 4, 8, 14};
    return fifos() ? levels[state_.fcr >> 6] : 1;
}

// ---- status and interrupts

u8 Uart16550::line_status() const {
    u8 value = state_.line_errors;
    if (!state_.received.empty()) value |= data_ready;
    if (state_.to_send.empty()) value |= thr_empty;
    if (state_.to_send.empty() && !state_.shifting) value |= transmitter_empty;
    bool waiting_error = fifos() && (state_.line_errors & (break_seen | framing)) != 0;
    for (const u16 character : state_.received) waiting_error |= fifos() && high_byte(character) != 0;
    return waiting_error ? value | fifo_error : value;
}

// In order of priority (table II).
u8 Uart16550::interrupt_source() const {
    if ((state_.ier & on_line) && state_.line_errors) return from_line;
    if ((state_.ier & on_data) && state_.received.size() >= trigger()) return from_data;
    if ((state_.ier & on_data) && state_.timeout) return from_timeout;
    if ((state_.ier & on_thre) && state_.thre_pending) return from_thre;
    if ((state_.ier & on_modem) && state_.modem_changes) return from_modem;
    return no_interrupt;
}

void Uart16550::update_irq() const { irq_.set(interrupt_source() != no_interrupt && (state_.mcr & out_2) != 0); }

// In loopback RTS, DTR, OUT1 and OUT2 come back as CTS, DSR, RI and DCD.
u8 Uart16550::lines() const {
    if (!loopback()) return state_.modem_lines;
    const u8 mcr = state_.mcr;
    return static_cast<u8>((mcr >> 1 & 1) | (mcr & 1) << 1 | (mcr & 0x0c));
}

void Uart16550::set_modem_lines(u8 lines_now) {
    const u8 before = lines();
    state_.modem_lines = lines_now & 0x0f;
    lines_changed(before);
    update_irq();
}

void Uart16550::lines_changed(u8 before) {
    const u8 now = lines(), changed = static_cast<u8>(before ^ now);
    state_.modem_changes |= static_cast<u8>(changed & ~ring) | (changed & before & ring);  // RI: its trailing edge
}

}  // namespace retrace
