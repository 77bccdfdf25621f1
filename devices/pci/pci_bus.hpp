// PciBus: PCI bus 0 and configuration mechanism #1, the way to the configuration space of what is on it. (PCI Local Bus Specification
// 2.1, 3.6.4.1; Intel 440FX data sheet, 290549, 3.1.)
//
//   port CF8      r/w  32 bits only: the address: enable 31, bus 23-16, device 15-11, function 10-8, double word 7-2
//   port CFC-CFF  r/w  8, 16 or 32 bits: that double word, or ones where there is nothing
//
// Narrower accesses to CF8-CFB go to the ISA bus. The functions' own ports are decoded here, too: functions say where they are, and what
// ISA devices claim goes to those.
#pragma once

#include <array>

#include "core/bus/device.hpp"
#include "core/bus/port_map.hpp"
#include "devices/pci/pci_function.hpp"

namespace retrace {

class PciBus final : public Device, public PortDecoder {
public:
    struct State {
        u32 address = 0;
    };

    // A function, which must outlive the bus; its own device and number are free.
    void put(unsigned device, unsigned number, PciFunction& function);

    void attach(PortMap& ports) override;
    void reset(Reset) override { state_ = {}; }
    void visit(StateVisitor& visitor) override;

    std::optional<u32> port_read(u16 port, unsigned width) override;
    bool port_write(u16 port, unsigned width, u32 value) override;
    [[nodiscard]] std::optional<u32> port_peek(u16 port) const override;

private:
    u32 read_address() { return state_.address; }
    void write_address(u32 value);
    u8 read_data8(u16 port) { return static_cast<u8>(read_data(port, 1)); }
    u16 read_data16(u16 port) { return static_cast<u16>(read_data(port, 2)); }
    u32 read_data32(u16 port) { return read_data(port, 4); }
    void write_data8(u16 port, u8 value) { write_data(port, 1, value); }
    void write_data16(u16 port, u16 value) { write_data(port, 2, value); }
    void write_data32(u16 port, u32 value) { write_data(port, 4, value); }
    [[nodiscard]] u8 peek_data(u16 port) const { return static_cast<u8>(read_data(port, 1)); }
    [[nodiscard]] u32 read_data(u16 port, unsigned width) const;
    void write_data(u16 port, unsigned width, u32 value);

    [[nodiscard]] PciFunction* addressed() const;
    struct Hit {
        PciFunction* function = nullptr;
        u16 offset = 0;
    };
    [[nodiscard]] Hit decode(u16 port, unsigned width) const;

    std::array<PciFunction*, 256> slots_{};  // by device * 8 + function
    std::vector<PciFunction*> functions_;
    State state_;
};

template <> inline constexpr auto fields<PciBus::State> = describe(field("address", &PciBus::State::address));

}  // namespace retrace
