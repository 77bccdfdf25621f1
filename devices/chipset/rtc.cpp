#include "devices/chipset/rtc.hpp"

#include <chrono>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u8 seconds = 0x00, seconds_alarm = 0x01, minutes = 0x02, minutes_alarm = 0x03, hours = 0x04, hours_alarm = 0x05, weekday = 0x06,
             day = 0x07, month = 0x08, year = 0x09, reg_a = 0x0a, reg_b = 0x0b, reg_c = 0x0c, reg_d = 0x0d, century = 0x32;

constexpr u8 set = 0x80, periodic_flag = 0x40, alarm_flag = 0x20, update_flag = 0x10, square_wave = 0x08, binary = 0x04, hours_24 = 0x02;
constexpr u8 enables = periodic_flag | alarm_flag | update_flag;  // at the same bits of B and C
constexpr u8 interrupt = 0x80;
constexpr u8 pm = 0x80;

constexpr u64 ticks_per_second = 32768, ticks_of_update = 65, ticks_before_update = 8;

// "Periodic Interrupt Rate", 32.768 kHz time base: 0 is none; 1 and 2 are 256 and 128 Hz; 3 to 15 are 8192 down to 2 Hz.
u64 periodic_ticks(u8 a) {
    const unsigned rate = a & 15;
    if (rate == 0) return 0;
    return u64{1} << (rate <= 2 ? rate + 6 : rate - 1);
}

}  // namespace

Rtc::Rtc(Scheduler& scheduler, Line irq, Line nmi_enable, u64 start_of_time)
    : scheduler_{scheduler}
    , clock_{scheduler.frequency(ticks_per_second)}
    , irq_{std::move(irq)}
    , nmi_enable_{std::move(nmi_enable)}
    , update_{scheduler, "rtc.update", [this] { finish_update(); }}
    , periodic_{scheduler, "rtc.periodic", [this] { periodic(); }} {
    namespace chrono = std::chrono;
    constexpr u64 end_of_9999 = 253'402'300'799;
    const u64 time = std::min(start_of_time, end_of_9999);
    const chrono::sys_days date{chrono::days{static_cast<int>(time / 86400)}};
    const chrono::year_month_day civil{date};
    const unsigned whole_year = static_cast<unsigned>(static_cast<int>(civil.year()));
    auto& c = state_.cmos;
    c[reg_a] = 0x26;
    c[reg_b] = hours_24;
    c[reg_d] = 0x80;
    c[seconds] = encode(static_cast<unsigned>(time % 60));
    c[minutes] = encode(static_cast<unsigned>(time / 60 % 60));
    c[hours] = encode(static_cast<unsigned>(time / 3600 % 24));
    c[weekday] = encode(chrono::weekday{date}.c_encoding() + 1);
    c[day] = encode(static_cast<unsigned>(civil.day()));
    c[month] = encode(static_cast<unsigned>(civil.month()));
    c[year] = encode(whole_year % 100);
    c[century] = encode(whole_year / 100);
    state_.next_second = now() + ticks_per_second;
    state_.periodic_seen = now();
    schedule_update();
}

void Rtc::set_cmos(u8 index, u8 value) {
    ENSURE(index >= 0x0e && index < 128, "the clock's own registers are not configuration");
    state_.cmos[index] = value;
}

void Rtc::update_checksum() {
    u16 sum = 0;
    for (u8 i = 0x10; i <= 0x2d; ++i) sum = static_cast<u16>(sum + state_.cmos[i]);
    state_.cmos[0x2e] = high_byte(sum);
    state_.cmos[0x2f] = low_byte(sum);
}

void Rtc::attach(PortMap& ports) {
    ports.on_write<&Rtc::select>(0x70, this);
    ports.on_write<&Rtc::write>(0x71, this);
    ports.on_read<&Rtc::read>(0x71, this);
    ports.on_peek<&Rtc::peek>(0x71, 0x71, this);
}

void Rtc::reset(Reset) {
    catch_up_periodic();
    state_.cmos[reg_b] &= static_cast<u8>(~(enables | square_wave));
    state_.cmos[reg_c] = 0;
    state_.index = 0;
    state_.nmi_enabled = false;
    schedule_periodic();
    drive();
}

void Rtc::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void Rtc::restored() { drive(); }

void Rtc::drive() {
    auto& c = state_.cmos;
    const bool asks = c[reg_b] & c[reg_c] & enables;
    c[reg_c] = with(c[reg_c], interrupt, asks);
    irq_.set(asks);
    nmi_enable_.set(state_.nmi_enabled);
}

void Rtc::flag(u8 flags) {
    state_.cmos[reg_c] |= flags;
    drive();
}

// ---- ports

void Rtc::select(u8 value) {
    state_.index = value & 0x7f;
    const bool enabled = !(value & 0x80);
    if (state_.nmi_enabled == enabled) return;
    state_.nmi_enabled = enabled;
    drive();
}

void Rtc::write(u8 value) {
    switch (state_.index) {
        case reg_a: return write_a(value);
        case reg_b: return write_b(value);
        case reg_c: case reg_d: return;  // read-only
        default: state_.cmos[state_.index] = value;
    }
}

