// Faults of the host that emitted code runs into, because a window does not show what it accesses, or an operand of SSE is not aligned.
//
// The host tells by SIGSEGV. Its handler does nothing but look the site up, note the fault and lead on to the site's other way: there the
// guest's instruction, of which nothing has happened yet, is the interpreter's, and whoever runs it finds the note. A fault of any other code is what it
// was before: the former handler's.
//
// A signal's handler belongs to the process and is told nothing of ours, so this is the one place with variables outside of objects: which
// code the thread is running, and the former handler.
#pragma once

#include "jit/x64/frame.hpp"

namespace retrace::jit {

// The host lets programs set the base of GS.
[[nodiscard]] bool host_has_windows();
void set_window(u64 base);

// While it lives, faults of this thread are looked for among these sites.
class FaultWatch {
public:
    FaultWatch(Sites& sites, Frame& frame);
    ~FaultWatch();
    FaultWatch(const FaultWatch&) = delete;
    FaultWatch& operator=(const FaultWatch&) = delete;

    // True if the fault has another way; `instruction_pointer` is set to it.
    bool lead_on(u64& instruction_pointer, u64 address, bool has_address, bool write);

private:
    Sites& sites_;
    Frame& frame_;
    FaultWatch* outer_;
};

}  // namespace retrace::jit
