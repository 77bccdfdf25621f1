#include "devices/pci/pci_bus.hpp"

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u16 address_port = 0xcf8, data_port = 0xcfc;
constexpr u32 enable = 0x80000000, address_bits = 0x80fffffc;

}  // namespace

void PciBus::put(unsigned device, unsigned number, PciFunction& function) {
    ENSURE(device < 32 && number < 8 && !slots_[device * 8 + number], "one function to a place");
    slots_[device * 8 + number] = &function;
    functions_.push_back(&function);
}

void PciBus::attach(PortMap& ports) {
    ports.on_read<&PciBus::read_address>(address_port, this);
    ports.on_write<&PciBus::write_address>(address_port, this);
    ports.on_read<&PciBus::read_data8>(data_port, data_port + 3, this);
    ports.on_read<&PciBus::read_data16>(data_port, data_port + 2, this);
    ports.on_read<&PciBus::read_data32>(data_port, data_port, this);
    ports.on_write<&PciBus::write_data8>(data_port, data_port + 3, this);
    ports.on_write<&PciBus::write_data16>(data_port, data_port + 2, this);
    ports.on_write<&PciBus::write_data32>(data_port, data_port, this);
    ports.on_peek<&PciBus::peek_data>(data_port, data_port + 3, this);
    ports.connect(*this);
}

void PciBus::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

// ---- configuration space

void PciBus::write_address(u32 value) { state_.address = value & address_bits; }

// Only bus 0 is there.
PciFunction* PciBus::addressed() const {
    if (!(state_.address & enable) || bits(state_.address, 16, 8) != 0) return nullptr;
    return slots_[bits(state_.address, 8, 8)];
}

u32 PciBus::read_data(u16 port, unsigned width) const {
    const auto* function = addressed();
    if (!function) return 0xffffffff;
    return function->config_read(static_cast<u8>((state_.address & 0xfc) | (port & 3)), width);
}

void PciBus::write_data(u16 port, unsigned width, u32 value) {
    if (auto* function = addressed()) function->config_write(static_cast<u8>((state_.address & 0xfc) | (port & 3)), width, value);
}

// ---- the functions' ports

PciBus::Hit PciBus::decode(u16 port, unsigned width) const {
    for (auto* function : functions_)
        if (const auto range = function->ports())
            if (port >= range->base && port - range->base + width <= range->count) return {function, static_cast<u16>(port - range->base)};
    return {};
}

std::optional<u32> PciBus::port_read(u16 port, unsigned width) {
    const auto hit = decode(port, width);
    if (!hit.function) return std::nullopt;
    return hit.function->port_read(hit.offset, width);
}

bool PciBus::port_write(u16 port, unsigned width, u32 value) {
    const auto hit = decode(port, width);
    if (hit.function) hit.function->port_write(hit.offset, width, value);
    return hit.function != nullptr;
}

std::optional<u32> PciBus::port_peek(u16 port) const {
    const auto hit = decode(port, 1);
    return hit.function ? hit.function->port_peek(hit.offset) : std::nullopt;
}

}  // namespace retrace