u8 Rtc::peek(u16) const {
    u8 value = state_.cmos[state_.index];
    if (state_.index == reg_a && update_in_progress()) value |= 0x80;
    if (state_.index == reg_c && periodic_since(state_.periodic_seen)) {
        value |= periodic_flag;
        if (state_.cmos[reg_b] & periodic_flag) value |= interrupt;
    }
    return value;
}

u8 Rtc::read() {
    const u8 value = peek(0x71);
    if (state_.index == reg_c) {
        catch_up_periodic();
        state_.cmos[reg_c] = 0;
        schedule_periodic();
        drive();
    }
    return value;
}

void Rtc::write_a(u8 value) {
    catch_up_periodic();
    const bool ran = divider_runs();
    state_.cmos[reg_a] = value & 0x7f;
    if (!ran && divider_runs()) state_.next_second = now() + ticks_per_second / 2;
    state_.periodic_seen = now();
    schedule_update();
    schedule_periodic();
}

void Rtc::write_b(u8 value) {
    catch_up_periodic();
    if (value & set) value &= static_cast<u8>(~update_flag);  // "SET ... UIE is cleared when SET goes high"
    state_.cmos[reg_b] = value;
    schedule_periodic();
    drive();
}

// ---- the divider

bool Rtc::divider_runs() const {
    // 000 and 001 are for other crystals; on a 32768 Hz one nobody leaves them. 3 to 5 are for test.
    return bits(state_.cmos[reg_a], 4, 3) <= 2;
}

bool Rtc::update_in_progress() const {
    return divider_runs() && !(state_.cmos[reg_b] & set) && now() + ticks_before_update >= state_.next_second;
}

bool Rtc::periodic_since(u64 tick) const {
    const u64 period = periodic_ticks(state_.cmos[reg_a]);
    if (period == 0 || !divider_runs()) return false;
    const u64 phase = period - state_.next_second % period;
    return (now() + phase) / period > (tick + phase) / period;
}

void Rtc::catch_up_periodic() {
    if (periodic_since(state_.periodic_seen)) state_.cmos[reg_c] |= periodic_flag;
    state_.periodic_seen = now();
}

void Rtc::schedule_update() {
    if (divider_runs()) update_.set_at(clock_.moment_of(state_.next_second + ticks_of_update));
    else update_.cancel();
}

// An event only when it would raise the line.
void Rtc::schedule_periodic() {
    const u64 period = periodic_ticks(state_.cmos[reg_a]);
    const bool wanted = period != 0 && divider_runs() && (state_.cmos[reg_b] & periodic_flag) && !(state_.cmos[reg_c] & periodic_flag);
    if (!wanted) return periodic_.cancel();
    const u64 phase = period - state_.next_second % period;
    const u64 next = ((now() + phase) / period + 1) * period - phase;
    periodic_.set_at(clock_.moment_of(next));
}

void Rtc::periodic() {
    catch_up_periodic();
    drive();
}

void Rtc::finish_update() {
    state_.next_second += ticks_per_second;
    schedule_update();
    const auto& c = state_.cmos;
    if (c[reg_b] & set) return;
    advance_time();
    const auto matches = [&](u8 alarm, u8 time) { return c[alarm] >= 0xc0 || c[alarm] == c[time]; };
    const bool alarm = matches(seconds_alarm, seconds) && matches(minutes_alarm, minutes) && matches(hours_alarm, hours);
    flag(static_cast<u8>(update_flag | (alarm ? alarm_flag : 0)));
}

// ---- the calendar

unsigned Rtc::decode(u8 value) const { return state_.cmos[reg_b] & binary ? value : (value >> 4) * 10u + (value & 15u); }

u8 Rtc::encode(unsigned value) const {
    return static_cast<u8>(state_.cmos[reg_b] & binary ? value : (value / 10 % 10) << 4 | value % 10);
}

unsigned Rtc::days_in_month() const {
    switch (decode(state_.cmos[month])) {
        case 4: case 6: case 9: case 11: return 30;
        case 2: {
            const unsigned in_century = decode(state_.cmos[year]);
            const bool leaps = in_century % 4 == 0 && (in_century != 0 || decode(state_.cmos[century]) % 4 == 0);
            return leaps ? 29 : 28;
        }
        default: return 31;
    }
}

// True if it went round.
bool Rtc::advance(u8 index, unsigned last, unsigned first) {
    const unsigned value = decode(state_.cmos[index]);
    state_.cmos[index] = encode(value >= last ? first : value + 1);
    return value >= last;
}

bool Rtc::advance_hour() {
    if (state_.cmos[reg_b] & hours_24) return advance(hours, 23, 0);
    // 12, 1, ..., 11 in the morning, then the same with bit 7 set.
    u8& byte = state_.cmos[hours];
    bool afternoon = byte & pm;
    const unsigned hour = decode(byte & 0x7f);
    if (hour == 11) afternoon = !afternoon;
    byte = static_cast<u8>(encode(hour >= 12 ? 1 : hour + 1) | (afternoon ? pm : 0));
    return hour == 11 && !afternoon;
}

void Rtc::advance_time() {
    if (!advance(seconds, 59, 0) || !advance(minutes, 59, 0) || !advance_hour()) return;
    advance(weekday, 7, 1);
    if (!advance(day, days_in_month(), 1) || !advance(month, 12, 1) || !advance(year, 99, 0)) return;
    advance(century, 99, 0);
}

}  // namespace retrace
