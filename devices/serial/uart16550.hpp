// Uart16550: a serial port of a PC, a National PC16550D. (PC16550D data sheet, TL/C/8652.)
//
//   base+0  read   RBR, the next byte received        write  THR, the next byte to send        with DLAB: divisor, low
//   base+1  r/w    IER: modem 3, line status 2, THRE 1, data 0                                 with DLAB: divisor, high
//   base+2  read   IIR: FIFOs 7-6, source 3-1, none 0  write  FCR: trigger 7-6, clear send 2, clear receive 1, FIFOs 0
//   base+3  r/w    LCR: DLAB 7, break 6, parity 5-3, stop bits 2, word length 1-0
//   base+4  r/w    MCR: loopback 4, OUT2 3 (lets INTR through to the bus), OUT1 2, RTS 1, DTR 0
//   base+5  read   LSR: error in the FIFO 7, TEMT 6, THRE 5, break 4, framing 3, parity 2, overrun 1, data ready 0
//   base+6  read   MSR: DCD 7, RI 6, DSR 5, CTS 4, and their changes 3-0
//   base+7  r/w    SCR, scratch
//   pin INTR       IRQ 4 or 3
//   pins SOUT, SIN to the far end of the cable
//
// Characters take as long as divisor and format say, in both directions. The far end is patient: what it has to say waits on the wire
// while the receiver has no room, so an overrun happens in loopback only. Reset keeps the far
// end's lines.
#pragma once

#include <deque>
#include <string>

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "core/time/scheduler.hpp"
#include "devices/host/serial_port.hpp"

namespace retrace {

class Uart16550 final : public Device {
public:
    static constexpr std::size_t fifo_size = 16;

    // `far_end` is null if no cable is plugged in; it must outlive the port. `name` names the timers.
    Uart16550(Scheduler& scheduler, Line irq, u16 base, const std::string& name, SerialPort* far_end);

    // A byte from the far end, as it comes through the input gate.
    void receive(u8 byte);
    // The machine ends here: what is still on its way is heard at the far end. Changes nothing.
    void drain() const;
    // The far end's lines: CTS 0, DSR 1, RI 2, DCD 3.
    void set_modem_lines(u8 lines);

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override { update_irq(); }

    struct State {
        u16 divisor = 1;   // the chip's is not defined at power-on; 115200 baud, for programs that set nothing
        u8 ier = 0, fcr = 0, lcr = 0, mcr = 0, scratch = 0;
        u8 line_errors = 0;               // LSR bits 4-1
        u8 modem_changes = 0;             // MSR bits 3-0
        u8 modem_lines = 0;               // as set_modem_lines() takes them
        bool thre_pending = false;        // the THRE interrupt waits to be seen
        bool timeout = false;             // characters lie in the FIFO and nobody came for them
        std::deque<u16> received;         // errors in the high byte, as LSR shows them
        std::deque<u8> to_send;
        bool shifting = false;            // the shift register is at work
        u8 shift = 0;
        std::deque<u8> wire;              // said by the far end, not yet arrived
    };

private:
    u8 read(u16 port);
    [[nodiscard]] u8 peek(u16 port) const;
    void write(u16 port, u8 value);
    u8 take_received();
    void send(u8 value);
    void write_fcr(u8 value);
    void write_mcr(u8 value);

    [[nodiscard]] u8 in_word(u8 value) const;
    void start_shifting();
    void character_sent();
    void arrive(u16 character);
    void character_arrived();
    void look_at_wire();
    void show_errors();
    void timed_out();
    void restart_timeout();

    [[nodiscard]] u8 interrupt_source() const;
    [[nodiscard]] u8 line_status() const;
    [[nodiscard]] u8 lines() const;  // modem lines as the chip sees them
    void lines_changed(u8 before);
    void update_irq() const;
    [[nodiscard]] bool fifos() const { return (state_.fcr & 1) != 0; }
    [[nodiscard]] bool loopback() const { return (state_.mcr & 0x10) != 0; }
    [[nodiscard]] std::size_t room() const { return fifos() ? fifo_size : 1; }
    [[nodiscard]] std::size_t trigger() const;
    [[nodiscard]] u64 character_steps() const;

    Scheduler& scheduler_;
    Line irq_;
    u16 base_;
    SerialPort* far_end_;
    Timer send_timer_, receive_timer_, timeout_timer_;
    State state_;
};

template <> inline constexpr auto fields<Uart16550::State> = describe(
    field("divisor", &Uart16550::State::divisor), field("ier", &Uart16550::State::ier), field("fcr", &Uart16550::State::fcr),
    field("lcr", &Uart16550::State::lcr), field("mcr", &Uart16550::State::mcr), field("scratch", &Uart16550::State::scratch),
    field("line_errors", &Uart16550::State::line_errors), field("modem_changes", &Uart16550::State::modem_changes),
    field("modem_lines", &Uart16550::State::modem_lines), field("thre_pending", &Uart16550::State::thre_pending),
    field("timeout", &Uart16550::State::timeout), field("received", &Uart16550::State::received), field("to_send", &Uart16550::State::to_send),
    field("shifting", &Uart16550::State::shifting), field("shift", &Uart16550::State::shift), field("wire", &Uart16550::State::wire));

}  // namespace retrace
