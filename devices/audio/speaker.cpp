#include "devices/audio/speaker.hpp"

namespace retrace {

Speaker::Speaker(Scheduler& scheduler, AudioSink& sink) : scheduler_{scheduler}, sink_{sink} {}

void Speaker::reset(Reset) {
    const i16 before = level();
    state_ = {};
    if (level() != before) sink_.level(scheduler_.now(), level());
}

void Speaker::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void Speaker::restored() { sink_.level(scheduler_.now(), level()); }

void Speaker::drive(bool& pin, bool high) {
    const i16 before = level();
    pin = high;
    if (level() != before) sink_.level(scheduler_.now(), level());
}

}  // namespace retrace
