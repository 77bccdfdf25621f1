// The clock and the CMOS memory: an MC146818 with 128 bytes. (Motorola MC146818 data sheet, ADI-856; IBM AT Technical Reference,
// "Real-time clock/CMOS RAM".)
//
//   port 70  write  bits 6-0 index, bit 7: NMI is masked (write-only: reads as FFh)
//   port 71  r/w    the byte at the index
//   pin  IRQ        high while an enabled interrupt flag stands; reading register C lowers it
//   pin  NMI_ENABLE high while port 70h lets NMI through; low at reset
//
//   index 00, 02, 04  seconds, minutes, hours        01, 03, 05  the alarm's (C0-FF: any)
//         06-09       day of week (1 = Sunday), day, month, year        32  century
//         0A          bit 7 update in progress, bits 6-4 divider (010: runs; 11x: held), bits 3-0 periodic rate
//         0B          bit 7 SET, 6-4 periodic, alarm and update interrupts, 2 binary, 1 24 hours
//         0C          bit 7 interrupt, 6-4 its flags; cleared by reading      0D  bit 7 valid
//         others      memory. The layout is the usual one: 10 floppy types, 12/19/1A hard disks, 14 equipment, 15-18 and
//                     30-31 memory in KiB, 34-35 memory above 16 MiB in 64 KiB, 38/3D boot order, 2E-2F checksum of 10-2D
//
// The divider ticks at 32768 Hz. An update begins with the second and lasts 1984 us (65 ticks); the UIP bit is up from 244 us
// (8 ticks) before it until its end. After the divider is released the first update comes half a second later.
// Everything is battery-backed: reset clears interrupt enables, flags, index and the NMI mask, and keeps the rest.
#pragma once

#include <array>

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "core/time/scheduler.hpp"

namespace retrace {

class Rtc final : public Device {
public:
    struct State {
        std::array<u8, 128> cmos{};
        u8 index = 0;
        bool nmi_enabled = false;
        u64 next_second = 0;    // the tick at which the next update begins
        u64 periodic_seen = 0;  // up to which tick the periodic flag is worked out
    };

    // `start_of_time`: what the clock shows at moment 0, as seconds since 1970-01-01 00:00:00 of its own calendar.
    Rtc(Scheduler& scheduler, Line irq, Line nmi_enable, u64 start_of_time);

    // For the board: what set-up would have stored.
    void set_cmos(u8 index, u8 value);
    [[nodiscard]] u8 cmos(u8 index) const { return state_.cmos[index & 0x7f]; }
    // Stores the sum of 10-2D at 2E-2F, high byte first.
    void update_checksum();

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

private:
    void select(u8 value);
    void write(u8 value);
    u8 read();
    [[nodiscard]] u8 peek(u16) const;

    void write_a(u8 value);
    void write_b(u8 value);

    [[nodiscard]] u64 now() const { return clock_.ticks_at(scheduler_.now()); }
    [[nodiscard]] bool divider_runs() const;
    [[nodiscard]] bool update_in_progress() const;
    [[nodiscard]] bool periodic_since(u64 tick) const;
    void catch_up_periodic();
    void schedule_update();
    void schedule_periodic();
    void finish_update();
    void periodic();
    void flag(u8 flags);
    void drive();

    void advance_time();
    [[nodiscard]] unsigned decode(u8 value) const;
    [[nodiscard]] u8 encode(unsigned value) const;
    [[nodiscard]] unsigned days_in_month() const;
    bool advance(u8 index, unsigned last, unsigned first);
    bool advance_hour();

    Scheduler& scheduler_;
    Frequency clock_;
    Line irq_, nmi_enable_;
    Timer update_, periodic_;
    State state_;
};

template <> inline constexpr auto fields<Rtc::State> = describe(
    field("cmos", &Rtc::State::cmos), field("index", &Rtc::State::index), field("nmi_enabled", &Rtc::State::nmi_enabled),
    field("next_second", &Rtc::State::next_second), field("periodic_seen", &Rtc::State::periodic_seen));

}  // namespace retrace
