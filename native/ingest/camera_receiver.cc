#include "ingest/camera_receiver.h"

#include <utility>

namespace framewell {

CameraReceiver::CameraReceiver(CameraReceiverOptions options, IngestLoops& loops) : options_(std::move(options)) {
  if (options_.ingest == CameraReceiverOptions::Ingest::kAuto && options_.rtsp.url.scheme == "rtsp") {
    receiver_ = std::make_unique<RtspReceiver>(options_.rtsp, loops);
  }
}

CameraReceiver::~CameraReceiver() {
  if (sink_) {
    RequestStop();
    Join();
  }
}

void CameraReceiver::Start(PacketSink& sink) {
  sink_ = &sink;
  if (receiver_) return receiver_->Start(*this);
  StartLibav(options_.ingest == CameraReceiverOptions::Ingest::kLibav ? "CAMERA_INGEST_n asks for libavformat"
                                                                      : "rtsps:// needs TLS");
}

void CameraReceiver::RequestStop() noexcept {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  if (libav_) {
    libav_->RequestStop();
  } else if (receiver_) {
    receiver_->RequestStop();
  }
}

void CameraReceiver::Join() noexcept {
  if (receiver_) receiver_->Join();
  // After the receiver's last call nobody sets libav_ any more.
  if (libav_) libav_->Join();
}

SourceStatus CameraReceiver::status() const {
  const std::lock_guard lock(mutex_);
  if (!libav_) return receiver_->status();
  SourceStatus status = libav_->status();
  status.reason = reason_;
  return status;
}

void CameraReceiver::OnEnded(const EngineError& cause) noexcept {
  if (cause.code() != RtspConnection::kDeclined) return sink_->OnEnded(cause);
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
    if (!stopping) StartLibav(cause.what());
  }
  if (stopping) sink_->OnEnded(EngineError("ERR_STREAM_STOPPED", "The stream was stopped"));
}

// Needs mutex_ once the receiver runs.
void CameraReceiver::StartLibav(std::string reason) {
  reason_ = std::move(reason);
  libav_ = std::make_unique<LibavSource>(options_.libav);
  libav_->Start(*sink_);
}

}  // namespace framewell
