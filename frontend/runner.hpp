// Runner: keeps a machine running: slices of virtual time, pacing against the wall clock, the list of actions, the display, the end.
#pragma once

#include <chrono>

#include "frontend/display.hpp"
#include "frontend/exit_code.hpp"
#include "frontend/options.hpp"
#include "frontend/serial_stdio.hpp"
#include "frontend/typist.hpp"
#include "frontend/verifier.hpp"

namespace retrace {

class Runner {
public:
    Runner(const Options& options, Machine& machine, Display& display, SerialTap& serial, std::string guest);

    // Until the run ends; the exit code.
    int run();
    [[nodiscard]] double wall_seconds() const;
    // Compares with another engine on the way; a difference ends the run.
    void verify_with(Verifier& verifier) { verifier_ = &verifier; }

private:
    using Clock = std::chrono::steady_clock;

    int run_slices();
    [[nodiscard]] bool report(const std::optional<std::string>& difference) const;
    [[nodiscard]] std::optional<int> act();          // the actions; an exit code if one fails or all are done
    [[nodiscard]] std::optional<bool> fulfilled(const Action& action);  // nothing: not yet; false: time is up
    [[nodiscard]] std::optional<int> obey(const std::vector<Wish>& wishes);
    void keep_pace();
    void present();
    void save_picture(const std::string& path) const;
    void swap(unsigned drive);
    void begin_pacing();

    const Options& options_;
    Machine& machine_;
    Display& display_;
    SerialTap& serial_;
    Typist typist_;
    Verifier* verifier_ = nullptr;
    Pace pace_;
    RunState state_;

    std::size_t action_ = 0;
    bool action_begun_ = false;
    Moment action_deadline_{};
    double within_ = 120;

    Clock::time_point started_ = Clock::now();
    Clock::time_point paced_from_{};     // wall time of...
    Moment paced_moment_{};              // ...this moment
    Clock::time_point next_frame_{};
    Clock::time_point speed_from_{};
    Moment speed_moment_{};
    u64 drive_disk_[2] = {};             // which shelf number lies in A and B
};

}  // namespace retrace
