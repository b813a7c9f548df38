// MJPEG cameras and a card: it makes the pixels of a camera's JPEG where they are wanted.
#include <doctest/doctest.h>

#include "card_camera.h"

namespace framewell {
namespace {

using test::CardCamera;
using test::Clip;
using test::H264Clip;
using test::kSoon;
using test::NumberOf;
using test::OnCard;
using test::StandIn;
using test::StandInCard;

const Clip& JpegClip() {
  static const Clip clip = test::EncodeClip({.encoder = "mjpeg", .frames = 8});
  return clip;
}

TEST_CASE("an MJPEG camera's picture stays the camera's own until its pixels are wanted, which the card makes") {
  const StandIn stand_in;
  const StandInCard card;
  CardCamera camera(JpegClip(), {}, card.gpus);
  camera.Send(0, 3);
  const PicturePtr picture = camera.Picture();
  CHECK(picture->jpeg);
  CHECK_FALSE(OnCard(camera));
  const PicturePtr opened = picture->open();
  REQUIRE(opened->device);
  CHECK(NumberOf(*opened) == 3);
  CHECK(opened->sequence == picture->sequence);
  CHECK(camera.session->status().engine.value().reason ==
        "MJPEG goes out as the camera sends it; other sizes by NVDEC of GPU 0");
  // Again, and an older one after a newer one.
  camera.Send(4);
  CHECK(NumberOf(*camera.Picture(picture->sequence)->open()) == 4);
  CHECK(NumberOf(*picture->open()) == 3);
}

// Its idle decoder holds the context too, and its camera meets no error.
TEST_CASE("an MJPEG camera does not keep a lost card from coming back") {
  StandIn stand_in;
  const StandInCard card;
  CardCamera still(JpegClip(), {}, card.gpus);
  still.Send(0);
  CHECK(still.Picture()->open()->device);
  CardCamera camera(H264Clip(), {}, card.gpus, kSoon);
  camera.Send(0, 3);
  camera.Picture();
  stand_in.SetFaults("DecodePicture=700@1");
  camera.Send(4);
  CHECK(NumberOf(*camera.Picture(3)) == 4);
  CHECK(OnCard(camera));
}

TEST_CASE("an MJPEG picture that outlives its camera is opened on the CPU") {
  const StandIn stand_in;
  const StandInCard card;
  PicturePtr picture;
  {
    CardCamera camera(JpegClip(), {}, card.gpus);
    camera.Send(0, 2);
    picture = camera.Picture();
    CHECK(picture->open()->device);
  }
  const PicturePtr opened = picture->open();
  CHECK(opened->frame);
  CHECK(NumberOf(*opened) == 2);
}

TEST_CASE("where the card cannot open a JPEG the CPU does, and it says so") {
  for (const auto& [fault, reason] :
       {std::pair{"CapsUnsupported=1", "GPU 0 cannot decode 8-bit 4:2:0 of this codec"},
        std::pair{"DecodePicture=700", "GPU 0: cuvidDecodePicture failed: stand-in error 700 (700)"}}) {
    CAPTURE(fault);
    const StandIn stand_in(fault);
    const StandInCard card;
    CardCamera camera(JpegClip(), {}, card.gpus);
    camera.Send(0, 3);
    const PicturePtr opened = camera.Picture()->open();
    CHECK(opened->frame);
    CHECK(NumberOf(*opened) == 3);
    CHECK(camera.session->status().engine.value().reason ==
          std::string("MJPEG goes out as the camera sends it; other sizes by the CPU: ") + reason);
  }
}

}  // namespace
}  // namespace framewell
