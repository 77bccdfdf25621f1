// The debug console: a port that firmware and test programs write text to, as Bochs made it a custom.
//
//   port P (usually E9)  write  the byte goes out
//                        read   the port's low byte, by which a program knows that the console is there
#pragma once

#include <functional>

#include "core/bus/device.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class DebugConsole final : public Device {
public:
    DebugConsole(u16 port, std::function<void(u8)> out);

    void attach(PortMap& ports) override;
    void reset(Reset) override {}  // it has no state
    void visit(StateVisitor&) override {}

private:
    void write(u8 value) { if (out_) out_(value); }
    u8 read() { return static_cast<u8>(port_); }
    [[nodiscard]] u8 peek(u16) const { return static_cast<u8>(port_); }

    u16 port_;
    std::function<void(u8)> out_;
};

}  // namespace retrace
