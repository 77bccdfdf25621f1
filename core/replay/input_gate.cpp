#include "core/replay/input_gate.hpp"

#include <algorithm>

#include "core/base/ensure.hpp"

namespace retrace {

void InputGate::connect(std::string name, Entrance entrance) {
    ENSURE(!entrances_.contains(name), "entrance names are unique: " + name);
    entrances_[std::move(name)] = std::move(entrance);
}

void InputGate::post(const std::string& name, std::span<const u8> data) {
    if (playing_) return;
    recording_.inputs.push_back({scheduler_.now().step, name, {data.begin(), data.end()}});
    deliver(recording_.inputs.back());
}

void InputGate::play(Recording recording) {
    ENSURE(std::ranges::is_sorted(recording.inputs, {}, &RecordedInput::step), "inputs ascend");
    recording_ = std::move(recording);
    playing_ = true;
    next_index_ = 0;
    while (next_index_ < recording_.inputs.size() && recording_.inputs[next_index_].step < scheduler_.now().step) ++next_index_;
}

Moment InputGate::next() const {
    if (!playing_ || next_index_ == recording_.inputs.size()) return Moment::never();
    return {recording_.inputs[next_index_].step};
}

void InputGate::deliver_due() {
    while (next() == scheduler_.now()) deliver(recording_.inputs[next_index_++]);
}

void InputGate::deliver(const RecordedInput& input) {
    // A recording may come from a file: an entrance this machine lacks is passed over.
    if (const auto found = entrances_.find(input.entrance); found != entrances_.end()) found->second(input.data);
}

}  // namespace retrace
