#include "core/base/log.hpp"

namespace retrace {

void Log::open(Sink sink, std::string channels) {
    sink_ = std::move(sink);
    channels_ = "," + std::move(channels) + ",";
}

bool Log::enabled(std::string_view channel) const {
    if (!sink_ || channels_.size() <= 2) return false;
    return channels_ == ",all," || channels_.find("," + std::string(channel) + ",") != std::string::npos;
}

void Log::line(std::string_view channel, std::string_view text) {
    if (!sink_) return;
    std::string whole = stamp_ ? stamp_() + " " : "";
    sink_(whole.append(channel).append(": ").append(text));
}

void Log::doubt(const std::string& channel, Doubt kind, std::string_view text) {
    static constexpr const char* names[] = {"unimplemented", "unusual", "unverified"};
    std::string whole = std::string(names[static_cast<int>(kind)]) + ": " + std::string(text);
    // A guest must not be able to fill the host's memory with distinct texts.
    constexpr std::size_t most = 1000;
    if (doubts_.size() >= most && !doubts_.contains({channel, whole})) return;
    if (doubts_[{channel, whole}]++ == 0 && enabled(channel)) line(channel, whole);
}

std::string Log::doubts() const {
    std::string all;
    for (const auto& [key, count] : doubts_)
        all += key.first + ": " + key.second + " (" + std::to_string(count) + (count == 1 ? " time)\n" : " times)\n");
    return all;
}

}  // namespace retrace
