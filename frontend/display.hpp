// Display: where a person sees the machine and from where he acts on it: a window, a terminal, or nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "devices/board/machine.hpp"
#include "frontend/options.hpp"

namespace retrace {

// What a display's user wants of the program, beyond keys that go straight to the machine.
struct Wish {
    enum class Kind : u8 { Quit, TogglePause, Reset, Screenshot, Paste, Press, Swap, Note };
    Kind kind = Kind::Quit;
    std::string text;    // Note: what to say; Paste: characters; Press: a chord; Swap: an image file, or "" to take the disk out and put it back
    unsigned drive = 0;  // Swap: 0 for A
};

// What stands in a window's title.
struct RunState {
    std::string guest;
    bool paused = false;
    double million_steps_per_second = 0;
    std::string note;    // a short message, such as where a screenshot went
};

class Display {
public:
    virtual ~Display() = default;
    // Shows the machine as it is now; called some sixty times a second.
    virtual void show(const Machine& machine, const RunState& state) = 0;
    // Keys go to the machine; what is for the program is returned.
    virtual std::vector<Wish> poll(Machine& machine) = 0;
    // Where sound goes; null if nowhere.
    virtual AudioSink* audio() { return nullptr; }
    // Sound produced up to now is sent off.
    virtual void flush_audio(Moment) {}
    // False for none: nobody looks, and nobody can act.
    [[nodiscard]] virtual bool has_viewer() const { return true; }
};

std::unique_ptr<Display> make_sdl_display(const Options& options, StepRate rate);  // throws HostError if none can be opened
std::unique_ptr<Display> make_term_display();                                      // throws HostError without a terminal
std::unique_ptr<Display> make_no_display();

// The display asked for, or the best the host has.
std::unique_ptr<Display> make_display(const Options& options, StepRate rate);

}  // namespace retrace
