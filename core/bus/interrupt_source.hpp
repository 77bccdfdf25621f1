// InterruptSource: whoever answers the processor's interrupt acknowledge cycle.
#pragma once

#include "core/base/types.hpp"

namespace retrace {

class InterruptSource {
public:
    virtual ~InterruptSource() = default;
    // The acknowledge cycle: returns the vector and moves the request into service (8259A data sheet, "Interrupt
    // sequence"). With no request left it is the spurious vector.
    virtual u8 acknowledge() = 0;
};

}  // namespace retrace
