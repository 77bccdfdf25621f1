// The window, on a virtual X server: keys pressed there reach the guest, and the host key's commands work.
#include <catch2/catch.hpp>

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace::test;

namespace {

// Runs retrace in a window with a person who does `acts` (xdotool commands) once the window is there. Nothing if there is no X server to be had.
std::optional<Outcome> in_a_window(const std::string& options, const std::string& acts, const std::string& folder = "/tmp") {
    if (run({"sh", "-c", "command -v xvfb-run && command -v xdotool"}).exit_code != 0) {
        say_skipped("no xvfb-run or xdotool");
        return std::nullopt;
    }
    const auto binary = retrace_binary();
    REQUIRE(binary);
    const std::string script = "cd " + folder + "; SDL_AUDIODRIVER=dummy " + binary->string() + " --display sdl --timeout 100 " + options +
                               " & pid=$!\n"
                               "xdotool search --sync --onlyvisible --name Retrace > /dev/null\n" +
                               acts + "\nwait $pid\n";
    return run({"xvfb-run", "-a", "sh", "-c", script}, 120);
}

}  // namespace

TEST_CASE("keys pressed in the window reach the guest by their position") {
    const auto outcome = in_a_window("--expect Retrace --wait 1 --expect retrace7",
                                     "for n in 1 2 3 4 5; do sleep 2; kill -0 $pid || break; for k in r e t r a c e 7; do xdotool key $k; sleep 0.1; done; done");
    if (!outcome) return;
    INFO(outcome->err << outcome->out);
    CHECK(outcome->exit_code == 0);
}

TEST_CASE("the host key pauses, takes a screenshot and quits; the guest sees none of it") {
    const TemporaryFolder folder;
    const auto outcome = in_a_window("", "sleep 2; xdotool keydown Control_R key s keyup Control_R; sleep 1; xdotool keydown Control_R key q keyup Control_R", folder.path);
    if (!outcome) return;
    INFO(outcome->err << outcome->out);
    CHECK(outcome->exit_code == 0);
    CHECK(std::filesystem::file_size(folder.path / "retrace-0001.png") > 100);
}
