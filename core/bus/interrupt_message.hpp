// InterruptMessage: what travels on the APIC bus (SDM vol. 3A, 10.6 and 10.11).
#pragma once

#include "core/base/types.hpp"

namespace retrace {

struct InterruptMessage {
    // Delivery modes by their encoding in the ICR and in redirection entries.
    enum class Mode : u8 { Fixed = 0, LowestPriority = 1, Smi = 2, Nmi = 4, Init = 5, StartUp = 6, ExtInt = 7 };

    u8 vector = 0;
    Mode mode = Mode::Fixed;
    bool logical = false;      // how `destination` is meant
    u8 destination = 0;
    bool level = false;        // level-triggered: an end of interrupt is told to the I/O APICs
};

}  // namespace retrace
