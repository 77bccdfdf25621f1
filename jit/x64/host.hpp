// What the host's processor does where the manuals leave it open.
#pragma once

#include "core/base/types.hpp"

namespace retrace::jit {

// True if AND, OR, XOR, TEST and shifts clear AF, and shifts by one and SAR leave the OF of core/semantics/undefined_flags.hpp. Known of
// all processors of Intel and AMD; where it is not so, nothing that writes flags may be emitted.
bool host_flags_match();

bool host_has_bmi2();

// Which extensions of SSE the host has, as a set of Since (core/isa/features.hpp).
u64 host_features();

}  // namespace retrace::jit
