// Cameras on a card that fails: each goes on, on the card or on the CPU, and says where.
#include <doctest/doctest.h>

#include <thread>

#include "card_camera.h"

namespace framewell {
namespace {

using namespace std::chrono_literals;
using test::CardCamera;
using test::Clip;
using test::H264Clip;
using test::kSoon;
using test::NumberOf;
using test::OnCard;
using test::StandIn;
using test::StandInCard;

TEST_CASE("a camera is decoded on the card, and says so") {
  const StandIn stand_in;
  const StandInCard card;
  CardCamera camera(H264Clip(), {}, card.gpus);
  camera.Send(0, 7);
  const PicturePtr picture = camera.Picture();
  REQUIRE(picture->device);
  CHECK(NumberOf(*picture) == 7);
  CHECK(camera.session->status().engine.value().reason == "NVDEC of GPU 0");
  CHECK(card.gpus.front()->status().decoders == 1);
}

TEST_CASE("an AV1 camera is decoded on the card") {
  const StandIn stand_in;
  const StandInCard card;
  const Clip clip = test::EncodeClip({.encoder = "libaom-av1", .frames = 8, .gop = 4});
  CardCamera camera(clip, {}, card.gpus);
  camera.Send(0, 5);
  const PicturePtr picture = camera.Picture();
  REQUIRE(picture->device);
  CHECK(NumberOf(*picture) == 5);
}

// What fails once is tried again on the card, from the keyframe in the ring: nobody notices.
TEST_CASE("a card that is lost once costs no picture") {
  for (const char* fault :
       {"DecodePicture=700@5", "MapVideoFrame=719@5", "Memcpy2D=702@7", "StreamSynchronize=999@5",
        "GetDecodeStatus=4@5", "ParseVideoData=999@4", "CreateDecoder=1@1", "GetDecoderCaps=999@1",
        "DevicePrimaryCtxRetain=999@1", "ModuleLoadData=700@1", "CreateVideoParser=1@1", "StreamCreate=1@1"}) {
    CAPTURE(fault);
    StandIn stand_in(fault);
    const StandInCard card;
    CardCamera camera(H264Clip(), {}, card.gpus, kSoon);
    camera.Send(0, 7);
    CHECK(NumberOf(*camera.Picture()) == 7);
    camera.Send(8, 12);
    CHECK(NumberOf(*camera.Picture(12)) == 12);
    CHECK(OnCard(camera));
  }
}

TEST_CASE("a card that goes on failing hands its camera to the CPU, and gets it back when it works") {
  for (const char* fault : {"DecodePicture=700", "MapVideoFrame=700", "Memcpy2D=719", "CreateDecoder=2", "MemAlloc=2",
                            "DevicePrimaryCtxRetain=2", "StreamSynchronize=702", "CreateVideoParser=999"}) {
    CAPTURE(fault);
    StandIn stand_in(fault);
    const StandInCard card;
    CardCamera camera(H264Clip(), {}, card.gpus, {.tries = 3, .rest = 200ms});
    camera.Send(0, 7);
    const PicturePtr picture = camera.Picture();
    CHECK(picture->frame);
    CHECK(NumberOf(*picture) == 7);
    CHECK_FALSE(OnCard(camera));
    CHECK(camera.session->status().engine.value().reason.find("GPU 0") == 0);

    stand_in.SetFaults("");
    int number = 8;
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!OnCard(camera)) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      camera.Send(number % 40);
      CHECK(NumberOf(*camera.Picture(number)) == number % 40);
      ++number;
    }
    CHECK(camera.Picture(-1)->device);
    // Told once for each change, however many decoders were opened meanwhile.
    std::vector<std::string> told = camera.events();
    std::erase_if(told, [](const std::string& event) { return event != "on card" && event != "on CPU"; });
    if (told.front() == "on card") told.erase(told.begin());
    CHECK(told == std::vector<std::string>{"on CPU", "on card"});
  }
}

// A picture that somebody holds must not keep the card from coming back.
TEST_CASE("a lost card comes back although its pictures are held, and says that those are gone") {
  StandIn stand_in;
  const StandInCard card;
  CardCamera camera(H264Clip(), {}, card.gpus, kSoon);
  camera.Send(0, 3);
  const PicturePtr held = camera.Picture();
  stand_in.SetFaults("DecodePicture=700@1");
  camera.Send(4);
  const PicturePtr next = camera.Picture(held->sequence);
  CHECK(NumberOf(*next) == 4);
  CHECK(OnCard(camera));
  CHECK(card.gpus.front()->status().times_lost == 1);
  CHECK(card.gpus.front()->Encode(*next->device, {90}).size() > 0);
  try {
    card.gpus.front()->Encode(*held->device, {90});
    FAIL("Expected the picture to be gone");
  } catch (const EngineError& error) {
    CHECK(error.code() == "ERR_GPU_LOST");
  }
}

