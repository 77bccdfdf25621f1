#include "frontend/png.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <png.h>
#include <unistd.h>

#include "core/base/ensure.hpp"

using namespace retrace;

namespace {

std::string scratch_file(const std::string& name) {
    return (std::filesystem::temp_directory_path() / (name + "." + std::to_string(getpid()) + ".png")).string();
}

const Frame frame{.width = 3, .height = 2, .pixel_aspect_x = 1, .pixel_aspect_y = 1, .pixels = {0x123456, 0xff0000, 0x00ff00, 0x0000ff, 0x000000, 0xffffff}};

}  // namespace

TEST_CASE("a screenshot is a PNG with the frame's very pixels") {
    const std::string path = scratch_file("pixels");
    write_png(path, frame);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    REQUIRE(png_image_begin_read_from_file(&image, path.c_str()));
    CHECK(image.width == 3);
    CHECK(image.height == 2);
    image.format = PNG_FORMAT_RGB;
    std::vector<u8> rgb(18);
    REQUIRE(png_image_finish_read(&image, nullptr, rgb.data(), 0, nullptr));
    CHECK(rgb == std::vector<u8>{0x12, 0x34, 0x56, 0xff, 0, 0, 0, 0xff, 0, 0, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff});
    std::filesystem::remove(path);
}

TEST_CASE("a screenshot that cannot be written is one sentence that names the file") {
    const std::string path = "/nowhere at all/shot.png";
    try {
        write_png(path, frame);
        FAIL("it was written");
    } catch (const HostError& error) {
        CHECK(std::string{error.what()}.find(path) != std::string::npos);
    }
    CHECK_THROWS_AS(write_png(scratch_file("empty"), Frame{}), HostError);
    CHECK_FALSE(std::filesystem::exists(scratch_file("empty")));
}
