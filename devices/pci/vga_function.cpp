#include "devices/pci/vga_function.hpp"

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u8 bar0 = 0x10, subsystem = 0x2c;
constexpr u32 prefetchable = 0x00000008;

}  // namespace

VgaFunction::VgaFunction(ApertureControl& memory, std::span<u8> frame_buffer)
    : PciFunction{{0x1234, 0x1111, 0x02, 0x030000}}, memory_{memory}, frame_buffer_{frame_buffer} {
    ENSURE((frame_buffer.size() & (frame_buffer.size() - 1)) == 0, "a BAR decodes a power of two");
    define(pci::command, 2, 0x0000, pci::io_enable | pci::memory_enable | pci::master_enable);
    define(bar0, 4, prefetchable, ~static_cast<u32>(frame_buffer.size() - 1));
    define(subsystem, 4, 0x11001af4);
    define(pci::interrupt_line, 1, 0x00, 0xff);
    end_of_definition();
}

void VgaFunction::reset(Reset kind) {
    PciFunction::reset(kind);
    place();
}

void VgaFunction::config_written(u8 first, u8 last) {
    if ((first <= pci::command && last >= pci::command) || (first < bar0 + 4 && last >= bar0)) place();
}

void VgaFunction::place() {
    const u32 base = config<u32>(bar0) & ~static_cast<u32>(frame_buffer_.size() - 1);
    const u32 wanted = config<u16>(pci::command) & pci::memory_enable ? base : 0;
    if (wanted == shown_at_) return;
    if (shown_at_ != 0) memory_.hide({shown_at_}, frame_buffer_);
    if (wanted != 0) memory_.show({wanted}, frame_buffer_);
    shown_at_ = wanted;
}

}  // namespace retrace
