// soak: the Linux guest boots, goes through its checks and reboots, again and again, in two machines at once under the JIT. One is run
// straight on, the other in pieces of chance lengths; every so often everything in both is compared, and every line the guest reports is
// one that it should.
//
//   soak --guest DIRECTORY [--minutes N] [--rounds N] [--every STEPS] [--log DIRECTORY] [-- OPTIONS OF RETRACE]
//
// DIRECTORY is what make-linux-guest.sh made. It ends after N minutes of the guest's time, or when the guest has gone through its checks N times.
// In the log directory: `pids` of this program and its two machines (they may be stopped and continued), `soak.log`.
// Ends with 5 where the machines differ, with 3 where the guest reports something else than it should.
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <new>
#include <string>
#include <vector>

#include "core/base/ensure.hpp"
#include "frontend/machine_setup.hpp"
#include "jit/jit_engine.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;

namespace {

struct Settings {
    std::string guest, log;
    double minutes = 1e9;
    u64 rounds = ~u64{0}, every = 500'000'000;
    std::vector<std::string> options;
};

// What a machine says after every piece.
struct Report {
    u64 step = 0, digest = 0, rounds = 0, serial = 0, resets = 0;
    double guest_minutes = 0;
    char wrong[200] = "";            // a line the guest should not have reported
};

// What both machines see: up to which step to go.
struct Shared {
    std::atomic<u64> limit{~u64{0}};
};

// Reads what the guest writes: the expected lines, in their order, from the beginning again after the last.
class Reader final : public SerialPort {
public:
    explicit Reader(const std::string& path) {
        std::ifstream file{path};
        for (std::string line; std::getline(file, line);) expected_.push_back(line);
        if (expected_.empty()) throw HostError("There is no " + path + ".");
    }
    void transmit(u8 byte) override {
        hash = (hash ^ byte) * 0x100000001b3;
        if (byte == '\r') return;
        if (byte != '\n') {
            line_ += static_cast<char>(byte);
            return;
        }
        if (line_.starts_with("GUEST:")) {
            if (line_ != expected_[next_] && wrong.empty()) wrong = line_ + ", where it should be " + expected_[next_];
            if (++next_ == expected_.size()) {
                next_ = 0;
                ++rounds;
            }
        }
        line_.clear();
    }
    u64 hash = 0xcbf29ce484222325, rounds = 0;
    std::string wrong;

private:
    std::vector<std::string> expected_;
    std::string line_;
    std::size_t next_ = 0;
};

[[noreturn]] void run_machine(const Settings& settings, bool in_pieces, int to, const Shared& shared) {
    std::vector<std::string> words{"retrace", "--kernel", settings.guest + "/bzImage", "--initrd", settings.guest + "/initrd", "--append",
                                   "console=ttyS0,115200 panic=-1 guest.end=reboot", "--memory", "128", "--display", "none"};
    words.insert(words.end(), settings.options.begin(), settings.options.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    const Options options = parse_options(static_cast<int>(arguments.size()), arguments.data());
    auto setup = set_up_machine(options);
    Reader reader{settings.guest + "/expected.txt"};
    MachineHost host;
    host.serial[0] = &reader;
    JitEngine::Tuning tuning;
    if (options.jit_threshold) tuning.threshold = *options.jit_threshold;
    Machine machine{setup.config, std::move(setup.disks), host, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, tuning); }};
    test::Dice dice{20261121};
    Report report;
    while (machine.now().step < shared.limit.load()) {
        const u64 end = machine.now().step + settings.every;
        while (machine.now().step < end) {
            const u64 piece = in_pieces ? dice.between(1, u64{1} << dice.below(27)) : settings.every;
            const auto stop = machine.run({std::min(end, machine.now().step + piece)});
            if (stop == Machine::Stop::Reset) ++report.resets;
            if (stop == Machine::Stop::PowerOff || stop == Machine::Stop::DebugExit) std::_Exit(1);
        }
        report.step = machine.now().step;
        report.digest = machine.digest();
        report.rounds = reader.rounds;
        report.serial = reader.hash;
        report.guest_minutes = static_cast<double>(report.step) / static_cast<double>(machine.rate().steps_per_second) / 60;
        std::snprintf(report.wrong, sizeof report.wrong, "%s", reader.wrong.c_str());
        if (write(to, &report, sizeof report) != static_cast<ssize_t>(sizeof report)) std::_Exit(1);
    }
    std::_Exit(0);
}

int usage() {
    std::fprintf(stderr, "soak --guest DIRECTORY [--minutes N] [--rounds N] [--every STEPS] [--log DIRECTORY] [-- OPTIONS OF RETRACE]\n");
    return 2;
}

