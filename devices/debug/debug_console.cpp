#include "devices/debug/debug_console.hpp"

namespace retrace {

DebugConsole::DebugConsole(u16 port, std::function<void(u8)> out) : port_{port}, out_{std::move(out)} {}

void DebugConsole::attach(PortMap& ports) {
    ports.listen<&DebugConsole::write>(port_, this);
    if (ports.is_read(port_)) return;
    ports.on_read<&DebugConsole::read>(port_, this);
    ports.on_peek<&DebugConsole::peek>(port_, port_, this);
}

}  // namespace retrace
