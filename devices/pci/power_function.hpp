// PowerFunction: the power management function of the 82371AB (PIIX4), 8086:7113, as ACPI 1.0 uses it. (Intel 82371AB data sheet, 290562,
// chapter 7; ACPI specification 1.0b, 4.7.)
//
//   config 40  PMBA   base of 64 ports; bit 0 reads 1     config 80  PMREGMISC  bit 0: they are decoded
//   config 90  SMBBA  storage: the SMBus controller is not there
//   ports at PMBA:
//   +00 r/w  PMSTS    timer overflow 0, bus master 4, global 5, power button 8, clock 10, woken 15; a one clears
//   +02 r/w  PMEN     which of them pull SCI: 0, 5, 8, 10
//   +04 r/w  PMCNTRL  SCI enable 0, 2-1, sleep type 12-10, sleep 13 (write only): type 0 is off
//   +08 read PMTMR    24 bits at 3.579545 MHz
//   others            storage, as far as software finds them
//   config 58  DEVACTB  bit 25: writes of APMC pull SMI# (whatever the global enable at +28 says)
//   port B2   r/w     APMC: F1 hands power management to ACPI, F0 takes it back, as firmware in system management mode would
//   port B3   r/w     APMS: storage
//   pin SCI           high while an enabled status stands and ACPI is in charge
//   pin PWRBTN        in, rising: the power button
#pragma once

#include <functional>

#include "core/base/log.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "core/time/scheduler.hpp"
#include "devices/pci/pci_function.hpp"

namespace retrace {

class PowerFunction final : public PciFunction {
public:
    static constexpr u64 timer_hz = 3'579'545;
    static constexpr u8 acpi_enable = 0xf1, acpi_disable = 0xf0;

    struct State {
        u16 status = 0;           // without the timer's bit
        u16 enable = 0;
        u16 control = 0;
        u64 overflow_at = 1 << 23;  // tick at which bit 23 of the timer next turns since its status was cleared
        u8 apm_command = 0, apm_status = 0;
        bool button = false;      // the pin
        std::array<u8, 64> storage{};  // the registers that do nothing
    };

    PowerFunction(Scheduler& scheduler, Line sci, std::function<void()> power_off, Log::Channel log = {});

    [[nodiscard]] Line power_button();
    void connect_smi(Line smi) { smi_ = std::move(smi); }

    void attach(PortMap& ports) override;
    [[nodiscard]] std::optional<Ports> ports() const override;
    u32 port_read(u16 offset, unsigned width) override;
    void port_write(u16 offset, unsigned width, u32 value) override;
    [[nodiscard]] std::optional<u8> port_peek(u16 offset) const override;
    // Keeps the level of the button; the timer counts on.
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override { drive(); }

private:
    [[nodiscard]] u64 ticks() const { return clock_.ticks_at(scheduler_.now()); }
    [[nodiscard]] u16 status() const;
    [[nodiscard]] u8 read(u16 offset) const;
    void write(u16 offset, u8 value);
    void write_control(u16 value);
    void count_anew();
    void update();
    void drive() const;
    void write_apm_command(u8 value);
    u8 read_apm_command() { return state_.apm_command; }
    void write_apm_status(u8 value) { state_.apm_status = value; }
    u8 read_apm_status() { return state_.apm_status; }
    [[nodiscard]] u8 peek_apm(u16 port) const { return port & 1 ? state_.apm_status : state_.apm_command; }

    Scheduler& scheduler_;
    Frequency clock_;
    Line sci_, smi_;
    std::function<void()> power_off_;
    Log::Channel log_;
    Timer overflow_;
    State state_;
};

template <> inline constexpr auto fields<PowerFunction::State> = describe(
    field("status", &PowerFunction::State::status), field("enable", &PowerFunction::State::enable), field("control", &PowerFunction::State::control),
    field("overflow_at", &PowerFunction::State::overflow_at), field("apm_command", &PowerFunction::State::apm_command),
    field("apm_status", &PowerFunction::State::apm_status), field("button", &PowerFunction::State::button), field("storage", &PowerFunction::State::storage));

}  // namespace retrace
