// Scan codes: what each key position is called in sets 2 and 3, and how the keyboard controller turns set 2 into set 1.
// (IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-Key)"; the set 1 codes are those of the XT.)
#pragma once

#include "core/base/types.hpp"
#include "devices/host/key.hpp"

namespace retrace {

struct ScanCode {
    u8 set_2 = 0;           // 0: the keyboard has no such key
    bool extended = false;  // led by E0 in sets 1 and 2
    u8 set_3 = 0;
};

// PrintScreen and Pause have none in set 2: what they send depends on other keys (see Ps2Keyboard).
[[nodiscard]] ScanCode scan_code_of(Key key);

// The set 1 code for one of set 2, without the E0 and F0 around it.
[[nodiscard]] u8 set_1_from_2(u8 code);

}  // namespace retrace
