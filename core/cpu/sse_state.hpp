// SseState: the XMM registers and MXCSR, plain and described.
#pragma once

#include <array>

#include "core/base/types.hpp"
#include "core/state/describe.hpp"

namespace retrace {

struct Xmm {
    std::array<u64, 2> words{};  // low, high
};
template <> inline constexpr auto fields<Xmm> = describe(field("words", &Xmm::words));

struct SseState {
    std::array<Xmm, 8> xmm{};
    u32 mxcsr = 0x1f80;
};
template <> inline constexpr auto fields<SseState> = describe(field("xmm", &SseState::xmm), field("mxcsr", &SseState::mxcsr));

}  // namespace retrace
