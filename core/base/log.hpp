// The log and the list of doubts of one machine.
//
// A part owns a Channel. Lines are stamped with moment and cs:eip, never with wall time, so that the logs
// of two runs can be compared. A doubt is said once per text, counted, and listed at the end of the run:
//   unimplemented  the guest asked for something that this part lacks
//   unusual        legal, but hardly anybody does it: a likely sign of trouble
//   unverified     done, but not yet compared with real hardware
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/types.hpp"

namespace retrace {

class Log {
public:
    enum class Doubt : u8 { Unimplemented, Unusual, Unverified };

    class Channel {
    public:
        Channel() = default;  // says nothing, for tests that do not care
        Channel(Log* log, std::string name) : log_{log}, name_{std::move(name)} {}

        [[nodiscard]] bool enabled() const { return log_ && log_->sink_ && log_->enabled(name_); }
        void say(std::string_view text) const { if (enabled()) log_->line(name_, text); }
        void unimplemented(std::string_view text) const { doubt(Doubt::Unimplemented, text); }
        void unusual(std::string_view text) const { doubt(Doubt::Unusual, text); }
        void unverified(std::string_view text) const { doubt(Doubt::Unverified, text); }

    private:
        void doubt(Doubt kind, std::string_view text) const { if (log_) log_->doubt(name_, kind, text); }

        Log* log_ = nullptr;
        std::string name_;
    };

    using Sink = std::function<void(std::string_view line)>;
    using Stamp = std::function<std::string()>;

    // Lines go to `sink`; `channels` is a comma-separated list of names, or "all", or "".
    void open(Sink sink, std::string channels);
    // What every line begins with; the machine gives moment and cs:eip.
    void set_stamp(Stamp stamp) { stamp_ = std::move(stamp); }

    Channel channel(std::string name) { return {this, std::move(name)}; }

    // Doubts so far, as "channel: kind: text (n times)" lines.
    [[nodiscard]] std::string doubts() const;

private:
    [[nodiscard]] bool enabled(std::string_view channel) const;
    void line(std::string_view channel, std::string_view text);
    void doubt(const std::string& channel, Doubt kind, std::string_view text);

    Sink sink_;
    Stamp stamp_;
    std::string channels_;
    std::map<std::pair<std::string, std::string>, u64> doubts_;
};

}  // namespace retrace
