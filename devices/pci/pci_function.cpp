#include "devices/pci/pci_function.hpp"

#include "core/base/ensure.hpp"

namespace retrace {

PciFunction::PciFunction(const Identity& identity) {
    define(pci::vendor, 2, identity.vendor);
    define(pci::device, 2, identity.device);
    define(pci::revision, 4, identity.class_code << 8 | identity.revision);
    end_of_definition();
}

void PciFunction::define(u8 offset, unsigned width, u32 value, u32 writable, u32 cleared_by_one) {
    for (unsigned i = 0; i < width; ++i) {
        born_[offset + i] = static_cast<u8>(value >> (8 * i));
        writable_[offset + i] = static_cast<u8>(writable >> (8 * i));
        clearable_[offset + i] = static_cast<u8>(cleared_by_one >> (8 * i));
    }
}

u32 PciFunction::config_read(u8 offset, unsigned width) const {
    ENSURE(offset % 4 + width <= 4, "configuration space is accessed within double words");
    u32 value = 0;
    for (unsigned i = 0; i < width; ++i) value |= u32{config_[offset + i]} << (8 * i);
    return value;
}

void PciFunction::config_write(u8 offset, unsigned width, u32 value) {
    ENSURE(offset % 4 + width <= 4, "configuration space is accessed within double words");
    for (unsigned i = 0; i < width; ++i) {
        const unsigned at = offset + i;
        const u8 byte = static_cast<u8>(value >> (8 * i)), writable = writable_[at];
        const u8 kept = static_cast<u8>(config_[at] & ~writable & ~(byte & clearable_[at]));
        config_[at] = static_cast<u8>(kept | (byte & writable));
    }
    config_written(offset, static_cast<u8>(offset + width - 1));
}

}  // namespace retrace
