// The SDL window: picture in the right proportions, keys by position, mouse, sound, and the host key's commands.
#include <SDL.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "core/base/ensure.hpp"
#include "devices/audio/resampler.hpp"
#include "frontend/display.hpp"

namespace retrace {

namespace {

[[noreturn]] void sdl_failed(const std::string& what) {
    throw HostError(what + " (" + SDL_GetError() + "); try --display term or --display none.");
}

// SDL scancodes are the HID key numbers, as Key's are.
Key key_of(SDL_Scancode code) {
    const int number = static_cast<int>(code);
    const bool known = (number >= 0x04 && number <= 0x65 && number != 0x32) || (number >= 0xe0 && number <= 0xe7);
    return known ? static_cast<Key>(number) : Key::None;
}

SDL_Scancode host_key_of(const std::string& name) {
    static const std::map<std::string, SDL_Scancode> keys{{"rctrl", SDL_SCANCODE_RCTRL}, {"rshift", SDL_SCANCODE_RSHIFT}, {"ralt", SDL_SCANCODE_RALT},
                                                          {"f12", SDL_SCANCODE_F12}, {"scrolllock", SDL_SCANCODE_SCROLLLOCK}};
    return keys.at(name);
}

std::string host_key_text(const std::string& name) {
    static const std::map<std::string, std::string> texts{{"rctrl", "Right Ctrl"}, {"rshift", "Right Shift"}, {"ralt", "Right Alt"}, {"f12", "F12"}, {"scrolllock", "Scroll Lock"}};
    return texts.at(name);
}

class SdlDisplay final : public Display {
public:
    SdlDisplay(const Options& options, StepRate rate) : host_key_{host_key_of(options.host_key)}, host_key_text_{host_key_text(options.host_key)}, resampler_{rate} {
        SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
        SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
        if (SDL_Init(SDL_INIT_VIDEO) != 0) sdl_failed("The display cannot be opened");
        window_ = SDL_CreateWindow("Retrace", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, 960, 720, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
        if (!window_) { SDL_Quit(); sdl_failed("No window can be opened"); }
        renderer_ = SDL_CreateRenderer(window_, -1, 0);
        if (!renderer_) { SDL_DestroyWindow(window_); SDL_Quit(); sdl_failed("Nothing can be drawn in the window"); }
        avoid_emulated_opengl();
        SDL_RendererInfo info{};
        software_ = SDL_GetRendererInfo(renderer_, &info) == 0 && (info.flags & SDL_RENDERER_SOFTWARE) != 0;
        open_audio();
    }

    ~SdlDisplay() override {
        if (audio_device_) SDL_CloseAudioDevice(audio_device_);
        if (sharp_) SDL_DestroyTexture(sharp_);
        if (texture_) SDL_DestroyTexture(texture_);
        SDL_DestroyRenderer(renderer_);
        SDL_DestroyWindow(window_);
        SDL_Quit();
    }

    void show(const Machine& machine, const RunState& state) override {
        set_title(state);
        const auto stamp = machine.picture_stamp();
        if (stamp == stamp_ && !redraw_) return;
        stamp_ = stamp;
        redraw_ = false;
        machine.picture(frame_);
        if (frame_.width == 0 || frame_.height == 0) return;
        if (!texture_ || frame_.width != texture_width_ || frame_.height != texture_height_) make_texture();
        SDL_UpdateTexture(texture_, nullptr, frame_.pixels.data(), static_cast<int>(frame_.width * 4));
        draw();
    }

    std::vector<Wish> poll(Machine& machine) override {
        std::vector<Wish> wishes;
        SDL_Event event;
        while (SDL_PollEvent(&event)) handle(event, machine, wishes);
        return wishes;
    }

    AudioSink* audio() override { return audio_device_ ? &resampler_ : nullptr; }

    void flush_audio(Moment now) override {
        if (!audio_device_) return;
        const auto samples = resampler_.take(now);
        // A quarter of a second at most is queued: what a machine faster than real time plays beyond is dropped.
        if (!samples.empty() && SDL_GetQueuedAudioSize(audio_device_) < 48'000 / 4 * sizeof(i16))
            SDL_QueueAudio(audio_device_, samples.data(), static_cast<Uint32>(samples.size() * sizeof(i16)));
    }

private:
    // A host without graphics hardware may offer OpenGL all the same, worked out by its processor: SDL's own drawing costs a tenth of that.
    void avoid_emulated_opengl() {
        using GetString = const unsigned char* (*)(unsigned);
        constexpr unsigned gl_renderer = 0x1f01;
        SDL_RendererInfo info{};
        if (SDL_GetRendererInfo(renderer_, &info) != 0 || std::string_view(info.name).find("opengl") == std::string_view::npos) return;
        const auto get_string = reinterpret_cast<GetString>(SDL_GL_GetProcAddress("glGetString"));
        const auto* name = get_string ? reinterpret_cast<const char*>(get_string(gl_renderer)) : nullptr;
        if (!name || (!std::strstr(name, "llvmpipe") && !std::strstr(name, "softpipe") && !std::strstr(name, "SWR"))) return;
        SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
        if (SDL_Renderer* plain = (SDL_DestroyRenderer(renderer_), SDL_CreateRenderer(window_, -1, SDL_RENDERER_SOFTWARE))) renderer_ = plain;
        else renderer_ = SDL_CreateRenderer(window_, -1, 0);
        if (!renderer_) sdl_failed("Nothing can be drawn in the window");
    }

    void open_audio() {
        if (SDL_InitSubSystem(SDL_INIT_AUDIO) != 0) return;  // a host without sound stays silent
        SDL_AudioSpec want{};
        want.freq = 48'000;
        want.format = AUDIO_S16SYS;
        want.channels = 1;
        want.samples = 1024;
        audio_device_ = SDL_OpenAudioDevice(nullptr, 0, &want, nullptr, 0);
        if (audio_device_) SDL_PauseAudioDevice(audio_device_, 0);
    }

    void make_texture() {
        if (texture_) SDL_DestroyTexture(texture_);
        if (sharp_) SDL_DestroyTexture(sharp_);
        sharp_ = nullptr;
        texture_width_ = frame_.width;
        texture_height_ = frame_.height;
        SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "nearest");
        texture_ = SDL_CreateTexture(renderer_, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING, static_cast<int>(texture_width_), static_cast<int>(texture_height_));
        SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
        if (!texture_) sdl_failed("The picture cannot be drawn");
    }

    // First every guest pixel becomes a block of whole host pixels, then that picture is fitted to 4:3 smoothly: sharp, and
    // of even widths at any window size. A renderer without hardware would take too long over it and scales once.
    void draw() {
        int width = 0, height = 0;
        SDL_GetRendererOutputSize(renderer_, &width, &height);
        const double aspect = 4.0 / 3.0;
        SDL_Rect place{0, 0, width, height};
        if (width > height * aspect) place.w = static_cast<int>(std::lround(height * aspect));
        else place.h = static_cast<int>(std::lround(width / aspect));
        place.x = (width - place.w) / 2;
        place.y = (height - place.h) / 2;
        const int across = std::max(1, (place.w + static_cast<int>(frame_.width) - 1) / static_cast<int>(frame_.width));
        const int down = std::max(1, (place.h + static_cast<int>(frame_.height) - 1) / static_cast<int>(frame_.height));
        const int sharp_width = static_cast<int>(frame_.width) * across, sharp_height = static_cast<int>(frame_.height) * down;
        if (!software_ && (!sharp_ || sharp_width != sharp_width_ || sharp_height != sharp_height_)) {
            if (sharp_) SDL_DestroyTexture(sharp_);
            sharp_ = SDL_CreateTexture(renderer_, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_TARGET, sharp_width, sharp_height);
            sharp_width_ = sharp_width;
            sharp_height_ = sharp_height;
        }
        SDL_SetRenderDrawColor(renderer_, 0, 0, 0, 255);
        if (sharp_) {
            SDL_SetRenderTarget(renderer_, sharp_);
            SDL_RenderCopy(renderer_, texture_, nullptr, nullptr);
            SDL_SetRenderTarget(renderer_, nullptr);
        }
        SDL_RenderClear(renderer_);
        SDL_RenderCopy(renderer_, sharp_ ? sharp_ : texture_, nullptr, &place);
        SDL_RenderPresent(renderer_);
    }

    void set_title(const RunState& state) {
        char speed[32];
        std::snprintf(speed, sizeof speed, "%.0f MIPS", state.million_steps_per_second);
        std::string title = "Retrace - " + state.guest + " - " + (state.paused ? "paused" : speed);
        title += captured_ ? " - " + host_key_text_ + "+G releases the mouse" : " - host key: " + host_key_text_;
        if (!state.note.empty()) title += " - " + state.note;
        if (title != title_) SDL_SetWindowTitle(window_, title.c_str());
        title_ = std::move(title);
    }

    void capture(bool on) {
        captured_ = on;
        SDL_SetRelativeMouseMode(on ? SDL_TRUE : SDL_FALSE);
    }

    void handle(const SDL_Event& event, Machine& machine, std::vector<Wish>& wishes) {
        switch (event.type) {
            case SDL_QUIT: wishes.push_back({Wish::Kind::Quit, "", 0}); break;
            case SDL_WINDOWEVENT:
                redraw_ = true;
                if (event.window.event == SDL_WINDOWEVENT_FOCUS_LOST) release_keys(machine);
                break;
            case SDL_KEYDOWN:
            case SDL_KEYUP: key(event.key, machine, wishes); break;
            case SDL_MOUSEBUTTONDOWN:
                if (!captured_) { capture(true); break; }
                [[fallthrough]];
            case SDL_MOUSEBUTTONUP:
                if (captured_) machine.mouse(0, 0, 0, buttons());
                break;
            case SDL_MOUSEMOTION:
                if (captured_) machine.mouse(event.motion.xrel, event.motion.yrel, 0, buttons());
                break;
            case SDL_MOUSEWHEEL:
                if (captured_) machine.mouse(0, 0, -event.wheel.y, buttons());
                break;
            case SDL_DROPFILE:
                wishes.push_back({Wish::Kind::Swap, event.drop.file, 0});
                SDL_free(event.drop.file);
                break;
            default: break;
        }
    }

    static u8 buttons() {
        const auto state = SDL_GetMouseState(nullptr, nullptr);
        return static_cast<u8>((state & SDL_BUTTON_LMASK ? 1 : 0) | (state & SDL_BUTTON_RMASK ? 2 : 0) | (state & SDL_BUTTON_MMASK ? 4 : 0));
    }

    void key(const SDL_KeyboardEvent& event, Machine& machine, std::vector<Wish>& wishes) {
        const auto code = event.keysym.scancode;
        if (event.repeat) return;  // the guest's keyboard repeats by itself
        const bool down = event.type == SDL_KEYDOWN;
        if (code == host_key_) {
            host_down_ = down;
            return;
        }
        if (host_down_ && down) return command(code, wishes);
        const Key key = key_of(code);
        if (key == Key::None) return;
        if (down) held_[key] = true;
        else if (held_.erase(key) == 0) return;  // its press went to a command
        machine.key(key, down);
    }

    void command(SDL_Scancode code, std::vector<Wish>& wishes) {
        switch (code) {
            case SDL_SCANCODE_F:
                full_screen_ = !full_screen_;
                SDL_SetWindowFullscreen(window_, full_screen_ ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
                redraw_ = true;
                break;
            case SDL_SCANCODE_G: capture(!captured_); break;
            case SDL_SCANCODE_S: wishes.push_back({Wish::Kind::Screenshot, "", 0}); break;
            case SDL_SCANCODE_P: wishes.push_back({Wish::Kind::TogglePause, "", 0}); break;
            case SDL_SCANCODE_R: wishes.push_back({Wish::Kind::Reset, "", 0}); break;
            case SDL_SCANCODE_V:
                if (char* text = SDL_GetClipboardText()) {
                    wishes.push_back({Wish::Kind::Paste, text, 0});
                    SDL_free(text);
                }
                break;
            case SDL_SCANCODE_Q: wishes.push_back({Wish::Kind::Quit, "", 0}); break;
            case SDL_SCANCODE_1: wishes.push_back({Wish::Kind::Swap, "", 0}); break;
            case SDL_SCANCODE_2: wishes.push_back({Wish::Kind::Swap, "", 1}); break;
            case SDL_SCANCODE_3:
            case SDL_SCANCODE_4: wishes.push_back({Wish::Kind::Note, "only drives A and B (1 and 2) have disks to change", 0}); break;
            case SDL_SCANCODE_D: wishes.push_back({Wish::Kind::Note, "the debugger is not in this version yet", 0}); break;
            case SDL_SCANCODE_T: wishes.push_back({Wish::Kind::Note, "the timeline is not in this version yet", 0}); break;
            default: break;
        }
    }

    // Keys let go outside the window would hang in the guest.
    void release_keys(Machine& machine) {
        for (const auto& [key, down] : held_) machine.key(key, false);
        held_.clear();
        host_down_ = false;
    }

    SDL_Scancode host_key_;
    std::string host_key_text_;
    SDL_Window* window_ = nullptr;
    SDL_Renderer* renderer_ = nullptr;
    SDL_Texture *texture_ = nullptr, *sharp_ = nullptr;
    unsigned texture_width_ = 0, texture_height_ = 0;
    int sharp_width_ = 0, sharp_height_ = 0;
    SDL_AudioDeviceID audio_device_ = 0;
    Resampler resampler_;
    Frame frame_;
    Vga::Stamp stamp_;
    std::string title_;
    std::map<Key, bool> held_;
    bool software_ = false;  // the renderer
    bool host_down_ = false, captured_ = false, full_screen_ = false, redraw_ = true;
};

}  // namespace

std::unique_ptr<Display> make_sdl_display(const Options& options, StepRate rate) { return std::make_unique<SdlDisplay>(options, rate); }

}  // namespace retrace
