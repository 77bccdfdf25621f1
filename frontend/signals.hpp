// Ctrl-C and its kin end a run in good order: the terminal is put back, counters are written.
#pragma once

namespace retrace {

// From now on SIGINT, SIGTERM and SIGHUP are noted instead of killing the program at once; a second one kills it. SIGPIPE is ignored.
void note_signals();
// The signal that came, or 0.
int noted_signal();

}  // namespace retrace
