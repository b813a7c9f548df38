// The receivers against real servers: scripts/run-native-tests.mjs starts the simulator and names its cameras.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "ingest/camera_receiver.h"

namespace framewell {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> CameraUrls() {
  const char* urls = std::getenv("FRAMEWELL_TEST_CAMERAS");
  REQUIRE_MESSAGE(urls, "Run by scripts/run-native-tests.mjs, which starts the cameras");
  std::istringstream words(urls);
  return {std::istream_iterator<std::string>(words), {}};
}

CameraReceiverOptions Options(const std::string& url, const char* transport = "tcp") {
  CameraReceiverOptions options;
  options.libav.url = *RtspUrl::Parse(url);
  options.libav.transport = transport;
  options.rtsp.url = *RtspUrl::Parse(url);
  options.rtsp.transport = std::string(transport) == "udp" ? RtspTransport::kUdp : RtspTransport::kTcp;
  return options;
}

class CountingSink final : public PacketSink {
 public:
  void OnConnected(StreamFormat) override { connected = true; }
  void OnAccessUnit(ReceivedUnit unit) override {
    // Times never run backwards, and every unit has bytes.
    if (unit.bytes.empty() || unit.received_unix_us < last_received) broken = true;
    last_received = unit.received_unix_us;
    ++units;
  }
  void OnLoss(const std::string&) override { ++losses; }
  void OnEnded(const EngineError& cause) noexcept override {
    const std::lock_guard lock(mutex);
    ended = cause.code();
  }
  std::string Ended() {
    const std::lock_guard lock(mutex);
    return ended;
  }

  std::atomic<bool> connected{false};
  std::atomic<bool> broken{false};
  std::atomic<int> units{0};
  std::atomic<int> losses{0};

 private:
  std::mutex mutex;
  std::string ended;
  int64_t last_received = 0;
};

template <typename Condition>
bool Within(std::chrono::milliseconds timeout, Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

TEST_CASE("both receivers give units over TCP and UDP, and end when asked") {
  IngestLoops loops;
  const std::string url = CameraUrls().front();
  for (const auto ingest : {CameraReceiverOptions::Ingest::kAuto, CameraReceiverOptions::Ingest::kLibav}) {
    for (const char* transport : {"tcp", "udp"}) {
      CAPTURE(transport);
      CameraReceiverOptions options = Options(url, transport);
      options.ingest = ingest;
      CountingSink sink;
      CameraReceiver receiver(options, loops);
      receiver.Start(sink);
      CHECK(Within(10s, [&] { return sink.units >= 5; }));
      CHECK(receiver.status().ingest == (ingest == CameraReceiverOptions::Ingest::kAuto ? "rtsp" : "libav"));
      receiver.RequestStop();
      receiver.Join();
      CHECK(sink.Ended() == "ERR_STREAM_STOPPED");
      CHECK_FALSE(sink.broken);
    }
  }
}

TEST_CASE("nobody listens: the cause says so") {
  IngestLoops loops;
  CountingSink sink;
  CameraReceiver receiver(Options("rtsp://127.0.0.1:1/"), loops);
  receiver.Start(sink);
  CHECK(Within(5s, [&] { return !sink.Ended().empty(); }));
  CHECK(sink.Ended() == "ERR_RTSP_REFUSED");
}

TEST_CASE("a host name without an address: the cause says so") {
  IngestLoops loops;
  CountingSink sink;
  CameraReceiver receiver(Options("rtsp://camera.invalid/"), loops);
  receiver.Start(sink);
  CHECK(Within(10s, [&] { return !sink.Ended().empty(); }));
  CHECK(sink.Ended() == "ERR_RTSP_DNS");
}

TEST_CASE("64 cameras on one loop, stopped and started at random moments") {
  IngestLoops loops;
  const std::vector<std::string> urls = CameraUrls();
  REQUIRE(urls.size() == 64);
  struct Camera {
    CountingSink sink;
    std::unique_ptr<CameraReceiver> receiver;
  };
  std::vector<std::unique_ptr<Camera>> cameras(urls.size());
  const auto start = [&](size_t i) {
    cameras[i] = std::make_unique<Camera>();
    cameras[i]->receiver = std::make_unique<CameraReceiver>(Options(urls[i]), loops);
    cameras[i]->receiver->Start(cameras[i]->sink);
  };
  for (size_t i = 0; i < urls.size(); ++i) start(i);

  std::mt19937 random(20'26);
  for (int round = 0; round < 200; ++round) {
    const size_t i = random() % urls.size();
    // From just begun to long live.
    if (round % 4 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));
    cameras[i]->receiver->RequestStop();
    if (round % 2) cameras[i]->receiver->Join();
    cameras[i].reset();  // The destructor joins.
    start(i);
  }
  for (const auto& camera : cameras) {
    CHECK(Within(20s, [&] { return camera->sink.units >= 3; }));
    CHECK_FALSE(camera->sink.broken);
  }
  // All flags first, then all joins: as the engine does at exit.
  for (const auto& camera : cameras) camera->receiver->RequestStop();
  for (const auto& camera : cameras) camera->receiver->Join();
}

}  // namespace
}  // namespace framewell
