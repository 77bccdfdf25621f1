#include "frontend/runner.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

#include "core/base/ensure.hpp"
#include "devices/video/code_page_437.hpp"
#include "frontend/png.hpp"
#include "frontend/screen_text.hpp"
#include "frontend/signals.hpp"
#include "frontend/us_keyboard.hpp"

namespace retrace {

namespace {

// The machine runs in slices of this much virtual time, counted from power-on; actions look at it between slices, so they act at the
// same moments in every run.
constexpr u64 slice_us = 5'000;

std::string drive_name(unsigned drive) { return drive == 0 ? "A" : "B"; }

}  // namespace

Runner::Runner(const Options& options, Machine& machine, Display& display, SerialTap& serial, std::string guest)
    : options_{options}
    , machine_{machine}
    , display_{display}
    , serial_{serial}
    , typist_{machine}
    , pace_{options.pace.value_or(display.has_viewer() ? Pace::Real : Pace::Max)} {
    state_.guest = std::move(guest);
    if (options.fda || !options.thing.empty()) drive_disk_[0] = 1;
    begin_pacing();
}

double Runner::wall_seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

int Runner::run() {
    if (verifier_) verifier_->compare(machine_);   // equal at the start: what the search for a difference goes back to
    const int code = run_slices();
    if (verifier_ && code != exit_code::diverged && report(verifier_->compare(machine_))) return exit_code::diverged;
    return code;
}

// True if there was something to report.
bool Runner::report(const std::optional<std::string>& difference) const {
    if (difference) std::cerr << *difference << '\n';
    return difference.has_value();
}

int Runner::run_slices() {
    const u64 slice = std::max<u64>(1, steps_in_microseconds(machine_.rate(), slice_us));
    std::optional<SerialInput> serial_input;
    if (std::ranges::any_of(options_.serial, [](const auto& s) { return s.kind == SerialOption::Kind::Stdio; })) serial_input.emplace();

    while (true) {
        if (const int signal = noted_signal()) return exit_code::signal_base + signal;
        if (options_.timeout && wall_seconds() >= *options_.timeout) return exit_code::timeout;
        if (const auto code = obey(display_.poll(machine_))) return *code;
        if (serial_input) serial_input->poll(machine_);
        present();
        if (state_.paused) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            begin_pacing();
            continue;
        }
        typist_.step();
        if (const auto code = act()) return *code;

        Moment until{(machine_.now().step / slice + 1) * slice};
        if (options_.max_steps) until = std::min(until, Moment{*options_.max_steps});
        switch (machine_.run(until)) {
            case Machine::Stop::Reached: break;
            case Machine::Stop::PowerOff: return exit_code::done;
            case Machine::Stop::DebugExit: return machine_.exit_code();
            case Machine::Stop::Reset:
                if (!options_.no_reboot) break;
                std::cerr << "The machine was reset: " << machine_.reset_reason() << ".\n";
                return exit_code::reset;
        }
        if (verifier_ && report(verifier_->follow(machine_))) return exit_code::diverged;
        if (options_.max_steps && machine_.now().step >= *options_.max_steps) return exit_code::done;
        keep_pace();
    }
}

// ---- actions

std::optional<int> Runner::act() {
    while (action_ < options_.actions.size()) {
        const auto& action = options_.actions[action_];
        const bool met = action.kind == Action::Kind::Within;
        if (met) within_ = action.seconds;
        const auto outcome = met ? std::optional{true} : fulfilled(action);
        if (!outcome) return std::nullopt;
        if (!*outcome) {
            std::cerr << "Not met within " << within_ << " virtual seconds: --"
                      << (action.kind == Action::Kind::Expect ? "expect" : "expect-serial") << " '" << action.text << "'. The screen:\n";
            if (const auto screen = machine_.text_screen()) std::cerr << utf8(*screen);
            else std::cerr << "(a graphics mode)\n";
            return exit_code::expectation;
        }
        ++action_;
        action_begun_ = false;
    }
    if (options_.actions.empty() || options_.then_continue) return std::nullopt;
    return exit_code::done;
}

