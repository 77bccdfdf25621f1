// The host's processor as something to run one instruction on. 32-bit programs only; one per process, since it lives in signal handlers.
#pragma once

#include "tools/oracle/wire.hpp"

namespace retrace::oracle {

void initialise();
void run(const Request& request, Reply& reply);
// False if the range is outside the areas.
bool write_memory(u32 address, const void* from, u32 bytes);
bool read_memory(u32 address, void* to, u32 bytes);

// An FXSAVE image as after FNINIT, MXCSR 1F80, registers zero.
void default_fx(u8 (&fx)[512]);

}  // namespace retrace::oracle
