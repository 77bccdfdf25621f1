// ParallelPort: a printer port as IBM's printer adapter has it, with the data direction of the PS/2. (IBM Technical Reference, "Printer
// Adapter"; IEEE 1284 compatibility mode.)
//
//   base+0  r/w   data; with the direction bit set, what the far end drives
//   base+1  read  status: not busy 7, not acknowledge 6, out of paper 5, selected 4, no error 3
//   base+2  r/w   control: direction 5, interrupt enable 4, select 3, not initialise 2, auto feed 1, strobe 0
//   pin ACK  IRQ 7
//
// A printer takes a byte at the strobe, is busy for a moment and acknowledges. Without one the lines float: busy, out of paper.
#pragma once

#include <string>

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "core/time/scheduler.hpp"
#include "devices/host/serial_port.hpp"

namespace retrace {

class ParallelPort final : public Device {
public:
    static constexpr u64 busy_time = 50, acknowledge_time = 5;  // microseconds

    // `printer` is null if none is plugged in; it must outlive the port.
    ParallelPort(Scheduler& scheduler, Line irq, u16 base, const std::string& name, SerialPort* printer);

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

    enum class Stage : u8 { Idle, Busy, Acknowledging };
    struct State {
        u8 data = 0, control = 0x0c;
        Stage stage = Stage::Idle;
        bool acknowledged = false;  // the end of the pulse, which is the interrupt; until the next strobe
    };

private:
    u8 read(u16 port);
    [[nodiscard]] u8 peek(u16 port) const;
    void write(u16 port, u8 value);
    void write_control(u8 value);
    [[nodiscard]] u8 status() const;
    void next_stage();

    Scheduler& scheduler_;
    Line irq_;
    u16 base_;
    SerialPort* printer_;
    Timer timer_;
    State state_;
};

template <> inline constexpr auto fields<ParallelPort::State> = describe(
    field("data", &ParallelPort::State::data), field("control", &ParallelPort::State::control), field("stage", &ParallelPort::State::stage),
    field("acknowledged", &ParallelPort::State::acknowledged));

}  // namespace retrace
