#include "frontend/display.hpp"

#include <unistd.h>

#include <cstdlib>

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

class NoDisplay final : public Display {
public:
    void show(const Machine&, const RunState&) override {}
    std::vector<Wish> poll(Machine&) override { return {}; }
    [[nodiscard]] bool has_viewer() const override { return false; }
};

}  // namespace

std::unique_ptr<Display> make_no_display() { return std::make_unique<NoDisplay>(); }

std::unique_ptr<Display> make_display(const Options& options, StepRate rate) {
    if (options.display) switch (*options.display) {
        case DisplayKind::Sdl: return make_sdl_display(options, rate);
        case DisplayKind::Term: return make_term_display();
        case DisplayKind::None: return make_no_display();
    }
    const bool session = std::getenv("DISPLAY") || std::getenv("WAYLAND_DISPLAY") || std::getenv("SDL_VIDEODRIVER");
    if (session) {
        try {
            return make_sdl_display(options, rate);
        } catch (const HostError&) {
            // A display that is named but cannot be opened: the terminal does.
        }
    }
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) return make_term_display();
    return make_no_display();
}

}  // namespace retrace
