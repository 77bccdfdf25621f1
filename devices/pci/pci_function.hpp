// PciFunction: one function of a PCI device as the bus sees it: 256 bytes of configuration space, of which software can change some bits,
// and at most one range of ports that it decodes where its registers say. (PCI Local Bus Specification 2.1, chapter 6.)
//
// A derived function says in its constructor what its registers are after a reset and which bits can be written; it is told after every
// write. Reading configuration space has no side effects.
#pragma once

#include <array>
#include <optional>

#include "core/base/bits.hpp"
#include "core/bus/device.hpp"

namespace retrace {

namespace pci {
// standard registers
inline constexpr u8 vendor = 0x00, device = 0x02, command = 0x04, status = 0x06, revision = 0x08, latency = 0x0d, header_type = 0x0e, bar4 = 0x20,
                    interrupt_line = 0x3c, interrupt_pin = 0x3d;
// command
inline constexpr u16 io_enable = 1, memory_enable = 2, master_enable = 4;
}  // namespace pci

class PciFunction : public Device {
public:
    struct Ports {
        u16 base = 0, count = 0;
    };

    // `width` is 1, 2 or 4 and the access stays within a double word.
    [[nodiscard]] u32 config_read(u8 offset, unsigned width) const;
    void config_write(u8 offset, unsigned width, u32 value);

    // The ports decoded now, and accesses within them.
    [[nodiscard]] virtual std::optional<Ports> ports() const { return std::nullopt; }
    virtual u32 port_read(u16, unsigned) { return 0xffffffff; }
    virtual void port_write(u16, unsigned, u32) {}
    [[nodiscard]] virtual std::optional<u8> port_peek(u16) const { return std::nullopt; }

    void reset(Reset) override { config_ = born_; }
    void visit(StateVisitor& visitor) override { retrace::visit(visitor, "config", config_); }

protected:
    struct Identity {
        u16 vendor, device;
        u8 revision;
        u32 class_code;
    };
    explicit PciFunction(const Identity& identity);

    // For constructors: the value after reset, bits that can be written, bits that a written one clears.
    void define(u8 offset, unsigned width, u32 value, u32 writable = 0, u32 cleared_by_one = 0);
    void end_of_definition() { config_ = born_; }

    // Bytes `first` to `last` were written.
    virtual void config_written(u8 /*first*/, u8 /*last*/) {}

    template <class T> [[nodiscard]] T config(u8 offset) const { return load<T>(&config_[offset]); }
    template <class T> void set_config(u8 offset, T value) { store<T>(&config_[offset], value); }

private:
    std::array<u8, 256> born_{}, writable_{}, clearable_{};
    std::array<u8, 256> config_{};
};

}  // namespace retrace
