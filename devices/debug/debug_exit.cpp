#include "devices/debug/debug_exit.hpp"

namespace retrace {

DebugExit::DebugExit(u16 port, std::function<void(u32 code)> exit) : port_{port}, exit_{std::move(exit)} {}

void DebugExit::attach(PortMap& ports) {
    ports.listen<&DebugExit::write>(port_, this);
    if (ports.is_read(port_)) return;
    ports.on_read<&DebugExit::read>(port_, this);
    ports.on_peek<&DebugExit::peek>(port_, port_, this);
}

}  // namespace retrace
