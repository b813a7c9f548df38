#include "session/engine.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "decode/jpeg_passthrough.h"
#include "decode/software_decoder.h"
#include "ingest/libav_watch.h"

namespace framewell {
namespace {

std::unique_ptr<VideoDecoder> MakeDecoder(const StreamFormat& format) {
  if (format->codec_id == AV_CODEC_ID_MJPEG) return std::make_unique<JpegPassthrough>();
  return std::make_unique<SoftwareDecoder>(format);
}

PicturePtr DecodeTimed(const Picture& picture, WorkMeter& meter) {
  const ScopeTimer timer(meter.decodes);
  return picture.open();
}

JpegBytes CopyJpeg(std::span<const uint8_t> jpeg) {
  JpegBytes::Buffer copy(static_cast<uint8_t*>(std::malloc(jpeg.size())));
  if (!copy) throw std::bad_alloc();
  std::copy(jpeg.begin(), jpeg.end(), copy.get());
  return JpegBytes(std::move(copy), jpeg.size());
}

}  // namespace

Engine::Engine(size_t work_threads, Gpus gpus) : gpus_(std::move(gpus)), pool_(work_threads) {
  LibavWatch::TakeOverLog();
}

std::shared_ptr<CameraSession> Engine::OpenSession(SessionOptions options, SessionObserver observer,
                                                   CameraReceiverOptions receiver, std::shared_ptr<WorkMeter> meter) {
  auto session = CameraSession::Create(options, std::move(observer), pool_,
                                       std::make_shared<GpuDecoding>(gpus_, MakeDecoder), std::move(meter));
  {
    const std::lock_guard lock(mutex_);
    sessions_.push_back(session);
  }
  session->Start(std::make_unique<CameraReceiver>(std::move(receiver), loops_));
  return session;
}

void Engine::CloseSession(const std::shared_ptr<CameraSession>& session) {
  session->Join();
  const std::lock_guard lock(mutex_);
  std::erase(sessions_, session);
}

void Engine::Encode(EncodeOrder order, EncodeCallback callback) {
  pool_.Post([this, order = std::move(order), callback = std::move(callback)] {
    try {
      JpegBytes jpeg = EncodeNow(order);
      callback(&jpeg, nullptr);
    } catch (const EngineError& error) {
      callback(nullptr, &error);
    } catch (const std::exception& error) {
      const EngineError failure("ERR_ENCODE_FAILED", error.what());
      callback(nullptr, &failure);
    }
  });
}

JpegBytes Engine::EncodeOnCard(const DeviceFrame& frame, const JpegOptions& options) const {
  const auto gpu = std::find_if(gpus_.begin(), gpus_.end(),
                                [&](const std::shared_ptr<Gpu>& card) { return card->ordinal() == OrdinalOf(frame); });
  if (gpu == gpus_.end()) throw EngineError("ERR_ENCODE_FAILED", "Expected a picture of this engine's cards");
  return (*gpu)->Encode(frame, options);
}

JpegBytes Engine::EncodeOnCpu(const AVFrame& frame, const JpegOptions& options) {
  std::unique_ptr<JpegEncoder> encoder = BorrowEncoder();
  JpegBytes jpeg = encoder->Encode(frame, options);
  // Not after an error: what state the encoder is in then is nobody's business.
  ReturnEncoder(std::move(encoder));
  return jpeg;
}

std::vector<GpuStatus> Engine::GpuStatuses() const {
  std::vector<GpuStatus> statuses;
  statuses.reserve(gpus_.size());
  for (const std::shared_ptr<Gpu>& gpu : gpus_) statuses.push_back(gpu->status());
  return statuses;
}

JpegBytes Engine::EncodeNow(const EncodeOrder& order) {
  const Picture& picture = *order.picture;
  if (picture.jpeg && order.as_received) return CopyJpeg(picture.jpeg->bytes.data());
  const PicturePtr decoded = picture.jpeg ? DecodeTimed(picture, *order.meter) : nullptr;
  const ScopeTimer timer(order.meter->encodes);
  const Picture& pixels = decoded ? *decoded : picture;
  if (!pixels.device) return EncodeOnCpu(*pixels.frame, order.options);
  try {
    return EncodeOnCard(*pixels.device, order.options);
  } catch (const CudaError& error) {
    if (error.failure() != CudaFailure::kLost || !picture.jpeg) throw;
    // The pixels were lost with the card, but not what they were made of.
    return EncodeOnCpu(*DecodeJpeg(picture.jpeg)->frame, order.options);
  }
}

void Engine::Shutdown() {
  std::vector<std::shared_ptr<CameraSession>> sessions;
  {
    const std::lock_guard lock(mutex_);
    sessions.swap(sessions_);
  }
  for (const auto& session : sessions) session->RequestStop();
  for (const auto& session : sessions) session->Join();
  pool_.Close();
}

std::unique_ptr<JpegEncoder> Engine::BorrowEncoder() {
  const std::lock_guard lock(mutex_);
  if (idle_encoders_.empty()) return std::make_unique<JpegEncoder>();
  std::unique_ptr<JpegEncoder> encoder = std::move(idle_encoders_.back());
  idle_encoders_.pop_back();
  return encoder;
}

void Engine::ReturnEncoder(std::unique_ptr<JpegEncoder> encoder) {
  const std::lock_guard lock(mutex_);
  idle_encoders_.push_back(std::move(encoder));
}

}  // namespace framewell
