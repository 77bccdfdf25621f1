// IoApic: an 82093AA I/O APIC with 24 inputs.
//
//   memory FEC00000  register select (index)      FEC00010  window (data), doublewords
//     index 00 ID   01 version   02 arbitration   10-3F redirection entries, two doublewords each
//   pins INTIN0-23  inputs 1, 3-15 are the ISA interrupts of the same number, 2 is the timer (IRQ 0), 16-23 the PCI interrupts
//
// Source: Intel 82093AA data sheet (290566).
#pragma once

#include <array>
#include <functional>

#include "core/base/log.hpp"
#include "core/bus/device.hpp"
#include "core/bus/interrupt_message.hpp"
#include "core/bus/line.hpp"
#include "core/bus/mmio_map.hpp"

namespace retrace {

class IoApic final : public Device, public MmioWindow {
public:
    static constexpr PhysicalAddress base{0xfec00000};
    static constexpr unsigned input_count = 24;

    struct Input {
        bool pin = false;
        bool pending = false;        // an edge not yet delivered
        u64 entry = 0x10000;         // redirection entry; bit 14 is remote IRR
    };
    struct State {
        u8 id = 0;
        u8 select = 0;
        std::array<Input, input_count> inputs{};
    };

    using Send = std::function<bool(const InterruptMessage&)>;
    // `send` puts a message on the APIC bus; false if nobody took it.
    explicit IoApic(Send send, Log::Channel log = {});

    [[nodiscard]] Line input(unsigned number);
    // A local APIC has ended a level-triggered interrupt with this vector.
    void end_of_interrupt(u8 vector);

    void attach(MmioMap& windows) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    u64 mmio_read(u32 offset, unsigned width) override;
    void mmio_write(u32 offset, unsigned width, u64 value) override;
    [[nodiscard]] std::optional<u8> mmio_peek(u32 offset) const override;

private:
    void set_pin(unsigned number, bool high);
    void deliver(Input& input);
    [[nodiscard]] u32 read(u8 index) const;
    void write(u8 index, u32 value);
    [[nodiscard]] u32 window(u32 offset) const;

    Send send_;
    Log::Channel log_;
    State state_;
};

template <> inline constexpr auto fields<IoApic::Input> = describe(
    field("pin", &IoApic::Input::pin), field("pending", &IoApic::Input::pending), field("entry", &IoApic::Input::entry));
template <> inline constexpr auto fields<IoApic::State> = describe(
    field("id", &IoApic::State::id), field("select", &IoApic::State::select), field("inputs", &IoApic::State::inputs));

}  // namespace retrace
