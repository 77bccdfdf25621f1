// Conditions of Jcc, SETcc, CMOVcc by their four bits. SDM volume 1, appendix B.
#pragma once

#include "core/cpu/lazy_flags.hpp"

namespace retrace {

// The status flags a condition looks at.
constexpr u32 condition_flags(unsigned condition) {
    constexpr u32 all[]{flag::OF, flag::CF, flag::ZF, flag::CF | flag::ZF, flag::SF, flag::PF, flag::SF | flag::OF, flag::ZF | flag::SF | flag::OF};
    return all[condition >> 1];
}

template <unsigned condition>
[[gnu::always_inline]] inline bool holds(const LazyFlags& flags) {
    constexpr bool negated = (condition & 1) != 0;
    bool value = false;
    switch (condition >> 1) {
        case 0: value = flags.of(); break;
        case 1: value = flags.cf(); break;
        case 2: value = flags.zf(); break;
        case 3: value = flags.cf() || flags.zf(); break;
        case 4: value = flags.sf(); break;
        case 5: value = flags.pf(); break;
        case 6: value = flags.sf() != flags.of(); break;
        case 7: value = flags.zf() || flags.sf() != flags.of(); break;
    }
    return value != negated;
}

inline bool holds(const LazyFlags& flags, unsigned condition) {
    switch (condition >> 1) {
        case 0: return holds<0>(flags) != (condition & 1);
        case 1: return holds<2>(flags) != (condition & 1);
        case 2: return holds<4>(flags) != (condition & 1);
        case 3: return holds<6>(flags) != (condition & 1);
        case 4: return holds<8>(flags) != (condition & 1);
        case 5: return holds<10>(flags) != (condition & 1);
        case 6: return holds<12>(flags) != (condition & 1);
        default: return holds<14>(flags) != (condition & 1);
    }
}

}  // namespace retrace