int soak(const Settings& settings) {
    void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw HostError("The host gives no shared memory.");
    Shared& shared = *new (memory) Shared;
    FILE* const log = settings.log.empty() ? stdout : std::fopen((settings.log + "/soak.log").c_str(), "w");
    if (!log) throw HostError("Cannot write into " + settings.log + ".");
    pollfd pipes[2]{};
    pid_t machines[2]{};
    for (unsigned n = 0; n < 2; ++n) {
        int ends[2];
        if (pipe(ends) != 0) throw HostError("The host gives no pipe.");
        machines[n] = fork();
        if (machines[n] == 0) {
            try {
                run_machine(settings, n == 1, ends[1], shared);
            } catch (const std::exception& error) {
                std::fprintf(stderr, "soak: %s\n", error.what());
                std::_Exit(1);
            }
        }
        close(ends[1]);
        pipes[n] = {ends[0], POLLIN, 0};
    }
    if (!settings.log.empty()) std::ofstream{settings.log + "/pids"} << getpid() << ' ' << machines[0] << ' ' << machines[1] << '\n';

    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const auto minutes = [&] { return std::chrono::duration<double>(Clock::now() - start).count() / 60; };
    std::deque<Report> waiting[2];
    u64 compared = 0, furthest = 0;
    Report last;
    int code = 0;
    double said = 0;
    const auto end_soon = [&] {
        if (shared.limit.load() == ~u64{0}) shared.limit = furthest + settings.every;
    };
    while (code == 0 && (pipes[0].fd >= 0 || pipes[1].fd >= 0)) {
        poll(pipes, 2, 1000);
        for (unsigned n = 0; n < 2; ++n) {
            if (!(pipes[n].revents & (POLLIN | POLLHUP))) continue;
            Report report;
            const ssize_t got = read(pipes[n].fd, &report, sizeof report);
            if (got == static_cast<ssize_t>(sizeof report)) {
                waiting[n].push_back(report);
                furthest = std::max(furthest, report.step);
            } else {
                close(pipes[n].fd);
                pipes[n].fd = -1;
                int status = 0;
                waitpid(machines[n], &status, 0);
                if (status != 0) code = 1;
            }
        }
        while (!waiting[0].empty() && !waiting[1].empty()) {
            const Report& one = waiting[0].front();
            const Report& other = waiting[1].front();
            ++compared;
            if (one.step != other.step || one.digest != other.digest || one.serial != other.serial || one.resets != other.resets) {
                std::fprintf(log, "the machines differ: step %llu, digest %016llx; step %llu, digest %016llx\n", static_cast<unsigned long long>(one.step), static_cast<unsigned long long>(one.digest),
                             static_cast<unsigned long long>(other.step), static_cast<unsigned long long>(other.digest));
                code = 5;
                break;
            }
            last = one;
            if (one.wrong[0]) {
                std::fprintf(log, "the guest reported: %s\n", one.wrong);
                code = 3;
                break;
            }
            waiting[0].pop_front();
            waiting[1].pop_front();
        }
        if (last.guest_minutes >= settings.minutes || last.rounds >= settings.rounds) end_soon();
        if (minutes() >= said + 1 || code != 0) {
            said = minutes();
            std::fprintf(log, "%.1f minutes, %.1f of the guest's time: step %llu, digest %016llx, %llu times through the checks, %llu comparisons\n", said, last.guest_minutes, static_cast<unsigned long long>(last.step),
                         static_cast<unsigned long long>(last.digest), static_cast<unsigned long long>(last.rounds), static_cast<unsigned long long>(compared));
            std::fflush(log);
        }
    }
    for (unsigned n = 0; n < 2; ++n)
        if (pipes[n].fd >= 0) kill(machines[n], SIGTERM);
    if (code == 0 && last.rounds == 0) code = 3;
    std::fprintf(log, "%s after %.1f minutes, %.1f of the guest's time: step %llu, digest %016llx, %llu times through the checks, %llu comparisons\n", code == 0 ? "equal" : "ended", minutes(), last.guest_minutes,
                 static_cast<unsigned long long>(last.step), static_cast<unsigned long long>(last.digest), static_cast<unsigned long long>(last.rounds), static_cast<unsigned long long>(compared));
    std::fflush(log);
    return code;
}

}  // namespace

int main(int count, char** words) {
    Settings settings;
    for (int n = 1; n < count; n += 2) {
        const std::string option = words[n];
        if (option == "--") {
            settings.options.assign(words + n + 1, words + count);
            break;
        }
        if (n + 1 == count) return usage();
        const char* const value = words[n + 1];
        if (option == "--guest") settings.guest = value;
        else if (option == "--minutes") settings.minutes = std::strtod(value, nullptr);
        else if (option == "--rounds") settings.rounds = std::strtoull(value, nullptr, 0);
        else if (option == "--every") settings.every = std::strtoull(value, nullptr, 0);
        else if (option == "--log") settings.log = value;
        else return usage();
    }
    if (settings.guest.empty() || settings.every == 0) return usage();
    try {
        return soak(settings);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "soak: %s\n", error.what());
        return 1;
    }
}
