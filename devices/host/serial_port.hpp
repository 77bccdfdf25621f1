// SerialPort: what the far end of a serial cable hears. What it says comes back through the input gate to the UART's receive(). Also the
// printer at the far end of a parallel cable.
#pragma once

#include "core/base/types.hpp"

namespace retrace {

class SerialPort {
public:
    virtual ~SerialPort() = default;
    virtual void transmit(u8 byte) = 0;
};

}  // namespace retrace
