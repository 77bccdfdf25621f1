#include "devices/debug/debug_console.hpp"

namespace retrace {

DebugConsole::DebugConsole(u16 port, std::function<void(u8)> out) : port_{port}, out_{std::move(out)} {}

void DebugConsole::attach(PortMap& ports) {
    ports.listen(port_, this, &DebugConsole::write);
    if (ports.is_read(port_)) return;
    ports.on_read(port_, this, &DebugConsole::read);
    ports.on_peek(port_, port_, this, &DebugConsole::peek);
}

}  // namespace retrace
