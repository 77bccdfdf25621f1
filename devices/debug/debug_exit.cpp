#include "devices/debug/debug_exit.hpp"

namespace retrace {

DebugExit::DebugExit(u16 port, std::function<void(u32 code)> exit) : port_{port}, exit_{std::move(exit)} {}

void DebugExit::attach(PortMap& ports) {
    ports.listen(port_, this, &DebugExit::write);
    if (ports.is_read(port_)) return;
    ports.on_read(port_, this, &DebugExit::read);
    ports.on_peek(port_, port_, this, &DebugExit::peek);
}

}  // namespace retrace
