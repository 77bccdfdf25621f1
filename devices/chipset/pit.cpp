#include "devices/chipset/pit.hpp"

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

using Counter = Pit::Counter;

constexpr u64 no_event = 0;

// Modes 6 and 7 are 2 and 3 ("Control Word Format").
unsigned mode_of(const Counter& c) {
    const unsigned mode = bits(c.control, 1, 3);
    return mode > 5 ? mode - 4 : mode;
}
unsigned access_of(const Counter& c) { return bits(c.control, 4, 2); }
bool is_bcd(const Counter& c) { return c.control & 1; }
u32 modulus(const Counter& c) { return is_bcd(c) ? 10000 : 0x10000; }
bool is_periodic(const Counter& c) { return mode_of(c) == 2 || mode_of(c) == 3; }
bool is_triggered(const Counter& c) { return mode_of(c) == 1 || mode_of(c) == 5; }

u32 from_bcd(u32 v) { return (v >> 12) * 1000 + (v >> 8 & 15) * 100 + (v >> 4 & 15) * 10 + (v & 15); }
u32 to_bcd(u32 v) { return (v / 1000 % 10) << 12 | (v / 100 % 10) << 8 | (v / 10 % 10) << 4 | v % 10; }

// The count register's count as the counting element would hold it.
u32 given_period(const Counter& c) {
    const u32 count = is_bcd(c) ? from_bcd(c.count) % 10000 : c.count;
    return count == 0 ? modulus(c) : count;
}

u32 first_remaining(const Counter& c, u32 period) { return mode_of(c) == 3 ? period & ~1u : period; }

// What a read shows. A count that the next tick loads shows already: an access on the bus of an AT takes about as long as a tick, so no
// program has ever read a counter between the two, and Linux' calibration gives up when it does ("Fast TSC calibration failed").
u16 visible(const Counter& c) {
    const u32 value = (c.load_pending ? first_remaining(c, given_period(c)) : c.remaining) % modulus(c);
    return static_cast<u16>(is_bcd(c) ? to_bcd(value) : value);
}

u8 status_of(const Counter& c) { return static_cast<u8>((c.out ? 0x80 : 0) | (c.null_count ? 0x40 : 0) | c.control); }

bool runs(const Counter& c) { return c.counting && (c.gate || is_triggered(c)); }

// A periodic counter of 1 has no low phase: its OUT stays high.
bool is_flat(const Counter& c) { return is_periodic(c) && c.period == 1; }

// Ticks from c.tick to the next change of OUT or reload, if nothing is written or gated before.
u64 ticks_to_event(const Counter& c) {
    if (c.load_pending) return 1;
    if (!runs(c)) return no_event;
    switch (mode_of(c)) {
        case 0: case 1: return c.armed ? c.remaining : no_event;
        case 2: return c.remaining > 1 ? c.remaining - 1 : 1;
        case 3: return c.period == 1 ? 1 : c.remaining / 2 + (c.out ? c.period & 1 : 0);
        default: return c.armed ? c.remaining : c.out ? no_event : 1;
    }
}

void count_down(Counter& c, u64 ticks) {
    const u32 m = modulus(c);
    if (mode_of(c) == 3) c.remaining -= static_cast<u32>(2 * ticks);
    else c.remaining = (c.remaining % m + m - static_cast<u32>(ticks % m)) % m;
}

void load_element(Counter& c) {
    c.period = given_period(c);
    c.remaining = first_remaining(c, c.period);
    c.null_count = false;
    c.counting = true;
}

