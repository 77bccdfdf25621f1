// What graphics programs paint, by facts of the picture that do not depend on when it is taken.
#include <algorithm>
#include <bit>

#include "tests/boot/boot.hpp"
#include "tests/support/png_image.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace::test;
using retrace::u32;

namespace {

using Words = std::vector<std::string>;

// Boots, does what the words say, and takes a picture. Empty if there is no such guest.
std::optional<PngImage> picture(const std::string& guest, Words words, const char* speed = "386dx-33") {
    const TemporaryFolder folder;
    const auto file = (folder.path / "picture.png").string();
    words.insert(words.begin(), {"--speed", speed});
    words.insert(words.end(), {"--screenshot", file});
    const auto outcome = boot(guest, words);
    if (!outcome) return std::nullopt;
    INFO(guest << "\n" << outcome->err);
    REQUIRE(outcome->exit_code == 0);
    return read_png(file);
}

std::optional<PngImage> program(const std::string& folder, const std::string& name, Words then, const char* speed = "386dx-33") {
    Words words{"--expect", "A:\\>"};
    if (!folder.empty()) words.insert(words.end(), {"--type", "cd " + folder + "\\n", "--expect", ">"});
    words.insert(words.end(), {"--type", name + "\\n"});
    words.insert(words.end(), then.begin(), then.end());
    return picture("freedos722.img", words, speed);
}

bool is_mode_13h(const PngImage& image) { return image.width == 320 && image.height == 200; }
bool black(u32 colour) { return colour == 0; }
bool pinkish(u32 c) { return red(c) > 200 && green(c) < 160 && blue(c) > 100; }
bool bluish(u32 c) { return blue(c) > 200 && red(c) <= 220 && red(c) == green(c); }

}  // namespace

TEST_CASE("SIERPI~1 paints Sierpinski's triangle, and nothing else") {
    const auto image = program("", "SIERPI~1", {"--wait", "2"});
    if (!image) return;
    REQUIRE(is_mode_13h(*image));
    CHECK(image->colours() == std::set<u32>{0x000000, 0xffffff});
    // From the second row on: a pixel for each odd binomial coefficient of row n, 2 to the number of ones in n.
    for (unsigned n = 0; n < 128; ++n) {
        INFO("row " << n);
        CHECK(image->count(0, n + 1, 320, n + 2, [](u32 c) { return c == 0xffffff; }) == 1u << std::popcount(n));
    }
    CHECK(image->count(0, 129, 320, 200, [](u32 c) { return c != 0; }) == 0);
}

TEST_CASE("MANDEL~1 paints a black set with a rainbow's edge in a pink field") {
    const auto image = program("demos", "MANDEL~1", {"--wait", "20"});
    if (!image) return;
    REQUIRE(is_mode_13h(*image));
    CHECK(image->count(pinkish) > 320 * 200 / 3);
    CHECK(image->count(250, 60, 320, 140, black) > 2000);
    CHECK(image->count(180, 60, 230, 140, black) < 800);
    CHECK(image->colours().size() > 20);
}

