#include "frontend/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace retrace {

namespace {

// The one place where the language forces a global: a signal handler has no other way to say anything.
volatile std::sig_atomic_t noted = 0;

void note(int signal) {
    noted = signal;
    std::signal(signal, SIG_DFL);
}

}  // namespace

void note_signals() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, note);
    std::signal(SIGPIPE, SIG_IGN);
}

int noted_signal() { return noted; }

}  // namespace retrace
