// How fast a card decodes and encodes, without cameras and servers: the engine's own classes on threads of their own.
//
//   card_rates decode CLIP DECODERS SECONDS   prints pictures a second of all decoders, each on a thread
//   card_rates encode CLIP WORKERS SECONDS    prints milliseconds a JPEG: elapsed time by pictures, then the mean of
//   each
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cuda/device_frame.h"
#include "cuda/driver_api.h"
#include "cuda/gpu.h"
#include "engine_error.h"

namespace framewell {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kQuality = 80;

struct Clip {
  AVCodecID codec = AV_CODEC_ID_NONE;
  std::vector<AccessUnitPtr> units;
};

AccessUnitPtr ToUnit(const AVPacket& packet, int64_t sequence) {
  auto unit = std::make_shared<AccessUnit>();
  unit->sequence = sequence;
  unit->keyframe = packet.flags & AV_PKT_FLAG_KEY;
  unit->pts_us = sequence * 40'000;
  unit->bytes.Append({packet.data, static_cast<size_t>(packet.size)});
  unit->bytes.Seal();
  return unit;
}

Clip Load(const char* path) {
  AVFormatContext* opened = nullptr;
  if (const int error = avformat_open_input(&opened, path, nullptr, nullptr); error < 0) {
    throw EngineError("ERR_BAD_PARAMETER", std::string(path) + ": " + AvErrorText(error));
  }
  const AvFormatInputPtr format(opened);
  avformat_find_stream_info(opened, nullptr);
  Clip clip;
  clip.codec = opened->streams[0]->codecpar->codec_id;
  const AvPacketPtr packet(av_packet_alloc());
  while (av_read_frame(opened, packet.get()) >= 0) {
    clip.units.push_back(ToUnit(*packet, static_cast<int64_t>(clip.units.size()) + 1));
    av_packet_unref(packet.get());
  }
  return clip;
}

std::shared_ptr<Gpu> FirstGpu() {
  const DriverReport& driver = Driver();
  if (!driver.api) throw EngineError("ERR_GPU_UNAVAILABLE", driver.reason);
  return std::make_shared<Gpu>(driver.api, 0);
}

// Runs `work` on this many threads until the time is over; rethrows the first failure.
template <typename Work>
std::chrono::duration<double> RunFor(int threads, double seconds, Work work) {
  std::mutex mutex;
  std::exception_ptr failure;
  std::vector<std::thread> running;
  running.reserve(threads);
  const Clock::time_point start = Clock::now();
  const auto deadline = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      try {
        work(deadline);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  if (failure) std::rethrow_exception(failure);
  return Clock::now() - start;
}

void Decode(const Clip& clip, int decoders, double seconds) {
  const std::shared_ptr<Gpu> gpu = FirstGpu();
  std::atomic<uint64_t> pictures = 0;
  const auto elapsed = RunFor(decoders, seconds, [&](Clock::time_point deadline) {
    const auto decoder = gpu->OpenDecoder(clip.codec);
    while (Clock::now() < deadline) {
      for (const AccessUnitPtr& unit : clip.units) {
        pictures += decoder->Decode(unit, VideoDecoder::Effort::kEvery).pictures.size();
        if (Clock::now() >= deadline) break;
      }
      pictures += decoder->Drain().pictures.size();
    }
  });
  std::printf("%.1f\n", static_cast<double>(pictures) / elapsed.count());
}

void Encode(const Clip& clip, int workers, double seconds) {
  const std::shared_ptr<Gpu> gpu = FirstGpu();
  const auto decoder = gpu->OpenDecoder(clip.codec);
  DecodeResult result = decoder->Decode(clip.units.at(0), VideoDecoder::Effort::kEvery);
  if (result.pictures.empty()) result = decoder->Drain();
  const PicturePtr picture = result.pictures.at(0);
  std::atomic<uint64_t> pictures = 0;
  const auto elapsed = RunFor(workers, seconds, [&](Clock::time_point deadline) {
    while (Clock::now() < deadline) {
      gpu->Encode(*picture->device, {.quality = kQuality});
      ++pictures;
    }
  });
  const GpuStatus status = gpu->status();
  if (status.encodes_on_cpu > 0) throw EngineError("ERR_ENCODE_FAILED", status.encode_failure);
  const double each_ms = elapsed.count() * 1e3 / static_cast<double>(pictures);
  std::printf("%.4f %.4f\n", each_ms, each_ms * workers);
}

}  // namespace
}  // namespace framewell

int main(int count, char** arguments) {
  if (count != 5) {
    std::fprintf(stderr, "Usage: card_rates decode|encode CLIP THREADS SECONDS\n");
    return 2;
  }
  const std::string what = arguments[1];
  const int threads = std::atoi(arguments[3]);
  const double seconds = std::atof(arguments[4]);
  try {
    const framewell::Clip clip = framewell::Load(arguments[2]);
    if (what == "decode") {
      framewell::Decode(clip, threads, seconds);
    } else {
      framewell::Encode(clip, threads, seconds);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