TEST_CASE("the picture of a moment is sought on the card, and again when that is lost meanwhile") {
  for (const char* fault : {"", "DecodePicture=700@2", "DecodePicture=700"}) {
    CAPTURE(fault);
    StandIn stand_in;
    const StandInCard card;
    CardCamera camera(H264Clip(), {.decode = {.buffer_size = 1}}, card.gpus, {.tries = 2, .rest = 10s});
    camera.Send(0, 8);
    camera.Picture();
    stand_in.SetFaults(fault);
    CHECK(NumberOf(*camera.At(3)) == 3);
    stand_in.SetFaults("");
  }
}

TEST_CASE("a stream that the card cannot decode is the CPU's from the start") {
  const StandIn stand_in("CapsUnsupported=1");
  const StandInCard card;
  CardCamera camera(H264Clip(), {}, card.gpus, kSoon);
  camera.Send(0, 15);
  CHECK(NumberOf(*camera.Picture()) == 15);
  CHECK(camera.session->status().engine.value().reason == "GPU 0 cannot decode 8-bit 4:2:0 of this codec");
}

TEST_CASE("a slow card only makes its camera late") {
  const StandIn stand_in("MapVideoFrame=late:50@3");
  const StandInCard card;
  CardCamera camera(H264Clip(), {}, card.gpus);
  camera.Send(0, 7);
  CHECK(NumberOf(*camera.Picture()) == 7);
  CHECK(OnCard(camera));
}

TEST_CASE("a camera that does not fit on the card goes to the CPU, and the others stay") {
  const StandIn stand_in;
  const StandInCard card;
  const auto context = std::make_shared<CudaContext>(card.driver.api, 0);
  // Leaves room for two cameras of this size.
  const DeviceMemory others(context, 1 << 20, (context->memory().free >> 20) - 70);
  const Clip large = test::EncodeClip({.width = 640, .height = 360, .frames = 1});
  std::vector<std::unique_ptr<CardCamera>> cameras;
  size_t on_card = 0;
  for (int i = 0; i < 5; ++i) {
    cameras.push_back(std::make_unique<CardCamera>(large, SessionOptions{}, card.gpus));
    cameras.back()->Send(0);
    CHECK(NumberOf(*cameras.back()->Picture()) == 0);
    if (OnCard(*cameras.back())) ++on_card;
  }
  CHECK(on_card > 0);
  CHECK(on_card < cameras.size());
  CHECK(card.gpus.front()->status().decoders == on_card);
  CHECK(cameras.back()->session->status().engine.value().reason.find("MiB of free memory for one more camera") !=
        std::string::npos);
}

TEST_CASE("eight cameras come and go twenty times, and leave nothing on the card") {
  const StandIn stand_in;
  const StandInCard card;
  std::vector<std::thread> sites;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    sites.emplace_back([&card, &right] {
      for (int restart = 0; restart < 20; ++restart) {
        CardCamera camera(H264Clip(), {}, card.gpus);
        camera.Send(0, 4);
        const PicturePtr picture = camera.Picture();
        if (picture->device && NumberOf(*picture) == 4) ++right;
      }
    });
  }
  for (std::thread& site : sites) site.join();
  CHECK(right == 160);
  const GpuStatus status = card.gpus.front()->status();
  CHECK(status.decoders == 0);
  CHECK(status.context_users == 0);
  CHECK(status.memory_total.value() - status.memory_free.value() == 32u << 20);
}

TEST_CASE("of two cards each gets its share") {
  // Two engines' views of the double's one device; test/stand-in/several-cards.test.ts has one with three.
  const StandIn stand_in;
  const StandInCard first;
  const StandInCard second;
  const Gpus gpus = {first.gpus.front(), second.gpus.front()};
  std::vector<std::unique_ptr<CardCamera>> cameras;
  for (int i = 0; i < 4; ++i) {
    cameras.push_back(std::make_unique<CardCamera>(H264Clip(), SessionOptions{}, gpus));
    cameras.back()->Send(0);
    cameras.back()->Picture();
  }
  CHECK(gpus[0]->decoders() == 2);
  CHECK(gpus[1]->decoders() == 2);
}

TEST_CASE("a card's status has its name, memory and sensors") {
  const StandIn stand_in;
  const StandInCard card;
  CardCamera camera(H264Clip(), {}, card.gpus);
  camera.Send(0);
  camera.Picture();
  const GpuStatus status = card.gpus.front()->status();
  CHECK(status.name == "Stand-in device 0 (test double)");
  CHECK(status.pci_bus_id == "0000:01:00.0");
  CHECK(status.driver_version == "550.00");
  CHECK(status.memory_total == size_t{1024} << 20);
  CHECK(status.decoder_utilization == 34u);
  CHECK(status.temperature == 45u);
  CHECK(status.unavailable == "");
}

}  // namespace
}  // namespace framewell
