#include "core/time/scheduler.hpp"

#include <algorithm>

#include "core/base/ensure.hpp"

namespace retrace {

Timer::Timer(Scheduler& scheduler, std::string name, std::function<void()> callback)
    : scheduler_{scheduler}, name_{std::move(name)}, callback_{std::move(callback)} {
    for (const Timer* other : scheduler_.timers_) ENSURE(other->name_ != name_, "timer names are unique: " + name_);
    scheduler_.timers_.push_back(this);
}

Timer::~Timer() {
    std::erase(scheduler_.timers_, this);
    scheduler_.changed();
}

void Timer::set_at(Moment moment) {
    moment_ = std::max(moment, scheduler_.now_);
    sequence_ = ++scheduler_.sequence_;
    scheduler_.changed();
}

void Timer::set_in(u64 steps) { set_at(scheduler_.now_ + steps); }

void Timer::cancel() {
    moment_ = Moment::never();
    scheduler_.changed();
}

void Scheduler::changed() {
    next_ = Moment::never();
    for (const Timer* timer : timers_) next_ = std::min(next_, timer->moment_);
}

void Scheduler::run_due() {
    ENSURE(next_ >= now_, "no engine may run past an event");
    while (next_ == now_) {
        Timer* due = nullptr;
        for (Timer* timer : timers_)
            if (timer->moment_ == now_ && (!due || timer->sequence_ < due->sequence_)) due = timer;
        due->moment_ = Moment::never();
        changed();
        due->callback_();
    }
}

void Scheduler::run(u64 steps) {
    const Moment end = now_ + steps;
    while (true) {
        now_ = std::min(end, std::max(now_, next_));
        run_due();
        if (now_ == end) return;
    }
}

void Scheduler::visit(StateVisitor& visitor) {
    retrace::visit(visitor, "now", now_.step);
    retrace::visit(visitor, "sequence", sequence_);
    for (Timer* timer : timers_) {
        visitor.enter(timer->name_);
        retrace::visit(visitor, "moment", timer->moment_.step);
        u64 sequence = timer->is_set() ? timer->sequence_ : 0;  // of a timer that is not set it is nobody's business
        retrace::visit(visitor, "sequence", sequence);
        timer->sequence_ = sequence;
        visitor.leave();
    }
    if (visitor.loading()) changed();
}

void Scheduler::reset() {
    now_ = {};
    sequence_ = 0;
    for (Timer* timer : timers_) {
        timer->moment_ = Moment::never();
        timer->sequence_ = 0;
    }
    changed();
}

}  // namespace retrace
