// Ps2Device: what hangs on a PS/2 connector, as the controller at the other end sees it. Bytes are whole here; how long one takes on
// the wire is the controller's business.
#pragma once

#include "core/base/types.hpp"
#include "core/bus/line.hpp"

namespace retrace {

class Ps2Device {
public:
    virtual ~Ps2Device() = default;
    // The controller's end, told whenever there may be something to send.
    void connect(Line ready) { ready_ = std::move(ready); }

    // A byte from the controller has arrived.
    virtual void ps2_receive(u8 byte) = 0;
    // Something waits to be sent.
    [[nodiscard]] virtual bool ps2_ready() const = 0;
    // Sends the next byte; only while ps2_ready().
    virtual u8 ps2_send() = 0;

protected:
    void announce() const { if (ps2_ready()) ready_.raise(); }

private:
    Line ready_;
};

}  // namespace retrace
