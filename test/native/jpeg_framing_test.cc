#include <doctest/doctest.h>

#include "jpeg/framing.h"

namespace framewell {
namespace {

JpegOptions InBox(int width, int height, Fit fit) {
  return {.quality = 80, .max_width = width, .max_height = height, .fit = fit};
}

Framing Frame(PictureSize samples, PictureSize display, const JpegOptions& options) {
  return ChooseFraming(samples, display, options);
}

void Check(const Framing& framing, const SampleRegion& region, PictureSize target) {
  CHECK(framing.region.left == doctest::Approx(region.left));
  CHECK(framing.region.top == doctest::Approx(region.top));
  CHECK(framing.region.width == doctest::Approx(region.width));
  CHECK(framing.region.height == doctest::Approx(region.height));
  CHECK(framing.target.width == target.width);
  CHECK(framing.target.height == target.height);
}

TEST_CASE("without wishes the whole frame becomes the picture, sample by sample") {
  const Framing framing = Frame({1280, 720}, {1280, 720}, {.quality = 80});
  Check(framing, {0, 0, 1280, 720}, {1280, 720});
  CHECK(framing.IsUnscaled());
}

TEST_CASE("a crop comes before the box") {
  JpegOptions options = InBox(100, 100, Fit::kInside);
  options.crop = CropRectangle{101, 51, 400, 200};
  Check(Frame({1280, 720}, {1280, 720}, options), {101, 51, 400, 200}, {100, 50});
  options.max_width = options.max_height = 4000;
  Check(Frame({1280, 720}, {1280, 720}, options), {101, 51, 400, 200}, {400, 200});
}

TEST_CASE("a crop is in pixels as they are shown, not in samples") {
  JpegOptions options = {.quality = 80};
  options.crop = CropRectangle{300, 100, 600, 200};
  Check(Frame({720, 576}, {1440, 576}, options), {150, 100, 300, 200}, {600, 200});
  Check(Frame({720, 288}, {720, 576}, {.quality = 80, .crop = CropRectangle{10, 100, 20, 30}}), {10, 50, 20, 15},
        {20, 30});
}

TEST_CASE("what of a crop lies outside of the frame is left out") {
  Check(Frame({64, 48}, {64, 48}, {.quality = 80, .crop = CropRectangle{60, 40, 100, 100}}), {60, 40, 4, 8}, {4, 8});
  Check(Frame({64, 48}, {64, 48}, {.quality = 80, .crop = CropRectangle{100, 100, 10, 10}}), {63, 47, 1, 1}, {1, 1});
}

TEST_CASE("cover fills the box and cuts the overhang off evenly") {
  Check(Frame({1280, 720}, {1280, 720}, InBox(360, 360, Fit::kCover)), {280, 0, 720, 720}, {360, 360});
  Check(Frame({1000, 1000}, {1000, 1000}, InBox(160, 90, Fit::kCover)), {0, 218.75, 1000, 562.5}, {160, 90});
  // Samples twice as wide as high.
  Check(Frame({640, 720}, {1280, 720}, InBox(360, 360, Fit::kCover)), {140, 0, 360, 720}, {360, 360});
}

TEST_CASE("cover never enlarges: a larger box keeps its proportions only") {
  const Framing framing = Frame({640, 480}, {640, 480}, InBox(1280, 720, Fit::kCover));
  Check(framing, {0, 60, 640, 360}, {640, 360});
  CHECK(framing.IsUnscaled());
  Check(Frame({640, 480}, {640, 480}, InBox(4000, 4000, Fit::kCover)), {80, 0, 480, 480}, {480, 480});
  // The overhang of 6 rows would be cut off evenly at an odd row.
  Check(Frame({64, 48}, {64, 48}, InBox(64, 42, Fit::kCover)), {0, 2, 64, 42}, {64, 42});
  Check(Frame({8, 8}, {8, 8}, InBox(4000, 1, Fit::kCover)), {0, 2, 8, 1}, {8, 1});
}

TEST_CASE("cover of a box with one side is a bound") {
  Check(Frame({1280, 720}, {1280, 720}, InBox(320, 0, Fit::kCover)), {0, 0, 1280, 720}, {320, 180});
}

TEST_CASE("cover comes after the crop") {
  JpegOptions options = InBox(50, 50, Fit::kCover);
  options.crop = CropRectangle{10, 20, 400, 100};
  Check(Frame({1280, 720}, {1280, 720}, options), {160, 20, 100, 100}, {50, 50});
}

}  // namespace
}  // namespace framewell