// The event that ticks_to_event announced. `set_out` is called with every level of OUT.
void happen(Counter& c, auto&& set_out) {
    if (c.load_pending) {
        c.load_pending = false;
        load_element(c);
        c.armed = true;
        if (mode_of(c) != 0) set_out(c, mode_of(c) != 1);
        return;
    }
    switch (mode_of(c)) {
        case 0: case 1:
            c.remaining = 0;
            c.armed = false;
            return set_out(c, true);
        case 2:
            if (c.remaining > 1) {
                c.remaining = 1;
                return set_out(c, false);
            }
            load_element(c);
            return set_out(c, true);
        case 3: {
            const bool high = is_flat(c) || !c.out;
            load_element(c);
            return set_out(c, high || is_flat(c));
        }
        default:
            if (!c.armed) {
                count_down(c, 1);
                return set_out(c, true);
            }
            c.remaining = 0;
            c.armed = false;
            return set_out(c, false);
    }
}

void advance(Counter& c, u64 to, auto&& set_out) {
    while (c.tick < to) {
        if (!c.load_pending && !runs(c)) {
            c.tick = to;
            return;
        }
        // Whole periods change nothing; the last one is played, so that its edges are seen.
        if (!c.load_pending && is_periodic(c) && !c.null_count && to - c.tick >= 2 * u64{c.period}) {
            const u64 whole = (to - c.tick) / c.period - 1;
            c.tick += whole * c.period;
            if (!is_flat(c)) c.odd_pulses ^= whole & 1;
            continue;
        }
        const u64 event = ticks_to_event(c);
        if (event == no_event || to - c.tick < event) {
            count_down(c, to - c.tick);
            c.tick = to;
            return;
        }
        c.tick += event;
        happen(c, set_out);
    }
}

// OUT as the counter's own state, without a pin.
void set_state_out(Counter& c, bool high) {
    if (high && !c.out) c.odd_pulses = !c.odd_pulses;
    c.out = high;
}

}  // namespace

Pit::Pit(Scheduler& scheduler, Line out0, Line out1, Line out2)
    : scheduler_{scheduler}
    , clock_{scheduler.frequency(105'000'000, 88)}
    , outputs_{{{std::move(out0), {scheduler, "pit.out0", [this] { catch_up(0); schedule(0); }}},
                {std::move(out1), {scheduler, "pit.out1", [this] { catch_up(1); schedule(1); }}},
                {std::move(out2), {scheduler, "pit.out2", [this] { catch_up(2); schedule(2); }}}}} {}

void Pit::attach(PortMap& ports) {
    ports.on_write<&Pit::write_counter>(0x40, 0x42, this);
    ports.on_read<&Pit::read_counter>(0x40, 0x42, this);
    ports.on_peek<&Pit::peek_counter>(0x40, 0x42, this);
    ports.on_write<&Pit::write_control>(0x43, this);
}

void Pit::reset(Reset) {
    for (unsigned i = 0; i < 3; ++i) {
        state_.counters[i] = Counter{.gate = state_.counters[i].gate};
        outputs_[i].timer.cancel();
        outputs_[i].line.lower();
    }
}

void Pit::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void Pit::restored() {
    for (unsigned i = 0; i < 3; ++i) outputs_[i].line.set(state_.counters[i].out);
}

u64 Pit::now() const { return clock_.ticks_at(scheduler_.now()); }

Counter Pit::as_of_now(unsigned index) const {
    Counter c = state_.counters[index];
    advance(c, now(), set_state_out);
    return c;
}

Counter& Pit::catch_up(unsigned index) {
    Counter& c = state_.counters[index];
    advance(c, now(), [&](Counter&, bool high) { set_out(index, high); });
    return c;
}

void Pit::set_out(unsigned index, bool high) {
    set_state_out(state_.counters[index], high);
    outputs_[index].line.set(high);
}

void Pit::schedule(unsigned index) {
    Output& output = outputs_[index];
    if (!output.line.connected()) return;
    const Counter& c = state_.counters[index];
    const u64 event = ticks_to_event(c);
    const bool silent = !c.load_pending && is_flat(c) && !c.null_count;
    if (event == no_event || silent) output.timer.cancel();
    else output.timer.set_at(clock_.moment_of(c.tick + event));
}

