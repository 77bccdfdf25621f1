// IsaBridge: the PCI-to-ISA function of the 82371SB (PIIX3), 8086:7000: the way of PCI interrupts to the 8259s, and registers of the ISA
// bus that software expects to find. (Intel 82371FB/82371SB data sheet, 290550, 2.2.) The edge/level registers are the 8259s'.
//
//   config 60-63  PIRQRCA-D  bit 7: not routed; bits 3-0: to which IRQ (3-7, 9-12, 14, 15)
//   config 4C, 4E-4F, 69, 6A, 70-71, 76-77, 78-79, 80, 82, A0-AE: storage
//   pins  PIRQA-D  in, high: asserted        IRQ3-15  out, high while a pin that is routed there is, else left to the ISA bus
#pragma once

#include "core/bus/line.hpp"
#include "devices/pci/pci_function.hpp"

namespace retrace {

class IsaBridge final : public PciFunction {
public:
    // Outputs by IRQ; those that PIRQs cannot go to are not driven.
    explicit IsaBridge(std::array<Line, 16> irqs);

    // 0-3: PIRQA-D.
    [[nodiscard]] Line pirq(unsigned number);

    // Keeps the levels of the input pins.
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override { drive(); }

private:
    void config_written(u8 first, u8 last) override;
    void drive();

    std::array<Line, 16> irqs_;
    std::array<bool, 4> pins_{};
    u16 driven_ = 0;  // not state: what the outputs were last told
};

}  // namespace retrace
