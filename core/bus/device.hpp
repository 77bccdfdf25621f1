// Device: a part on the board, as the board sees it. A device knows no processor and no other device: it sees ports, memory
// windows, lines and timers, all given to its constructor.
#pragma once

#include "core/base/types.hpp"
#include "core/state/visitor.hpp"

namespace retrace {

class PortMap;
class MmioMap;

// Which reset: power-on, the RESET pin of the board (also the reset button), or the processor's INIT alone.
enum class Reset : u8 { PowerOn, Hard };

class Device {
public:
    virtual ~Device() = default;
    // Claims its ports, once, when the board is built.
    virtual void attach(PortMap&) {}
    virtual void attach(MmioMap&) {}
    // Back to the state of birth, save for what hardware keeps (say what, in the header).
    virtual void reset(Reset) = 0;
    virtual void visit(StateVisitor& visitor) = 0;
    // After loading: rebuild caches, drive lines again. Must not change described state.
    virtual void restored() {}
};

}  // namespace retrace