Line Pit::gate(unsigned counter) {
    ENSURE(counter < 3, "there are three counters");
    return Line{[this, counter](bool high) { set_gate(counter, high); }};
}

bool Pit::output(unsigned counter) const { return as_of_now(counter).out; }
bool Pit::refresh_toggle() const { return as_of_now(1).odd_pulses; }

// "Gate Pin Operations": a level in modes 0 and 4, an edge in 1 and 5, both in 2 and 3.
void Pit::set_gate(unsigned index, bool high) {
    if (state_.counters[index].gate == high) return;
    Counter& c = catch_up(index);
    c.gate = high;
    if (high && c.count_given && mode_of(c) != 0 && mode_of(c) != 4) c.load_pending = true;
    if (!high && is_periodic(c)) set_out(index, true);
    schedule(index);
}

void Pit::write_control(u8 value) {
    const unsigned index = value >> 6;
    if (index == 3) return read_back(value);
    if (bits(value, 4, 2) == 0) return read_back(static_cast<u8>(0xd0 | 2 << index));
    Counter& c = catch_up(index);
    c.control = value & 0x3f;
    c.high_byte_next = c.read_high_byte = false;
    c.count_latched = c.status_latched = false;
    c.count_given = c.load_pending = c.counting = c.armed = false;
    c.null_count = true;
    set_out(index, mode_of(c) != 0);
    schedule(index);
}

// "Read-Back Command": bit 5 low latches counts, bit 4 low status, bits 3-1 name counters. What is latched already stays.
void Pit::read_back(u8 command) {
    for (unsigned i = 0; i < 3; ++i) {
        if (!bit(command, i + 1)) continue;
        Counter& c = catch_up(i);
        if (!bit(command, 5) && !c.count_latched) {
            c.count_latched = true;
            c.latched_count = visible(c);
        }
        if (!bit(command, 4) && !c.status_latched) {
            c.status_latched = true;
            c.latched_status = status_of(c);
        }
        schedule(i);
    }
}

void Pit::write_counter(u16 port, u8 value) {
    const unsigned index = port & 3;
    Counter& c = catch_up(index);
    const unsigned mode = mode_of(c);
    if (access_of(c) == 3 && !c.high_byte_next) {
        c.low_byte = value;
        c.high_byte_next = true;
        if (mode == 0) {  // "Writing the first byte disables counting. OUT is set low immediately"
            c.counting = c.load_pending = false;
            set_out(index, false);
        }
        return schedule(index);
    }
    c.high_byte_next = false;
    switch (access_of(c)) {
        case 1: c.count = value; break;
        case 2: c.count = static_cast<u16>(value << 8); break;
        default: c.count = word_of(c.low_byte, value); break;
    }
    c.count_given = c.null_count = true;
    if (mode == 0) {
        c.counting = false;
        set_out(index, false);
    }
    // A periodic counter takes a new count when the period (mode 3: half of it) ends, a triggered one at its trigger.
    if (mode == 0 || mode == 4 || (is_periodic(c) && !c.counting)) c.load_pending = true;
    schedule(index);
}

u8 Pit::peek_counter(u16 port) const {
    const Counter c = as_of_now(port & 3);
    if (c.status_latched) return c.latched_status;
    const u16 value = c.count_latched ? c.latched_count : visible(c);
    const bool high = access_of(c) == 2 || (access_of(c) == 3 && c.read_high_byte);
    return high ? high_byte(value) : low_byte(value);
}

u8 Pit::read_counter(u16 port) {
    const u8 value = peek_counter(port);
    Counter& c = catch_up(port & 3);
    schedule(port & 3);
    if (c.status_latched) {
        c.status_latched = false;
        return value;
    }
    if (access_of(c) == 3) c.read_high_byte = !c.read_high_byte;
    if (!c.read_high_byte) c.count_latched = false;
    return value;
}

}  // namespace retrace
