#include "devices/boot/kernel_loader.hpp"

namespace retrace {

void KernelLoader::attach(PortMap& ports) {
    ports.on_write<&KernelLoader::command>(command_port, this);
    ports.on_read<&KernelLoader::how>(command_port, this);
    ports.on_write<&KernelLoader::select>(select_port, this);
    ports.on_read<&KernelLoader::value>(value_port, this);
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
