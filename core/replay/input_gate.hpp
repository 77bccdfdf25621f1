// InputGate: the only way into a running machine. Keys, mouse, serial bytes, media changes and the wall clock enter here, between
// steps, stamped with the moment; so a recording of them and the start state give the run again.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "core/replay/recording.hpp"
#include "core/time/scheduler.hpp"

namespace retrace {

class InputGate {
public:
    explicit InputGate(const Scheduler& scheduler) : scheduler_{scheduler} {}

    using Entrance = std::function<void(std::span<const u8>)>;
    // A part that takes input; names are unique.
    void connect(std::string name, Entrance entrance);

    // Live input, at now: recorded and delivered. Not from inside a step. While a recording is played, nothing enters from outside.
    void post(const std::string& name, std::span<const u8> data);

    // Everything that has come in since power-on, or what was there to play.
    [[nodiscard]] const Recording& recording() const { return recording_; }

    // Plays `recording` from now on; inputs before now count as delivered.
    void play(Recording recording);
    [[nodiscard]] bool playing() const { return playing_; }

    // The moment of the next input to play; never() if there is none. Whoever runs the machine stops there and calls
    // deliver_due() after the events of that moment.
    [[nodiscard]] Moment next() const;
    void deliver_due();

private:
    void deliver(const RecordedInput& input);

    const Scheduler& scheduler_;
    std::map<std::string, Entrance> entrances_;
    Recording recording_;
    std::size_t next_index_ = 0;  // while playing
    bool playing_ = false;
};

}  // namespace retrace
