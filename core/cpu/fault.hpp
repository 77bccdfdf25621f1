// Fault: an exception as data. The first one of a step is recorded; engines deliver it when the step is over.
#pragma once

#include "core/base/types.hpp"

namespace retrace {

namespace vector {
constexpr u8 DE = 0, DB = 1, NMI = 2, BP = 3, OF = 4, BR = 5, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11, SS = 12, GP = 13, PF = 14, MF = 16,
             AC = 17, XM = 19;
}

struct Fault {
    u8 vector = 0;
    bool pending = false;
    bool has_code = false;
    u16 code = 0;
};

}  // namespace retrace
