// The interrupt controllers of an AT: two 8259A, the second cascaded on IR2 of the first, with the edge/level registers of EISA
// and PCI chipsets. (Intel 8259A data sheet, 231468; ELCR: Intel 82378 data sheet.)
//
//   port 20, A0   write  bit 4 set: ICW1; bits 4-3 = 00: OCW2 (end of interrupt, rotation); = 01: OCW3 (poll, IRR/ISR, special mask)
//                 read   IRR or ISR as OCW3 says; after a poll command: bit 7 = request, bits 2-0 = its level
//   port 21, A1   write  ICW2, ICW3, ICW4 after an ICW1; else OCW1, the mask
//                 read   the mask
//   port 4D0, 4D1 r/w    one bit a line: 1 = level-triggered. Lines 0, 1, 2, 8 and 13 are always edge-triggered
//   pin  INT             high while the first controller has a request for the processor
//   pins IR0-15          requests; line 2 is the cascade and not to be had
//
// A request is withdrawn when its pin falls before the acknowledge, in edge mode too. An acknowledge without a request gives the
// vector of level 7 and puts nothing into service. Reset keeps the levels of the input pins.
#pragma once

#include <array>

#include "core/bus/device.hpp"
#include "core/bus/interrupt_source.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class Pic final : public Device, public InterruptSource {
public:
    // Which initialisation word the data port expects.
    enum class Expects : u8 { Mask, Icw2, Icw3, Icw4 };

    struct Chip {
        u8 pins = 0;         // levels of IR0-7
        u8 latched = 0;      // edges seen and not yet acknowledged
        u8 in_service = 0;
        u8 mask = 0xff;
        u8 level_lines = 0;  // ELCR
        u8 icw1 = 0x11;
        u8 vector_base = 0;  // ICW2
        u8 icw3 = 0;         // master: which levels have a slave; slave: its number
        u8 icw4 = 0x01;
        u8 lowest = 7;       // the level of lowest priority
        Expects expects = Expects::Mask;
        bool read_in_service = false;
        bool poll = false;
        bool special_mask = false;
        bool rotate_automatically = false;
    };
    struct State {
        std::array<Chip, 2> chips;
    };

    explicit Pic(Line interrupt, Log::Channel log = {});

    // The request pin of an IRQ, 0 to 15 but not 2.
    [[nodiscard]] Line line(unsigned irq);
    u8 acknowledge() override;

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

private:
    void set_pin(unsigned irq, bool high);
    void write_command(u16 port, u8 value);
    void write_data(u16 port, u8 value);
    u8 read_command(u16 port);
    u8 read_data(u16 port);
    [[nodiscard]] u8 peek_command(u16 port) const;
    [[nodiscard]] u8 peek_data(u16 port) const;
    void write_level_lines(u16 port, u8 value);
    u8 read_level_lines(u16 port);
    [[nodiscard]] u8 peek_level_lines(u16 port) const;

    void end_of_interrupt(Chip& chip, u8 ocw2);
    u8 acknowledge(Chip& chip, bool& spurious);
    void drive();

    Line interrupt_;
    Log::Channel log_;
    State state_;
};

template <> inline constexpr auto fields<Pic::Chip> = describe(
    field("pins", &Pic::Chip::pins), field("latched", &Pic::Chip::latched), field("in_service", &Pic::Chip::in_service),
    field("mask", &Pic::Chip::mask), field("level_lines", &Pic::Chip::level_lines), field("icw1", &Pic::Chip::icw1),
    field("vector_base", &Pic::Chip::vector_base), field("icw3", &Pic::Chip::icw3), field("icw4", &Pic::Chip::icw4),
    field("lowest", &Pic::Chip::lowest), field("expects", &Pic::Chip::expects), field("read_in_service", &Pic::Chip::read_in_service),
    field("poll", &Pic::Chip::poll), field("special_mask", &Pic::Chip::special_mask),
    field("rotate_automatically", &Pic::Chip::rotate_automatically));
template <> inline constexpr auto fields<Pic::State> = describe(field("chips", &Pic::State::chips));

}  // namespace retrace
