// Scheduler: what happens when. Timers are named events on the step-counted clock, in the total order
// (moment, sequence of setting). Callbacks run exactly at their moment: an event at moment m runs when m steps have been
// done and before the next one is.
//
// The engine advances `now` as it executes; it never passes next(). A callback or an I/O write may set a timer at any
// moment from now on; one set at `now` runs before the next step.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/state/visitor.hpp"
#include "core/time/frequency.hpp"
#include "core/time/moment.hpp"

namespace retrace {

class Scheduler;

// A named event; at most one moment is set at a time. The name must be unique in the machine: events are saved by it.
class Timer {
public:
    Timer(Scheduler& scheduler, std::string name, std::function<void()> callback);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void set_at(Moment moment);        // replaces an earlier setting; a moment in the past counts as now
    void set_in(u64 steps);            // from now
    void cancel();
    [[nodiscard]] bool is_set() const { return moment_ != Moment::never(); }
    [[nodiscard]] Moment moment() const { return moment_; }  // never() if not set
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    friend class Scheduler;

    Scheduler& scheduler_;
    std::string name_;
    std::function<void()> callback_;
    Moment moment_ = Moment::never();
    u64 sequence_ = 0;
};

class Scheduler {
public:
    explicit Scheduler(StepRate rate) : rate_{rate} {}
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    [[nodiscard]] Moment now() const { return now_; }
    [[nodiscard]] StepRate rate() const { return rate_; }
    [[nodiscard]] Frequency frequency(u64 numerator, u64 denominator = 1) const { return {rate_, numerator, denominator}; }

    // The moment of the earliest timer; never() if none is set. Cheap: engines ask after every block.
    [[nodiscard]] Moment next() const { return next_; }

    // For engines: `now` moves on. Must not pass next().
    void advance(Moment to) { now_ = to; }
    // Runs every callback due at now, in order, also those that these set at now.
    void run_due();
    // Steps without a processor, for tests: advances and runs callbacks at their moments.
    void run(u64 steps);

    void visit(StateVisitor& visitor);
    void reset();  // back to moment 0 with no timer set

private:
    friend class Timer;
    void changed();

    StepRate rate_;
    Moment now_{};
    Moment next_ = Moment::never();
    u64 sequence_ = 0;
    std::vector<Timer*> timers_;  // few; ordered by registration
};

}  // namespace retrace
