#include "devices/boot/kernel_loader.hpp"

namespace retrace {

void KernelLoader::attach(PortMap& ports) {
    ports.on_write(command_port, this, &KernelLoader::command);
    ports.on_read(command_port, this, &KernelLoader::how);
    ports.on_write(select_port, this, &KernelLoader::select);
    ports.on_read(value_port, this, &KernelLoader::value);
}

void KernelLoader::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void KernelLoader::command(u8 what) {
    if (what != 1) return;
    for (const auto& block : payload_.blocks) memory_.write(block.address, block.bytes);
}

u32 KernelLoader::value() {
    switch (state_.selected) {
        case 0: return payload_.entry;
        case 1: return payload_.stack;
        case 2: return payload_.eax;
        case 3: return payload_.ebx;
        default: return 0;
    }
}

}  // namespace retrace
