#include "session/engine.h"

#include <algorithm>
#include <utility>

#include "decode/software_decoder.h"

namespace framewell {

std::shared_ptr<CameraSession> Engine::OpenSession(SessionOptions options, SessionObserver observer,
                                                   CameraReceiverOptions receiver) {
  auto session =
      CameraSession::Create(options, std::move(observer), *pool_,
                            [](const StreamFormat& format) { return std::make_unique<SoftwareDecoder>(format); });
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

void Engine::Encode(PicturePtr picture, JpegOptions options, EncodeCallback callback) {
  pool_->Post([this, picture = std::move(picture), options, callback = std::move(callback)] {
    std::unique_ptr<JpegEncoder> encoder = BorrowEncoder();
    try {
      JpegBytes jpeg = encoder->Encode(*picture->frame, options);
      callback(&jpeg, nullptr);
    } catch (const EngineError& error) {
      callback(nullptr, &error);
    } catch (const std::exception& error) {
      const EngineError failure("ERR_ENCODE_FAILED", error.what());
      callback(nullptr, &failure);
    }
    ReturnEncoder(std::move(encoder));
  });
}

void Engine::Shutdown() {
  std::vector<std::shared_ptr<CameraSession>> sessions;
  {
    const std::lock_guard lock(mutex_);
    sessions.swap(sessions_);
  }
  for (const auto& session : sessions) session->RequestStop();
  for (const auto& session : sessions) session->Join();
  pool_.reset();
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
