// The exit port: a test program ends the machine with a code.
//
//   port P (usually F4 or 501)  write V (8 bits): the machine is asked to end with exit code V * 2 + 1, never 0, so that a
//                               program cannot be mistaken for a clean end; modulo 256 where the host's codes are bytes
//                               read             00
//
// Where another part answers at the port this one listens beside it, and reads are that part's. Attached last.
#pragma once

#include <functional>

#include "core/bus/device.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class DebugExit final : public Device {
public:
    DebugExit(u16 port, std::function<void(u32 code)> exit);

    void attach(PortMap& ports) override;
    void reset(Reset) override {}  // it has no state
    void visit(StateVisitor&) override {}

private:
    void write(u8 value) { if (exit_) exit_(u32{value} << 1 | 1); }
    u8 read() { return 0; }
    [[nodiscard]] u8 peek(u16) const { return 0; }

    u16 port_;
    std::function<void(u32)> exit_;
};

}  // namespace retrace