std::optional<bool> Runner::fulfilled(const Action& action) {
    const Moment now = machine_.now();
    const auto seconds_from_now = [&](double seconds) { return now + static_cast<u64>(seconds * static_cast<double>(machine_.rate().steps_per_second)); };
    const bool first = !std::exchange(action_begun_, true);
    switch (action.kind) {
        case Action::Kind::Expect:
        case Action::Kind::ExpectSerial: {
            if (first) action_deadline_ = seconds_from_now(within_);
            bool there = false;
            if (action.kind == Action::Kind::Expect) {
                const auto screen = machine_.text_screen();
                there = screen && stands_on(*screen, action.text);
            } else {
                there = serial_.has_said(action.text);
            }
            if (there) return true;
            return now >= action_deadline_ ? std::optional{false} : std::nullopt;
        }
        case Action::Kind::Type:
            if (first)
                if (const auto lacking = typist_.type(action.text)) std::cerr << lacking << " characters of --type are not on a US keyboard and were left out.\n";
            return typist_.idle() ? std::optional{true} : std::nullopt;
        case Action::Kind::Key:
            if (first) typist_.press(chord(action.text));
            return typist_.idle() ? std::optional{true} : std::nullopt;
        case Action::Kind::Wait:
            if (first) action_deadline_ = seconds_from_now(action.seconds);
            return now >= action_deadline_ ? std::optional{true} : std::nullopt;
        case Action::Kind::Screenshot: save_picture(action.text); return true;
        case Action::Kind::Text: {
            const auto screen = machine_.text_screen();
            const auto text = screen ? utf8(*screen) : std::string("(a graphics mode)\n");
            if (action.text == "-") {
                std::cout << text << std::flush;
            } else {
                std::ofstream file(action.text, std::ios::binary);
                file << text;
                if (!file.flush()) throw HostError("Cannot write the screen's text to " + action.text + ".");
            }
            return true;
        }
        case Action::Kind::Within: return true;
    }
    return true;
}

void Runner::save_picture(const std::string& path) const { write_png(path, machine_.picture()); }

// ---- wishes

std::optional<int> Runner::obey(const std::vector<Wish>& wishes) {
    for (const auto& wish : wishes) {
        switch (wish.kind) {
            case Wish::Kind::Quit: return exit_code::done;
            case Wish::Kind::TogglePause: state_.paused = !state_.paused; break;
            case Wish::Kind::Reset: machine_.reset(); break;
            case Wish::Kind::Note: state_.note = wish.text; break;
            case Wish::Kind::Paste: typist_.type(wish.text); break;
            case Wish::Kind::Press: typist_.press(chord(wish.text)); break;
            case Wish::Kind::Screenshot: {
                for (int n = 1; n < 10000; ++n) {
                    char name[40];
                    std::snprintf(name, sizeof name, "retrace-%04d.png", n);
                    if (std::ifstream(name)) continue;
                    try {
                        save_picture(name);
                        state_.note = std::string("saved ") + name;
                    } catch (const HostError& error) {
                        state_.note = error.what();
                    }
                    break;
                }
                break;
            }
            case Wish::Kind::Swap:
                if (wish.text.empty()) {
                    swap(wish.drive);
                } else {
                    try {
                        const u32 number = machine_.add_disk(open_image(wish.text, TakenFor::Floppy, options_.writable));
                        machine_.insert(wish.drive, number);
                        drive_disk_[wish.drive] = number;
                        state_.note = wish.text + " is in " + drive_name(wish.drive);
                    } catch (const HostError& error) {
                        state_.note = error.what();
                    }
                }
                break;
        }
    }
    return std::nullopt;
}

// Takes the disk out, or puts the drive's disk back in.
void Runner::swap(unsigned drive) {
    const bool in = machine_.floppy(drive) != 0;
    if (in) drive_disk_[drive] = machine_.floppy(drive);
    machine_.insert(drive, in ? 0 : static_cast<u32>(drive_disk_[drive]));
    state_.note = drive_name(drive) + (in ? ": the disk is out; drop an image on the window or press again to put it back" : ": the disk is in");
}

// ---- time

void Runner::begin_pacing() {
    paced_from_ = Clock::now();
    paced_moment_ = machine_.now();
}

void Runner::keep_pace() {
    if (pace_ == Pace::Max) return;
    const double virtual_seconds = static_cast<double>(machine_.now() - paced_moment_) / static_cast<double>(machine_.rate().steps_per_second);
    const auto due = paced_from_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(virtual_seconds));
    const auto now = Clock::now();
    if (due > now) std::this_thread::sleep_until(due);
    else if (now - due > std::chrono::milliseconds(200)) begin_pacing();  // too slow a host: do not try to catch up
}

void Runner::present() {
    if (!display_.has_viewer()) return;
    display_.flush_audio(machine_.now());
    const auto now = Clock::now();
    if (now < next_frame_) return;
    next_frame_ = now + std::chrono::microseconds(16'600);
    if (now - speed_from_ > std::chrono::seconds(1)) {
        state_.million_steps_per_second = static_cast<double>(machine_.now() - speed_moment_) / std::chrono::duration<double, std::micro>(now - speed_from_).count();
        speed_from_ = now;
        speed_moment_ = machine_.now();
    }
    display_.show(machine_, state_);
}

}  // namespace retrace