TEST_CASE("the 256-byte demos paint with palettes of their own") {
    struct Demo { const char *name, *wait; std::size_t colours; bool (*of_it)(u32); unsigned at_least; };
    const Demo demos[] = {
        {"when", "8", 8, bluish, 30'000},
        {"misplace", "8", 20, [](u32 c) { return c != 0; }, 6'000},
        {"LL", "8", 30, [](u32 c) { return green(c) == blue(c) && green(c) >= red(c) && green(c) > 0; }, 30'000},
        {"lebhaft", "12", 25, [](u32 c) { return std::max({red(c), green(c), blue(c)}) > 200; }, 40'000},
        {"knead", "8", 40, [](u32 c) { return c != 0 && c != 0xffffff; }, 25'000},
        {"dawn", "8", 20, [](u32 c) { return red(c) > green(c) && green(c) > blue(c); }, 10'000},
        {"cluster", "8", 20, [](u32 c) { return c != 0; }, 15'000},
    };
    for (const auto& demo : demos) {
        const auto image = program("demos", demo.name, {"--wait", demo.wait});
        if (!image) return;
        INFO(demo.name << ": " << image->colours().size() << " colours, " << image->count(demo.of_it) << " pixels");
        CHECK(is_mode_13h(*image));
        CHECK(image->colours().size() >= demo.colours);
        CHECK(image->count(demo.of_it) >= demo.at_least);
    }
}

TEST_CASE("Invaders: a yellow title, rows of invaders, four red shields") {
    const auto image = program("games", "invaders", {"--wait", "2", "--key", "space", "--wait", "2"});
    if (!image) return;
    REQUIRE(is_mode_13h(*image));
    CHECK(image->count(60, 0, 260, 32, [](u32 c) { return red(c) > 200 && green(c) > 200 && blue(c) < 100; }) > 800);
    // Shields: four separate runs of red columns in their band.
    unsigned runs = 0;
    bool in_run = false;
    for (unsigned x = 0; x < 320; ++x) {
        const bool shield = image->count(x, 125, x + 1, 145, [](u32 c) { return red(c) > 200 && green(c) < 120 && blue(c) < 120; }) > 5;
        runs += shield && !in_run ? 1 : 0;
        in_run = shield;
    }
    CHECK(runs == 4);
    // Five rows of invaders in green, cyan and magenta, with gaps between.
    unsigned rows = 0;
    bool in_row = false;
    for (unsigned y = 50; y < 110; ++y) {
        const bool row = image->count(40, y, 280, y + 1, [](u32 c) { return c != 0; }) > 20;
        rows += row && !in_row ? 1 : 0;
        in_row = row;
    }
    CHECK(rows == 5);
}

TEST_CASE("Snake: a corridor between two walls, a map and the score beside it") {
    const auto image = program("games", "snake", {"--wait", "3"});
    if (!image) return;
    REQUIRE(is_mode_13h(*image));
    CHECK(image->count(4, 60, 256, 140, [](u32 c) { return c != 0; }) > 2'500);
    CHECK(image->count(264, 110, 320, 140, [](u32 c) { return grey(c) && c != 0; }) > 60);
    CHECK(image->count(262, 0, 316, 56, [](u32 c) { return c != 0; }) > 100);
}

TEST_CASE("Tetris of DOS plays in 40 columns, Minesweeper in EGA's 16 colours, Jumper in text") {
    if (const auto image = program("games", "tetris", {"--wait", "3"})) {
        CHECK(image->width == 360);
        CHECK(image->height == 400);
        CHECK(image->count([](u32 c) { return red(c) == 0 && green(c) == 0 && blue(c) > 100; }) > 8'000);   // the well
        CHECK(image->count(128, 0, 224, 400, [](u32 c) { return red(c) > 100 && green(c) == 0; }) > 300);   // a piece
    }
    if (const auto image = program("games", "MINESW~1", {"--expect", "GMB_MINE v1.1", "--key", "1", "--wait", "1"})) {
        CHECK(image->width == 640);
        CHECK(image->count([](u32 c) { return grey(c) && c != 0 && c != 0xffffff; }) > 8'000);               // the field
        CHECK(image->count(0, 0, 200, image->height, black) == 200 * image->height);
    }
    boots("freedos722.img", {"--speed", "386dx-33", "--expect", "A:\\>", "--type", "cd games\\nJUMPER\\n", "--expect", "Level : 01"});
}

TEST_CASE("Floppy Bird boots from an image of 17 sectors; its pipes come when space is pressed") {
    const auto is_pipe = [](u32 c) { return green(c) > 100 && red(c) < green(c) && blue(c) < 100 && red(c) < 80; };
    const auto title = picture("floppybird.img", {"--wait", "2"});
    if (!title) return;
    REQUIRE(is_mode_13h(*title));
    const auto is_sky = [](u32 c) { return red(c) < 20 && green(c) > 150 && green(c) < 190 && blue(c) > 150 && blue(c) < 190; };
    CHECK(title->count(0, 0, 320, 90, is_sky) > 24'000);
    CHECK(title->count(140, 50, 190, 90, [](u32 c) { return red(c) > 240 && green(c) > 180 && blue(c) < 100; }) > 50);
    CHECK(title->count(0, 0, 320, 60, is_pipe) == 0);
    const auto game = picture("floppybird.img", {"--wait", "2", "--key", "space", "--wait", "0.4"});
    REQUIRE(game);
    CHECK(game->count(0, 0, 320, 60, is_pipe) > 200);
}

TEST_CASE("TetrOS plays from one boot sector; cursor keys move the piece") {
    const auto left_edge = [](const PngImage& image) {
        // The piece: colour that is neither black nor the well's grey.
        unsigned left = image.width;
        for (unsigned y = 0; y < image.height; ++y)
            for (unsigned x = 0; x < left; ++x)
                if (!grey(image.at(x, y))) left = x;
        return left;
    };
    const auto before = picture("tetros.img", {"--wait", "2"});
    if (!before) return;
    REQUIRE(before->width == 360);
    CHECK(before->count([](u32 c) { return c == 0xaaaaaa; }) > 5'000);
    CHECK(left_edge(*before) < before->width);
    const auto after = picture("tetros.img", {"--wait", "2", "--key", "left", "--wait", "0.1", "--key", "left", "--wait", "0.4"});
    REQUIRE(after);
    CHECK(left_edge(*after) < left_edge(*before));
}
